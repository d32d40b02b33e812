//! All that the store in memory holds, and how events and plans change it. What follows from an attempt stands in `settling`.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use tidings_core::{DeliveryId, EventId, NotificationId, Timestamp};

use super::{endpoint::Endpoint, journal::Journal, keys::Keys, remembered::Remembered};
use crate::model::{
    Acceptance, Admission, Claim, Claimed, Cooldown, Disabled, Entry, FiringClaim, KeptState, Lease, NewDelivery,
    NewEntry, Offer, Outstanding, Purged, Recovered, RuleBatch, RuleOutcome, RulePlan, Step, UserOutcome, UserPlan,
    Waiting,
};

/// When a rule fired last for an agent, and by what.
#[derive(Clone, Copy, Debug)]
struct Fired {
    at: Timestamp,
    by: EventId,
}

#[derive(Debug)]
pub(crate) struct State {
    capacity: usize,
    seen: Remembered<EventId, ()>,
    fired: Remembered<(Arc<str>, String), Fired>,
    states: BTreeMap<(String, String), Vec<u8>>,
    touched: HashSet<Arc<str>>,
    pub(super) keys: Keys,
    /// Notifications that are not settled.
    pub(super) open: HashSet<NotificationId>,
    pub(super) endpoints: HashMap<Arc<str>, Endpoint>,
    pub(super) disabled: BTreeMap<(String, Option<String>), Disabled>,
    pub(super) journal: Journal,
}

