//! How many notifications wait for their moment, counted with every change; and what becomes of one whose wait is lost to damage: it is
//! due at once. What becomes of it then is decided by who looks at it.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tidings_core::Timestamp;
use tidings_policy::{Delay, PreferenceLayer, Wait};

use super::{
    counters::one_less,
    deferred, encode,
    error::Failure,
    log::Line,
    row::{self, Reference},
    shared::Change,
    work::Work,
};
use crate::model::{Pending, Step};

/// Notifications that have not gone out.
pub(crate) const PUT_OFF: &str = "SELECT number FROM notification WHERE status=0 AND json_valid(plan) \
    AND json_array_length(plan, '$.legs')=0 \
    AND number NOT IN (SELECT notification FROM delivery WHERE typeof(notification)='integer')";
/// Those of them that wait for nothing: what they waited for is lost.
pub(crate) const LOST: &str = "SELECT number FROM notification WHERE status=0 AND json_valid(plan) \
    AND json_array_length(plan, '$.legs')=0 AND number NOT IN (SELECT notification FROM deferred) \
    AND number NOT IN (SELECT notification FROM delivery WHERE typeof(notification)='integer')";
/// Those that wait for a notification which is not there, or went out long ago.
pub(crate) const ORPHANS: &str = "SELECT number FROM deferred WHERE notification NOT IN \
    (SELECT number FROM notification WHERE status=0 AND json_valid(plan) AND json_array_length(plan, '$.legs')=0)";

/// How many wait, and until when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Waits {
    held: u64,
    digested: u64,
    /// When the first of them is due.
    pub(crate) next: Option<i64>,
}

impl Waits {
    /// Counts them.
    pub(crate) fn count(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT coalesce(sum(digested=0),0), coalesce(sum(digested<>0),0) FROM deferred";
        let (held, digested): (i64, i64) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { held: held.unsigned_abs(), digested: digested.unsigned_abs(), next: next(connection)? })
    }

    pub(crate) const fn total(self) -> u64 {
        self.held + self.digested
    }

    pub(crate) const fn add(&mut self, wait: &Wait) {
        if wait.digest.is_some() {
            self.digested += 1;
        } else {
            self.held += 1;
        }
    }

    pub(crate) fn take(&mut self, wait: &Wait) {
        match &wait.digest {
            Some(_) => one_less(&mut self.digested, "notifications that wait for a digest"),
            None => one_less(&mut self.held, "notifications that are held"),
        }
    }

    pub(crate) fn told(self) -> Pending {
        let Self { held, digested, next } = self;
        Pending { held, digested, next: next.map(Timestamp::from_nanos), lost: 0 }
    }
}

/// When the first is due.
pub(crate) fn next(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT min(until) FROM deferred")?.query_row([], |row| row.get(0))
}

/// The row of a wait was set aside: what waited is due at once, and if that cannot be found it is lost. Which one it was tells who waits
/// for nothing, since nothing in the row can be believed.
pub(crate) fn renew_after(work: &mut Work, likely: Option<i64>) -> Result<(), Failure> {
    let sql = format!("{LOST} AND number=?");
    let mut lost = match likely {
        Some(number) => row::integers(&work.connection, &sql, [number])?,
        None => Vec::new(),
    };
    if lost.is_empty() {
        lost = row::integers(&work.connection, LOST, [])?;
    }
    let mut is_found = false;
    for number in lost {
        is_found |= renew(work, number)?;
    }
    if !is_found {
        give_up(work, likely.map_or(Reference::None, Reference::Number))?;
    }
    recount(work)
}

/// Has a notification looked at again at once.
pub(crate) fn renew(work: &mut Work, number: i64) -> Result<bool, Failure> {
    let Some(standing) = work.standing(number)? else { return Ok(false) };
    let Some(told) = encode::read_notification(&standing.body) else { return Ok(false) };
    // Until when and why it waited is lost. It is due since it was made, by the clock that rules go by, and is judged again before
    // anybody hears of it.
    let until = told.created_at;
    let wait = Wait { until, why: Delay::QuietHours, layer: PreferenceLayer::BuiltIn, digest: None };
    deferred::put_off(work, (number, &told), &wait, until)?;
    Ok(true)
}

/// The row of a notification was set aside: if it waited it can never be told.
pub(crate) fn lose(work: &mut Work, notification: i64) -> Result<(), Failure> {
    let sql = "DELETE FROM deferred WHERE notification=?";
    if work.connection.prepare_cached(sql)?.execute([notification])? == 0 {
        return Ok(());
    }
    give_up(work, Reference::Number(notification))?;
    recount(work)
}

/// What waited can never be told: it has failed.
fn give_up(work: &mut Work, notification: Reference) -> Result<(), Failure> {
    work.counters.census.failed += 1;
    work.changes.push(Change::WaitLost);
    let line = Line { notification, detail: Some(r#"{"kind":"damaged"}"#.to_owned()), ..Line::default() };
    work.log(work.counters.clock, Step::Failed, &line)
}

fn recount(work: &mut Work) -> Result<(), Failure> {
    work.counters.waits = Waits::count(&work.connection)?;
    Ok(())
}

/// The notification that the row of a wait names, if that can be read.
pub(crate) fn likely(work: &Work, number: i64) -> Result<Option<i64>, Failure> {
    let sql = "SELECT notification FROM deferred WHERE number=? AND typeof(notification)='integer'";
    Ok(row::integers(&work.connection, sql, [number])?.first().copied())
}
