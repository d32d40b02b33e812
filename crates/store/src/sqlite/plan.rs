//! Settling what an event gave: its outbox row goes, its firings take their cooldowns, its deliveries are made. What users are told
//! is settled in `tell`.

use serde_json::Map;
use tidings_core::{EventId, Timestamp};

use super::{
    counters::one_less,
    delivery::Making,
    error::Failure,
    ids::Kind,
    judged::Gathered,
    keys,
    log::{Line, object},
    row::{Cell, Reference},
    schema::Table,
    tell::{self, Telling},
    work::Work,
};
use crate::model::{
    Admission, FiringClaim, NewEntry, RuleBatch, RuleOutcome, RulePlan, StateRow, Step, UserBatch, UserOutcome, detail,
};

/// A batch, encoded.
#[derive(Debug)]
pub(crate) struct Batch {
    plans: Vec<Planning>,
    states: Vec<StateRow>,
}

#[derive(Debug)]
struct Planning {
    event: EventId,
    judged: Option<Timestamp>,
    firings: Vec<FiringClaim>,
    sinks: Vec<Making>,
    told: Vec<(Option<usize>, Telling)>,
    trace: Vec<Traced>,
}

/// What users are told by no event, encoded.
#[derive(Debug)]
pub(crate) struct Direct {
    plans: Vec<Telling>,
    trace: Vec<Traced>,
}

impl Direct {
    pub(crate) fn of(batch: &UserBatch) -> Self {
        let trace = batch.trace.iter().map(traced).collect();
        Self { plans: batch.plans.iter().map(Telling::of).collect(), trace }
    }
}

/// An entry with its values as they are kept.
pub(crate) type Traced = (NewEntry, Option<String>);

pub(crate) fn traced(entry: &NewEntry) -> Traced {
    let plain = NewEntry { detail: Map::new(), ..entry.clone() };
    (plain, object(&entry.detail))
}

impl Batch {
    pub(crate) fn of(batch: &RuleBatch) -> Self {
        Self { plans: batch.plans.iter().map(Planning::of).collect(), states: batch.states.clone() }
    }
}

impl Planning {
    fn of(plan: &RulePlan) -> Self {
        Self {
            event: plan.event,
            judged: plan.judged,
            firings: plan.firings.clone(),
            sinks: plan.sinks.iter().map(Making::of).collect(),
            told: plan.told.iter().map(|handed| (handed.claim, Telling::of(&handed.plan))).collect(),
            trace: plan.trace.iter().map(traced).collect(),
        }
    }
}

/// Whether what hangs on a claim stands.
fn stands(fires: &[Admission], claim: Option<usize>) -> bool {
    claim.is_none_or(|place| fires.get(place) == Some(&Admission::Granted))
}

pub(crate) fn plan_rule(work: &mut Work, batch: &Batch, now: Timestamp) -> Result<Vec<RuleOutcome>, Failure> {
    work.see(now);
    let mut seen = Gathered::default();
    let outcomes = batch.plans.iter().map(|plan| settle(work, plan, &mut seen, now)).collect::<Result<_, _>>()?;
    seen.write(work)?;
    for row in &batch.states {
        put_state(work, row, now)?;
    }
    Ok(outcomes)
}

fn settle(work: &mut Work, plan: &Planning, seen: &mut Gathered, now: Timestamp) -> Result<RuleOutcome, Failure> {
    let numbers = work.numbers(Kind::Event, *plan.event.as_bytes())?;
    if numbers.is_empty() {
        // Time alone gave it: there is no outbox row, and each of its rows is made once by its own key.
        return carry_out(work, plan, Reference::Id(*plan.event.as_bytes()), now);
    }
    for number in numbers.into_iter().rev() {
        if work.delete(Table::Outbox, number)? {
            one_less(&mut work.counters.census.waiting, "events that wait");
            plan.judged.into_iter().for_each(|judged| seen.add(number, judged));
            return carry_out(work, plan, Reference::Number(number), now);
        }
    }
    recall(work, plan)
}