impl State {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            seen: Remembered::default(),
            fired: Remembered::default(),
            states: BTreeMap::new(),
            touched: HashSet::new(),
            keys: Keys::default(),
            open: HashSet::new(),
            endpoints: HashMap::new(),
            disabled: BTreeMap::new(),
            journal: Journal::default(),
        }
    }

    /// The endpoints that may have work by what was changed.
    pub(crate) fn take_touched(&mut self) -> HashSet<Arc<str>> {
        std::mem::take(&mut self.touched)
    }

    pub(super) fn touch(&mut self, endpoint: &Arc<str>) {
        if !self.touched.contains(endpoint) {
            self.touched.insert(Arc::clone(endpoint));
        }
    }

    pub(crate) fn take_over(&mut self, now: Timestamp) -> Recovered {
        let leases = self.endpoints.values_mut().map(|rows| rows.release(now)).sum();
        let disabled = self.disabled.values().cloned().collect();
        Recovered { leases, disabled, ..self.journal.recovered() }
    }

    pub(crate) fn accept(&mut self, offer: &Offer, now: Timestamp) -> Acceptance {
        if offer.repeatable {
            if self.seen.get(&offer.id).is_some() {
                return Acceptance::Duplicate { of: offer.id };
            }
            self.seen.put(offer.id, ());
        }
        self.journal.add_event(offer, now);
        Acceptance::Accepted
    }

    pub(crate) fn plan_rule(&mut self, batch: &RuleBatch, now: Timestamp) -> Vec<RuleOutcome> {
        let outcomes = batch.plans.iter().map(|plan| self.settle_rule(plan, now)).collect();
        for row in &batch.states {
            let key = (row.rule.clone(), row.key.clone());
            match row.state.is_empty() {
                true => drop(self.states.remove(&key)),
                false => drop(self.states.insert(key, row.state.clone())),
            }
        }
        outcomes
    }

    fn settle_rule(&mut self, plan: &RulePlan, now: Timestamp) -> RuleOutcome {
        self.journal.planned(plan.event);
        let fires: Vec<_> = plan.firings.iter().map(|claim| self.admit(claim, plan.event)).collect();
        let granted = |claim: Option<usize>| claim.is_none_or(|place| fires.get(place) == Some(&Admission::Granted));
        for entry in plan.trace.iter().filter(|entry| granted(entry.claim)) {
            self.journal.write(logged(entry, Some(plan.event), now));
        }
        self.log_cooldowns(plan, &fires, now);
        let mut shed = Vec::new();
        for row in &plan.sinks {
            shed.extend(self.add(row.clone(), self.capacity, now));
        }
        let mut told = Vec::with_capacity(plan.told.len());
        for handed in &plan.told {
            told.push(if granted(handed.claim) { self.plan_user(&handed.plan, now) } else { UserOutcome::Overruled });
        }
        RuleOutcome { fires, told, shed }
    }

    /// Takes the cooldown for a firing unless somebody else holds it.
    fn admit(&mut self, claim: &FiringClaim, by: EventId) -> Admission {
        let key = (Arc::clone(&claim.rule), claim.agent.clone());
        if let Some(last) = self.fired.get(&key)
            && last.by != by
            && claim.at >= last.at
            && claim.at.since(last.at) < claim.cooldown
        {
            return Admission::Cooling { since: last.at };
        }
        self.fired.put(key, Fired { at: claim.at, by });
        Admission::Granted
    }

    fn log_cooldowns(&mut self, plan: &RulePlan, fires: &[Admission], now: Timestamp) {
        for (claim, admission) in plan.firings.iter().zip(fires) {
            if let Admission::Cooling { since } = admission {
                let detail = [("since".to_owned(), since.as_secs_f64().into())].into_iter().collect();
                let rule = Some(claim.rule.to_string());
                let agent = Some(claim.agent.clone()).filter(|agent| !agent.is_empty());
                self.journal.write(Entry {
                    event: Some(plan.event),
                    rule,
                    agent,
                    detail,
                    ..entry(Step::Cooldown, now)
                });
            }
        }
    }

    pub(crate) fn plan_user(&mut self, plan: &UserPlan, now: Timestamp) -> UserOutcome {
        let id = plan.notification.notification_id;
        let outcome = self.keys.tell(plan);
        let again = self.journal.knows(id);
        if outcome == UserOutcome::Planned && !again {
            for delivery in &plan.deliveries {
                // What a person should be told is never shed: cooldown and dedup bound it.
                self.add(delivery.clone(), usize::MAX, now);
            }
            self.open.insert(id);
            self.journal.tell(plan, now);
        }
        if !again {
            self.journal.write(told_entry(plan, outcome, now));
        }
        outcome
    }

    /// Makes a delivery, unless it was made before; hands back what has no room.
    pub(super) fn add(&mut self, row: NewDelivery, capacity: usize, now: Timestamp) -> Option<Arc<NewDelivery>> {
        self.touch(&row.endpoint);
        let rows = self.endpoints.entry(Arc::clone(&row.endpoint)).or_default();
        if rows.get(row.id).is_some() {
            return None;
        }
        self.journal.census.deliveries += 1;
        self.journal.census.open += 1;
        let shed = rows.add(row, capacity, now)?;
        self.journal.census.open -= 1;
        self.journal.census.dead += 1;
        self.journal.write(about(&shed, 0, entry(Step::Shed, now)));
        Some(shed)
    }

    pub(crate) fn claim(&mut self, claim: &Claim, now: Timestamp) -> Claimed {
        self.endpoints.get_mut(&claim.endpoint).map(|rows| rows.claim(claim, now)).unwrap_or_default()
    }

    pub(crate) fn release(&mut self, endpoint: &str, now: Timestamp) -> u64 {
        self.endpoints.get_mut(endpoint).map_or(0, |rows| rows.release(now))
    }

    pub(crate) fn outstanding(&self, endpoint: &str) -> Outstanding {
        self.endpoints.get(endpoint).map(Endpoint::outstanding).unwrap_or_default()
    }

    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let counted = |(name, rows): (&Arc<str>, &Endpoint)| {
            let count = rows.outstanding().total();
            (count > 0).then(|| Waiting { endpoint: name.to_string(), count })
        };
        let mut waiting: Vec<_> = self.endpoints.iter().filter_map(counted).collect();
        waiting.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
        waiting
    }

    pub(crate) fn abandon(&mut self, endpoint: &str) -> Vec<Arc<NewDelivery>> {
        let left = self.endpoints.get_mut(endpoint).map(Endpoint::abandon).unwrap_or_default();
        self.journal.census.open -= left.len() as u64;
        self.journal.census.dead += left.len() as u64;
        left
    }

    pub(crate) fn delivery(&self, id: DeliveryId) -> Option<(Lease, Timestamp)> {
        self.endpoints.values().find_map(|rows| rows.look(id))
    }

    pub(crate) fn states(&self) -> Vec<KeptState> {
        let kept = |((rule, key), state): (&(String, String), &Vec<u8>)| KeptState {
            row: crate::StateRow { rule: rule.clone(), key: key.clone(), state: state.clone() },
            shift: 0,
        };
        self.states.iter().map(kept).collect()
    }

    pub(crate) fn cooldowns(&self, since: Timestamp) -> Vec<Cooldown> {
        let fired = self.fired.iter().filter(|(_, fired)| fired.at >= since);
        let cooldown = |((rule, agent), fired): (&(Arc<str>, String), &Fired)| Cooldown {
            rule: rule.to_string(),
            agent: agent.clone(),
            at: fired.at,
        };
        fired.map(cooldown).collect()
    }

    pub(crate) fn enable(&mut self, endpoint: &str, address: Option<&str>, now: Timestamp) -> bool {
        let key = (endpoint.to_owned(), address.map(str::to_owned));
        let was = self.disabled.remove(&key).is_some();
        if was {
            self.journal.write(Entry { endpoint: Some(key.0), ..entry(Step::Enabled, now) });
        }
        was
    }

    pub(crate) fn purge(&mut self, before: Timestamp) -> Purged {
        self.journal.purge(before, &self.open)
    }
}

