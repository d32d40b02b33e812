//! Put-if-absent: cooldowns of rules, dedup keys, and the incidents that users were told of. What hangs on them is planned elsewhere.

use tidings_core::{EventId, Notification, NotificationId, NotificationKind, Priority, Timestamp};

use super::{
    encode::{priority_code, read_priority},
    error::Failure,
    row::Cell,
    schema::Table,
    work::Work,
};
use crate::model::{Admission, FiringClaim, UserOutcome, UserPlan};

struct Fired {
    number: i64,
    at: Timestamp,
    by: [u8; 16],
}

fn fired(work: &mut Work, claim: &FiringClaim) -> Result<Option<Fired>, Failure> {
    let sql = "SELECT number,rule,agent,at,until,by,crc FROM cooldown WHERE rule=? AND agent=?";
    let found = work.scan((Table::Cooldown, sql), (&*claim.rule, &*claim.agent), |row| {
        Some(Fired { number: row.integer(0)?, at: Timestamp::from_nanos(row.integer(3)?), by: row.id(5)? })
    })?;
    Ok(found.into_iter().next())
}

/// What a claim is answered, without taking anything.
pub(crate) fn peek_cooldown(work: &mut Work, claim: &FiringClaim, by: EventId) -> Result<Admission, Failure> {
    Ok(verdict(fired(work, claim)?.as_ref(), claim, by))
}

fn verdict(last: Option<&Fired>, claim: &FiringClaim, by: EventId) -> Admission {
    match last {
        Some(last) if last.by != *by.as_bytes() && claim.at >= last.at && claim.at.since(last.at) < claim.cooldown => {
            Admission::Cooling { since: last.at }
        }
        _ => Admission::Granted,
    }
}

/// Takes the cooldown for a firing unless somebody else holds it.
pub(crate) fn take_cooldown(
    work: &mut Work,
    claim: &FiringClaim,
    by: EventId,
    now: Timestamp,
) -> Result<Admission, Failure> {
    let last = fired(work, claim)?;
    let verdict = verdict(last.as_ref(), claim, by);
    if verdict == Admission::Granted {
        let place = last.map(|last| last.number);
        put(work, Table::Cooldown, place, |number| {
            // By the wall clock, which purges go by: rules may go by another one.
            let until = (now + claim.cooldown).as_nanos();
            vec![
                number.into(),
                Cell::Text(&claim.rule),
                Cell::Text(&claim.agent),
                claim.at.as_nanos().into(),
                until.into(),
                Cell::Blob(by.as_bytes()),
            ]
        })?;
    }
    Ok(verdict)
}

/// Puts a row in the place of another one, or in a new one.
pub(crate) fn put<'a>(
    work: &mut Work,
    table: Table,
    place: Option<i64>,
    cells: impl FnOnce(i64) -> Vec<Cell<'a>>,
) -> Result<(), Failure> {
    match place {
        Some(number) => work.replace(table, &cells(number)),
        None => {
            let number = work.next_other();
            work.insert(table, &cells(number))
        }
    }
}

struct Held {
    number: i64,
    by: NotificationId,
    priority: Priority,
    at: Timestamp,
}

impl Held {
    /// Whether it stands in the way of a firing.
    fn holds(&self, plan: &UserPlan) -> bool {
        let told = &*plan.notification;
        self.by != told.notification_id
            && plan.at >= self.at
            && plan.at.since(self.at) <= plan.window
            && told.priority <= self.priority
    }
}

fn held(work: &mut Work, key: &str) -> Result<Option<Held>, Failure> {
    let sql = "SELECT number,key,by,priority,at,until,crc FROM dedup WHERE key=?";
    let found = work.scan((Table::Dedup, sql), [key], |row| {
        Some(Held {
            number: row.integer(0)?,
            by: NotificationId::from_bytes(row.id(2)?),
            priority: read_priority(row.integer(3)?)?,
            at: Timestamp::from_nanos(row.integer(4)?),
        })
    })?;
    Ok(found.into_iter().next())
}

/// An incident that a user was told of.
#[derive(Clone, Debug)]
struct Incident {
    number: i64,
    begun_by: [u8; 16],
    ended_by: Option<[u8; 16]>,
    key: String,
    /// When it was last told of, by the wall clock.
    last: i64,
}

fn incident(work: &mut Work, told: &Notification) -> Result<Option<Incident>, Failure> {
    let Some(id) = told.incident else { return Ok(None) };
    let sql = "SELECT number,incident,user,begun_by,ended_by,key,last,crc FROM told WHERE incident=? AND user=?";
    let found = work.scan((Table::Told, sql), (id.as_bytes(), &*told.user_id), |row| {
        Some(Incident {
            number: row.integer(0)?,
            begun_by: row.id(3)?,
            ended_by: row.optional(4, |row, place| row.id(place))?,
            key: row.text(5)?.to_owned(),
            last: row.integer(6)?,
        })
    })?;
    Ok(found.into_iter().next())
}

