//! Notifications in the file that wait for their moment, a row for each, and what becomes of them then. When that is, is told by the
//! caller.

use std::sync::Arc;

use tidings_core::{NotificationId, Timestamp};
use tidings_policy::{Plan, Wait};

use super::{
    Reader,
    delivery::Making,
    encode,
    error::Failure,
    ids::Kind,
    plan::{Traced, log_traced, traced},
    row::{Cell, Reference, Stored},
    schema::Table,
    tell::{self, Telling},
    work::Work,
};
use crate::model::{Deferrals, Deferred, Fate, Pending, Resuming, Resumption};

const DUE: &str = "SELECT number,notification,user,until,since,digested,wait,crc FROM deferred WHERE until<=? ORDER BY until,user,number";
const OF: &str =
    "SELECT number,notification,user,until,since,digested,wait,crc FROM deferred WHERE user=? ORDER BY until,number";
const ALL: &str =
    "SELECT number,notification,user,until,since,digested,wait,crc FROM deferred ORDER BY until,user,number";
const ONE: &str = "SELECT number,notification,user,until,since,digested,wait,crc FROM deferred WHERE notification=?";

/// What becomes of those that waited, encoded.
#[derive(Debug)]
pub(crate) struct Resumed {
    items: Vec<Item>,
    digests: Vec<Telling>,
}

#[derive(Debug)]
struct Item {
    notification: NotificationId,
    until: Timestamp,
    fate: Going,
    entry: Traced,
}

#[derive(Debug)]
enum Going {
    Sent(Plan, Vec<Making>),
    Waits(Wait),
    Gathered(NotificationId),
    Dropped { untold: bool },
}

impl Resumed {
    pub(crate) fn of(batch: &Resumption) -> Self {
        Self {
            items: batch.items.iter().map(Item::of).collect(),
            digests: batch.digests.iter().map(Telling::of).collect(),
        }
    }
}

impl Item {
    fn of(item: &Resuming) -> Self {
        let fate = match &item.fate {
            Fate::Sent { plan, deliveries } => Going::Sent(plan.clone(), deliveries.iter().map(Making::of).collect()),
            Fate::Waits(wait) => Going::Waits(wait.clone()),
            Fate::Gathered { into } => Going::Gathered(*into),
            Fate::Dropped { untold } => Going::Dropped { untold: *untold },
        };
        Self { notification: item.notification, until: item.until, fate, entry: traced(&item.entry) }
    }
}

/// A row: which notification waits, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    number: i64,
    notification: i64,
    user: String,
    until: i64,
    since: i64,
    wait: Wait,
}

impl Row {
    fn read(row: Stored<'_>) -> Option<Self> {
        Some(Self {
            number: row.integer(0)?,
            notification: row.integer(1)?,
            user: row.text(2)?.to_owned(),
            until: row.integer(3)?,
            since: row.integer(4)?,
            wait: serde_json::from_str(row.text(6)?).ok()?,
        })
    }

    /// Its cells around its wait, spelt out.
    fn cells<'a>(&'a self, wait: &'a str) -> [Cell<'a>; 7] {
        [
            self.number.into(),
            self.notification.into(),
            Cell::Text(&self.user),
            self.until.into(),
            self.since.into(),
            self.wait.digest.is_some().into(),
            Cell::Text(wait),
        ]
    }
}

fn spelt(wait: &Wait) -> String {
    serde_json::to_string(wait).unwrap_or_default()
}

/// A notification that was planned just now waits.
pub(crate) fn put_off(
    work: &mut Work,
    (notification, user): (i64, &str),
    wait: &Wait,
    since: Timestamp,
) -> Result<(), Failure> {
    let row = Row {
        number: work.next_other(),
        notification,
        user: user.to_owned(),
        until: wait.until.as_nanos(),
        since: since.as_nanos(),
        wait: wait.clone(),
    };
    work.insert(Table::Deferred, &row.cells(&spelt(wait)))
}