/// An event that was planned before: answers what is still known of it, and changes nothing.
fn recall(work: &mut Work, plan: &Planning) -> Result<RuleOutcome, Failure> {
    let fires: Vec<_> =
        plan.firings.iter().map(|claim| keys::peek_cooldown(work, claim, plan.event)).collect::<Result<_, _>>()?;
    let mut told = Vec::with_capacity(plan.told.len());
    for (claim, telling) in &plan.told {
        told.push(match stands(&fires, *claim) {
            true => tell::recall(work, telling)?,
            false => UserOutcome::Overruled,
        });
    }
    Ok(RuleOutcome { fires, told, ..RuleOutcome::default() })
}

fn carry_out(work: &mut Work, plan: &Planning, event: Reference, now: Timestamp) -> Result<RuleOutcome, Failure> {
    let fires: Vec<_> =
        plan.firings.iter().map(|claim| keys::take_cooldown(work, claim, plan.event, now)).collect::<Result<_, _>>()?;
    for entry in plan.trace.iter().filter(|(entry, _)| stands(&fires, entry.claim)) {
        log_traced(work, entry, event, now)?;
    }
    for (claim, admission) in plan.firings.iter().zip(&fires) {
        if let Admission::Cooling { since } = admission {
            log_cooldown(work, claim, (event, *since), now)?;
        }
    }
    let mut known = Vec::new();
    for making in &plan.sinks {
        if !work.make(making, now)? {
            known.push(making.new.id);
        }
    }
    let mut told = Vec::with_capacity(plan.told.len());
    for (claim, telling) in &plan.told {
        told.push(match stands(&fires, *claim) {
            true if tell::is_known(work, telling)? => UserOutcome::Known,
            true => tell::plan_user(work, telling, now)?,
            false => UserOutcome::Overruled,
        });
    }
    Ok(RuleOutcome { fires, told, known, shed: Vec::new() })
}

/// Settles what users are told by no event.
pub(crate) fn plan_user(work: &mut Work, batch: &Direct, now: Timestamp) -> Result<Vec<UserOutcome>, Failure> {
    work.see(now);
    batch.trace.iter().try_for_each(|entry| log_traced(work, entry, Reference::None, now))?;
    batch.plans.iter().map(|telling| tell::plan_user(work, telling, now)).collect()
}

/// Writes an entry; of an event's plan it is that event's.
pub(crate) fn log_traced(
    work: &mut Work,
    (entry, detail): &Traced,
    event: Reference,
    now: Timestamp,
) -> Result<(), Failure> {
    let of_plan = !matches!(event, Reference::None);
    let line = Line {
        event: if of_plan { event } else { work.event_reference(entry.event)? },
        detail: detail.clone(),
        delivery: entry.delivery,
        endpoint: work.optional_name(entry.endpoint.as_deref())?,
        notification: work.notification_reference(entry.notification)?,
        rule: work.optional_name(entry.rule.as_deref())?,
        agent: work.optional_name(entry.agent.as_deref())?,
        user: work.optional_name(entry.user.as_deref())?,
        ..Line::default()
    };
    work.log(now.as_nanos(), entry.step, &line)
}

fn log_cooldown(
    work: &mut Work,
    claim: &FiringClaim,
    (event, since): (Reference, Timestamp),
    now: Timestamp,
) -> Result<(), Failure> {
    let rule = Some(work.name(&claim.rule)?);
    let agent = work.optional_name(Some(&*claim.agent).filter(|agent| !agent.is_empty()))?;
    let line = Line { event, rule, agent, ..Line::default() };
    work.log(now.as_nanos(), Step::Cooldown, &line.with(&detail::since(since)))
}

/// Keeps how far a rule is; an empty state goes.
fn put_state(work: &mut Work, row: &StateRow, now: Timestamp) -> Result<(), Failure> {
    let sql = "SELECT number,rule,key,state,shift,written,crc FROM rule_state WHERE rule=? AND key=?";
    let found = work.scan((Table::State, sql), (&*row.rule, &*row.key), |row| row.integer(0))?;
    let place = found.first().copied();
    match (row.state.is_empty(), place) {
        (true, None) => Ok(()),
        (true, Some(number)) => work.delete(Table::State, number).map(drop),
        (false, place) => {
            let shift = work.counters.shift;
            keys::put(work, Table::State, place, |number| {
                let (rule, key) = (Cell::Text(&row.rule), Cell::Text(&row.key));
                vec![number.into(), rule, key, Cell::Blob(&row.state), shift.into(), now.as_nanos().into()]
            })
        }
    }
}