fn put_incident(work: &mut Work, told: &Notification, row: &Incident) -> Result<(), Failure> {
    let Some(id) = told.incident else { return Ok(()) };
    let place = (row.number > 0).then_some(row.number);
    put(work, Table::Told, place, |number| {
        vec![
            number.into(),
            Cell::Blob(id.as_bytes()),
            Cell::Text(&told.user_id),
            Cell::Blob(&row.begun_by),
            row.ended_by.as_ref().map(|id| &id[..]).into(),
            Cell::Text(&row.key),
            row.last.into(),
        ]
    })
}

/// What a plan is answered, without taking anything.
pub(crate) fn peek(work: &mut Work, plan: &UserPlan) -> Result<UserOutcome, Failure> {
    Ok(match plan.notification.kind {
        NotificationKind::Firing => match held(work, &plan.notification.dedup_key)?.filter(|held| held.holds(plan)) {
            Some(held) => UserOutcome::Duplicate { of: held.by },
            None => UserOutcome::Planned,
        },
        NotificationKind::Resolved => match incident(work, &plan.notification)? {
            None => UserOutcome::Untold,
            Some(row) => ended_before(&row, &plan.notification).unwrap_or(UserOutcome::Planned),
        },
    })
}

/// Takes the key for a firing, or frees it for a resolve.
pub(crate) fn take(work: &mut Work, plan: &UserPlan, now: Timestamp) -> Result<UserOutcome, Failure> {
    match plan.notification.kind {
        NotificationKind::Firing => begin(work, plan, now),
        NotificationKind::Resolved => end(work, plan, now),
    }
}

/// Takes the key unless a notification of the same or a higher priority holds it.
fn begin(work: &mut Work, plan: &UserPlan, now: Timestamp) -> Result<UserOutcome, Failure> {
    let told = &*plan.notification;
    let held = held(work, &told.dedup_key)?;
    if let Some(held) = held.as_ref().filter(|held| held.holds(plan)) {
        return Ok(UserOutcome::Duplicate { of: held.by });
    }
    put(work, Table::Dedup, held.map(|held| held.number), |number| {
        vec![
            number.into(),
            Cell::Text(&told.dedup_key),
            Cell::Blob(told.notification_id.as_bytes()),
            priority_code(told.priority).into(),
            plan.at.as_nanos().into(),
            (now + plan.window).as_nanos().into(),
        ]
    })?;
    let before = incident(work, told)?.map_or(0, |row| row.number);
    let begun = Incident {
        number: before,
        begun_by: *told.notification_id.as_bytes(),
        ended_by: None,
        key: told.dedup_key.clone(),
        last: now.as_nanos(),
    };
    put_incident(work, told, &begun)?;
    Ok(UserOutcome::Planned)
}

/// Ends an incident that the user was told of, once, and frees the key that its firing holds.
fn end(work: &mut Work, plan: &UserPlan, now: Timestamp) -> Result<UserOutcome, Failure> {
    let told = &*plan.notification;
    let Some(row) = incident(work, told)? else { return Ok(UserOutcome::Untold) };
    if let Some(before) = ended_before(&row, told) {
        return Ok(before);
    }
    let ended_by = Some(*told.notification_id.as_bytes());
    let ended = Incident { ended_by, last: now.as_nanos(), ..row };
    put_incident(work, told, &ended)?;
    free(work, &ended.key, NotificationId::from_bytes(ended.begun_by))?;
    Ok(UserOutcome::Planned)
}

fn ended_before(row: &Incident, told: &Notification) -> Option<UserOutcome> {
    let of = NotificationId::from_bytes(row.ended_by?);
    (of != told.notification_id).then_some(UserOutcome::Duplicate { of })
}

/// Forgets what a user was told by a notification that reached nobody; says whether its key is free by that.
pub(crate) fn take_back(work: &mut Work, told: &Notification) -> Result<bool, Failure> {
    if let Some(row) = incident(work, told)?.filter(|row| row.begun_by == *told.notification_id.as_bytes()) {
        work.delete(Table::Told, row.number)?;
    }
    free(work, &told.dedup_key, told.notification_id)
}

/// Frees a key, unless another notification holds it by now.
fn free(work: &mut Work, key: &str, of: NotificationId) -> Result<bool, Failure> {
    match held(work, key)?.filter(|held| held.by == of) {
        Some(held) => work.delete(Table::Dedup, held.number),
        None => Ok(false),
    }
}
