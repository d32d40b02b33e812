//! Settling what a user is told: the dedup key, the notification with its plan, a delivery per leg; and how it stands when legs end.

use std::sync::Arc;

use tidings_core::{Notification, NotificationId, Timestamp};
use tidings_policy::{Attempt, Leg, Plan, Status, settle};

use super::{
    deferred,
    delivery::Making,
    encode,
    error::Failure,
    ids::Kind,
    keys,
    log::Line,
    row::{Cell, Stored},
    schema::Table,
    shared::Change,
    work::Work,
};
use crate::model::{Step, UserOutcome, UserPlan, detail, wait_step};

/// A user's plan, encoded.
#[derive(Debug)]
pub(crate) struct Telling {
    plan: UserPlan,
    body: Vec<u8>,
    legs: String,
    deliveries: Vec<Making>,
}

impl Telling {
    pub(crate) fn of(plan: &UserPlan) -> Self {
        Self {
            plan: UserPlan { deliveries: Vec::new(), ..plan.clone() },
            body: encode::notification(&plan.notification),
            legs: serde_json::to_string(&plan.plan).unwrap_or_default(),
            deliveries: plan.deliveries.iter().map(Making::of).collect(),
        }
    }
}

impl Telling {
    pub(crate) fn id(&self) -> NotificationId {
        self.plan.notification.notification_id
    }
}

/// What a plan that was carried out before is answered.
pub(crate) fn recall(work: &mut Work, telling: &Telling) -> Result<UserOutcome, Failure> {
    if is_planned(work, &telling.plan.notification)? {
        return Ok(UserOutcome::Planned);
    }
    keys::peek(work, &telling.plan)
}

/// Whether a plan was carried out before.
pub(crate) fn is_known(work: &Work, telling: &Telling) -> Result<bool, Failure> {
    is_planned(work, &telling.plan.notification)
}

fn is_planned(work: &Work, told: &Notification) -> Result<bool, Failure> {
    Ok(!work.numbers(Kind::Notification, *told.notification_id.as_bytes())?.is_empty())
}

pub(crate) fn plan_user(work: &mut Work, telling: &Telling, now: Timestamp) -> Result<UserOutcome, Failure> {
    let told = &telling.plan.notification;
    if is_planned(work, told)? {
        return Ok(UserOutcome::Planned);
    }
    let outcome = keys::take(work, &telling.plan, now)?;
    if outcome == UserOutcome::Planned {
        make(work, telling, now)?;
    }
    log_told(work, telling, outcome, now)?;
    Ok(outcome)
}

/// Makes a notification with its deliveries.
fn make(work: &mut Work, telling: &Telling, now: Timestamp) -> Result<(), Failure> {
    let told = &telling.plan.notification;
    let number = work.counters.notifications.next_at(now.as_nanos());
    let id = *told.notification_id.as_bytes();
    let open = Standing::code(Status::Pending);
    let cells = [
        number.into(),
        Cell::Blob(&id),
        now.as_nanos().into(),
        open.into(),
        Cell::Text(&telling.legs),
        Cell::Text("[]"),
        Cell::Blob(&telling.body),
    ];
    work.insert(Table::Notification, &cells)?;
    work.shared.ids.add((Kind::Notification, id, number));
    work.counters.census.notifications += 1;
    work.planning = Some((number, Arc::clone(told)));
    let made = telling.deliveries.iter().try_for_each(|making| work.make(making, now).map(drop));
    work.planning = None;
    if let Some(wait) = &telling.plan.wait {
        deferred::put_off(work, (number, told), wait, telling.plan.at)?;
    }
    if telling.plan.wait.is_none() {
        // What is told later need not be at hand now.
        work.changes.push(Change::Notification(number, Arc::clone(told), telling.body.len()));
    }
    made
}

/// Makes a digest, whoever holds its key: what is in it was admitted before. One that is there already is not made again.
pub(crate) fn plan_digest(work: &mut Work, telling: &Telling, now: Timestamp) -> Result<(), Failure> {
    if is_planned(work, &telling.plan.notification)? {
        return Ok(());
    }
    keys::take(work, &telling.plan, now)?;
    make(work, telling, now)?;
    log_told(work, telling, UserOutcome::Planned, now)
}

fn log_told(work: &mut Work, telling: &Telling, outcome: UserOutcome, now: Timestamp) -> Result<(), Failure> {
    let told = &*telling.plan.notification;
    let (step, values) = match (outcome, &telling.plan.wait) {
        (UserOutcome::Planned | UserOutcome::Known, Some(wait)) => (wait_step(wait), detail::put_off(told, wait)),
        (UserOutcome::Planned | UserOutcome::Known, None) => (Step::Planned, detail::planned(told, &telling.plan.plan)),
        (UserOutcome::Duplicate { of }, _) => (Step::Duplicate, detail::repeats(told, Some(of))),
        (UserOutcome::Untold | UserOutcome::Overruled, _) => (Step::Untold, detail::repeats(told, None)),
    };
    let line = about(work, told)?.with(&values);
    work.log(now.as_nanos(), step, &line)
}