pub(crate) fn resume(work: &mut Work, batch: &Resumed, now: Timestamp) -> Result<Vec<bool>, Failure> {
    work.see(now);
    let stood: Vec<bool> = batch.items.iter().map(|item| resume_one(work, item, now)).collect::<Result<_, _>>()?;
    for digest in &batch.digests {
        let goes_in = |item: &Item| matches!(item.fate, Going::Gathered(into) if into == digest.id());
        if batch.items.iter().zip(&stood).any(|(item, stood)| *stood && goes_in(item)) {
            tell::plan_user(work, digest, now)?;
        }
    }
    Ok(stood)
}

fn resume_one(work: &mut Work, item: &Item, now: Timestamp) -> Result<bool, Failure> {
    let Some(number) = work.numbers(Kind::Notification, *item.notification.as_bytes())?.last().copied() else {
        return Ok(false);
    };
    let rows = work.scan((Table::Deferred, ONE), [number], Row::read)?;
    let Some(row) = rows.into_iter().find(|row| row.until == item.until.as_nanos()) else { return Ok(false) };
    log_traced(work, &item.entry, Reference::None, now)?;
    match &item.fate {
        Going::Waits(wait) => {
            let row = Row { until: wait.until.as_nanos(), wait: wait.clone(), ..row };
            work.replace(Table::Deferred, &row.cells(&spelt(wait)))?;
            return Ok(true);
        }
        Going::Sent(plan, deliveries) => send(work, (number, plan, deliveries), now)?,
        Going::Gathered(_) => work.close_waiting(number, false)?,
        Going::Dropped { untold } => work.close_waiting(number, *untold)?,
    }
    work.delete(Table::Deferred, row.number)?;
    Ok(true)
}

/// A notification that waited goes out by itself.
fn send(work: &mut Work, (number, plan, deliveries): (i64, &Plan, &[Making]), now: Timestamp) -> Result<(), Failure> {
    work.set_plan(number, plan)?;
    deliveries.iter().try_for_each(|making| work.make(making, now).map(drop))
}

impl Reader {
    /// Those asked for, about so many: never some without the others of the same user and end.
    pub(crate) fn deferred(&mut self, which: &Deferrals, limit: usize) -> Result<Vec<Deferred>, Failure> {
        let rows = match which {
            Deferrals::Due(now) => self.scan((Table::Deferred, DUE), [now.as_nanos()], Row::read)?,
            Deferrals::Of(user) => self.scan((Table::Deferred, OF), [&**user], Row::read)?,
            Deferrals::All => self.scan((Table::Deferred, ALL), [], Row::read)?,
        };
        let mut found: Vec<Deferred> = Vec::new();
        let mut last: Option<(i64, String)> = None;
        for row in rows {
            let of = (row.until, row.user.clone());
            if found.len() >= limit.max(1) && last.as_ref() != Some(&of) {
                break;
            }
            last = Some(of);
            found.extend(self.dress_deferred(row)?);
        }
        Ok(found)
    }

    fn dress_deferred(&mut self, row: Row) -> Result<Option<Deferred>, Failure> {
        let sql = "SELECT number,id,planned,status,plan,attempts,body,crc FROM notification WHERE number=?";
        let bodies =
            self.scan((Table::Notification, sql), [row.notification], |row| encode::read_notification(row.blob(6)?))?;
        let since = Timestamp::from_nanos(row.since);
        Ok(bodies.into_iter().next().map(|told| Deferred { notification: Arc::new(told), wait: row.wait, since }))
    }

    pub(crate) fn pending(&mut self) -> Result<Pending, Failure> {
        let sql = "SELECT coalesce(sum(digested=0),0), coalesce(sum(digested),0), min(until) FROM deferred";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (held, digested, next): (i64, i64, Option<i64>) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Pending {
            held: held.unsigned_abs(),
            digested: digested.unsigned_abs(),
            next: next.map(Timestamp::from_nanos),
        })
    }
}