/// An entry that tells nothing but its step.
pub(super) fn entry(step: Step, at: Timestamp) -> Entry {
    Entry {
        number: 0,
        at,
        step,
        event: None,
        notification: None,
        delivery: None,
        rule: None,
        agent: None,
        user: None,
        endpoint: None,
        attempt: 0,
        detail: serde_json::Map::new(),
    }
}

/// An entry about a delivery.
pub(super) fn about(delivery: &NewDelivery, attempt: u32, entry: Entry) -> Entry {
    let (user, rule, agent) = match &delivery.payload {
        tidings_core::Payload::Notification(told) => {
            (Some(told.user_id.clone()), told.rule.clone(), told.agent_id.clone())
        }
        tidings_core::Payload::Event(event) => (None, None, event.agent_id.clone()),
        _ => (None, None, None),
    };
    Entry {
        event: delivery.event,
        notification: delivery.notification(),
        delivery: Some(delivery.id),
        rule,
        agent,
        user,
        endpoint: Some(delivery.endpoint.to_string()),
        attempt,
        ..entry
    }
}

fn logged(new: &NewEntry, event: Option<EventId>, now: Timestamp) -> Entry {
    Entry {
        event,
        notification: new.notification,
        rule: new.rule.as_deref().map(str::to_owned),
        agent: new.agent.clone(),
        user: new.user.clone(),
        detail: new.detail.clone(),
        ..entry(new.step, now)
    }
}

/// The entry of a notification that was handed over.
fn told_entry(plan: &UserPlan, outcome: UserOutcome, now: Timestamp) -> Entry {
    let told = &*plan.notification;
    let (step, of) = match outcome {
        UserOutcome::Duplicate { of } => (Step::Duplicate, Some(of)),
        UserOutcome::Untold | UserOutcome::Overruled => (Step::Untold, None),
        UserOutcome::Planned => (Step::Planned, None),
    };
    let mut detail = serde_json::Map::new();
    detail.insert("title".to_owned(), told.title.clone().into());
    detail.insert("priority".to_owned(), told.priority.as_str().into());
    if let Some(of) = of {
        detail.insert("of".to_owned(), of.to_string().into());
    } else if step == Step::Planned {
        detail.insert("plan".to_owned(), serde_json::to_value(&plan.plan).unwrap_or_default());
    }
    Entry {
        event: told.event,
        notification: Some(told.notification_id),
        rule: told.rule.clone(),
        agent: told.agent_id.clone(),
        user: Some(told.user_id.clone()),
        detail,
        ..entry(step, now)
    }
}