/// A line about a notification.
pub(crate) fn about(work: &mut Work, told: &Notification) -> Result<Line, Failure> {
    Ok(Line {
        event: work.event_reference(told.event)?,
        notification: work.notification_reference(Some(told.notification_id))?,
        rule: work.optional_name(told.rule.as_deref())?,
        agent: work.optional_name(told.agent_id.as_deref())?,
        user: Some(work.name(&told.user_id)?),
        ..Line::default()
    })
}

/// The status of what was told in a digest, and of what waited until nobody wanted it.
pub(crate) const DIGESTED: i64 = 4;
pub(crate) const WITHDRAWN: i64 = 5;

/// A notification's row.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) number: i64,
    pub(crate) id: [u8; 16],
    pub(crate) planned: i64,
    pub(crate) status: i64,
    pub(crate) plan: Plan,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) body: Vec<u8>,
}

impl Standing {
    pub(crate) fn read(row: Stored<'_>) -> Option<Self> {
        Some(Self {
            number: row.integer(0)?,
            id: row.id(1)?,
            planned: row.integer(2)?,
            status: row.integer(3)?,
            plan: serde_json::from_str(row.text(4)?).ok()?,
            attempts: serde_json::from_str(row.text(5)?).ok()?,
            body: row.blob(6)?.to_vec(),
        })
    }

    /// A status as it is kept: 0 as long as it is open.
    const fn code(status: Status) -> i64 {
        match status {
            Status::Pending => 0,
            Status::Complete => 1,
            Status::Incomplete { .. } => 2,
            Status::Failed => 3,
        }
    }

    fn is_open(&self) -> bool {
        self.status == Self::code(Status::Pending)
    }

    /// Whether it has not gone out yet.
    pub(crate) fn is_put_off(&self) -> bool {
        self.is_open() && self.plan.legs.is_empty()
    }

    /// Whether there is no leg but one on this channel.
    pub(crate) fn is_last_leg(&self, channel: &str) -> bool {
        self.plan.legs.iter().all(|leg| leg.channel == channel)
    }

    /// Whether a leg of it has used this channel.
    pub(crate) fn has_used(&self, channel: &str) -> bool {
        self.plan.legs.iter().any(|leg| leg.channel == channel)
    }
}

impl Work {
    pub(crate) fn standing(&mut self, number: i64) -> Result<Option<Standing>, Failure> {
        let sql = "SELECT number,id,planned,status,plan,attempts,body,crc FROM notification WHERE number=?";
        Ok(self.scan((Table::Notification, sql), [number], Standing::read)?.into_iter().next())
    }

    pub(crate) fn put_standing(&mut self, row: &Standing) -> Result<(), Failure> {
        let plan = serde_json::to_string(&row.plan).unwrap_or_default();
        let attempts = serde_json::to_string(&row.attempts).unwrap_or_default();
        let cells = [
            row.number.into(),
            Cell::Blob(&row.id),
            row.planned.into(),
            row.status.into(),
            Cell::Text(&plan),
            Cell::Text(&attempts),
            Cell::Blob(&row.body),
        ];
        self.replace(Table::Notification, &cells)
    }

    /// A notification goes on without its leg on this channel.
    pub(crate) fn lose_leg(&mut self, row: &mut Standing, channel: &str) -> Result<(), Failure> {
        row.plan.legs.retain(|leg| leg.channel != channel);
        self.put_standing(row)
    }

    /// A leg of a notification ended, and another one may stand in for it.
    pub(crate) fn end_leg(&mut self, row: &mut Standing, attempt: Attempt, taken: Option<Leg>) -> Result<(), Failure> {
        row.attempts.push(attempt);
        row.plan.legs.extend(taken);
        self.put_standing(row)
    }

    /// How a notification stands; where it has come to its end, that is written down once. Gives the dedup key that is free by it.
    pub(crate) fn close(
        &mut self,
        row: &mut Standing,
        line: Line,
        now: i64,
    ) -> Result<(Status, Option<String>), Failure> {
        let status = settle(&row.plan, &row.attempts);
        if status == Status::Pending || !row.is_open() {
            return Ok((status, None));
        }
        row.status = Standing::code(status);
        self.put_standing(row)?;
        let census = &mut self.counters.census;
        let step = match status {
            Status::Incomplete { .. } => (Step::Incomplete, census.incomplete += 1).0,
            Status::Failed => (Step::Failed, census.failed += 1).0,
            _ => (Step::Complete, census.complete += 1).0,
        };
        let Some(told) = encode::read_notification(&row.body) else {
            self.log(now, step, &line.with(&detail::ended(status)))?;
            return Ok((status, None));
        };
        let line = about(self, &told)?.with(&detail::ended(status));
        self.log(now, step, &line)?;
        let freed = status == Status::Failed && keys::take_back(self, &told)?;
        Ok((status, freed.then_some(told.dedup_key)))
    }
}
