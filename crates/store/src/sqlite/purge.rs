//! Forgetting what is settled and old: always the first numbers of a table, so that a gap can only be a loss. When and how far back
//! is the caller's business.

use rusqlite::{Connection, types::ValueRef};
use tidings_core::Timestamp;
use tracing::warn;

use super::{
    document,
    error::Failure,
    ids::Kind,
    inbox,
    row::{self, Stored},
    schema::Table,
    work::{NAME_STALENESS, Work},
};
use crate::model::Purged;

/// A sink that has read nothing for a week, while the store was open and there was something to read, holds no event up any more.
const ABANDONED: i64 = 7 * 86_400 * 1_000_000_000;
/// So many incidents that have not ended, and so many states of rules, stay however old they are; beyond that the first go.
const OPEN: i64 = 100_000;

/// Up to which numbers rows may go: what is below is needed by nothing that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ceilings {
    event: i64,
    notification: i64,
    /// The last delivery that was looked at.
    delivery: i64,
    /// The last wait that was looked at.
    wait: i64,
}

impl Ceilings {
    /// Looks at all that is open. To be asked within one view of the file: what a plan moves from the outbox to the deliveries
    /// in between would be in neither.
    pub(crate) fn look(connection: &Connection, last: (i64, i64)) -> rusqlite::Result<Self> {
        let last_of = |table: &str| {
            let sql = format!("SELECT max(number) FROM {table} WHERE number>?");
            Ok::<_, rusqlite::Error>(least(connection, &sql, i64::MIN)?.unwrap_or(0))
        };
        let (delivery, wait) = (last_of("delivery")?, last_of("deferred")?);
        let looked = Self { event: last.0, notification: last.1, delivery, wait };
        looked.lowered(connection, (i64::MIN, i64::MIN))
    }

    /// Looks at what was made since.
    fn looked_again(self, connection: &Connection) -> rusqlite::Result<Self> {
        self.lowered(connection, (self.delivery, self.wait))
    }

    /// Lower than what waits, and than what deliveries and waits after these hang on.
    fn lowered(self, connection: &Connection, (delivery, wait): (i64, i64)) -> rusqlite::Result<Self> {
        let below = |sql: &str, after: i64| {
            let number = least(connection, sql, after)?;
            Ok::<_, rusqlite::Error>(number.map_or(i64::MAX, |number| number - 1))
        };
        let event = below("SELECT min(event) FROM delivery WHERE number>? AND typeof(event)='integer'", delivery)?
            .min(below("SELECT min(event) FROM deferred WHERE number>? AND typeof(event)='integer'", wait)?)
            .min(below("SELECT min(number) FROM event_outbox WHERE number>?", i64::MIN)?);
        let of_delivery = "SELECT min(notification) FROM delivery WHERE number>? AND typeof(notification)='integer'";
        let notification =
            below(of_delivery, delivery)?.min(below("SELECT min(notification) FROM deferred WHERE number>?", wait)?);
        Ok(Self { event: self.event.min(event), notification: self.notification.min(notification), ..self })
    }
}

fn least(connection: &Connection, sql: &str, after: i64) -> rusqlite::Result<Option<i64>> {
    connection.query_row(sql, [after], |row| row.get(0))
}

pub(crate) fn purge(work: &mut Work, before: Timestamp, limit: usize, ceilings: Ceilings) -> Result<Purged, Failure> {
    let before = before.as_nanos();
    let mut room = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut purged = Purged { entries: purge_log(work, before, &mut room)?, ..Purged::default() };
    let ceilings = ceilings.looked_again(&work.connection)?;
    let ceiling = ceilings.event.min(slowest_sink(work)?);
    purged.events = purge_events(work, (before, ceiling), &mut room)?;
    purged.notifications = purge_notifications(work, (before, ceilings.notification), &mut room)?;
    purged.keys = purge_keys(work, before, &mut room)?;
    Ok(purged)
}

/// A row's number, time and id, as far as they can be read.
type Old = (i64, i64, Option<[u8; 16]>);

/// The first rows of a table that are older than `before`. Their checksums do not matter any more.
fn oldest(work: &Work, sql: &str, (after, until): (i64, i64), before: i64, room: i64) -> Result<Vec<Old>, Failure> {
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, until, room))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let at = row.get(1).unwrap_or(i64::MIN);
        if at >= before {
            break;
        }
        let id = match row.get_ref(2)? {
            ValueRef::Blob(bytes) => bytes.try_into().ok(),
            _ => None,
        };
        found.push((row.get(0)?, at, id));
    }
    Ok(found)
}

fn purge_log(work: &mut Work, before: i64, room: &mut i64) -> Result<u64, Failure> {
    let sql = "SELECT number,at,delivery FROM delivery_log WHERE number>? AND number<=? ORDER BY number LIMIT ?";
    let rows = oldest(work, sql, (work.counters.entries.purged, i64::MAX), before, *room)?;
    let Some((last, ..)) = rows.last().copied() else { return Ok(0) };
    for (number, _, id) in &rows {
        forget(work, Kind::Entry, *id, *number)?;
    }
    work.connection.prepare_cached("DELETE FROM delivery_log WHERE number<=?")?.execute([last])?;
    work.counters.entries.purged = last;
    *room -= rows.len() as i64;
    Ok(rows.len() as u64)
}

fn forget(work: &mut Work, kind: Kind, id: Option<[u8; 16]>, number: i64) -> Result<(), Failure> {
    let Some(id) = id else { return Ok(()) };
    work.shared.ids.remove(&work.connection, (kind, id, number), &mut work.counters)?;
    Ok(())
}

/// The last event that all sinks are done with which still read. One is gone that has read nothing for long, of what waited for it
/// for long: only the time counts in which the store was open, whatever is to be purged.
fn slowest_sink(work: &mut Work) -> Result<i64, Failure> {
    let sql = Table::Cursor.select("ORDER BY number");
    let read = |row: Stored<'_>| Some((row.text(1)?.to_owned(), row.integer(2)?, row.integer(3)?));
    let mut slowest = i64::MAX;
    for (sink, event, moved) in work.scan((Table::Cursor, &sql), [], read)? {
        let next = "SELECT received FROM event WHERE number>? ORDER BY number LIMIT 1";
        let Some(received) = row::integers(&work.connection, next, [event])?.first().copied() else { continue };
        let since = moved.saturating_add(work.counters.asleep).max(received);
        if work.counters.clock.saturating_sub(since) <= ABANDONED {
            slowest = slowest.min(event);
        } else {
            warn!(target: "tidings::store", sink, after = event, "has read nothing for long: events may go that it was not called with");
        }
    }
    Ok(slowest)
}

/// Takes rows as long as the log does not tell of them.
fn unmentioned(work: &Work, sql: &str, rows: Vec<Old>) -> Result<Vec<Old>, Failure> {
    let mut free = Vec::with_capacity(rows.len());
    for row in rows {
        if !row::integers(&work.connection, sql, [row.0])?.is_empty() {
            break;
        }
        free.push(row);
    }
    Ok(free)
}

fn purge_events(work: &mut Work, (before, ceiling): (i64, i64), room: &mut i64) -> Result<u64, Failure> {
    let sql = "SELECT number,received,id FROM event WHERE number>? AND number<=? ORDER BY number LIMIT ?";
    let rows = oldest(work, sql, (work.counters.events.purged, ceiling), before, *room)?;
    let rows = unmentioned(work, "SELECT number FROM delivery_log WHERE event=? LIMIT 1", rows)?;
    let Some((last, ..)) = rows.last().copied() else { return Ok(0) };
    for (number, _, id) in &rows {
        forget(work, Kind::Event, *id, *number)?;
    }
    work.connection.prepare_cached("DELETE FROM event WHERE number<=?")?.execute([last])?;
    work.counters.events.purged = last;
    // They are in the order of their events, so that only those that go are looked at, and one more.
    work.connection.prepare_cached("DELETE FROM judged WHERE number<=?1 AND number+more<=?1")?.execute([last])?;
    let outdated = "DELETE FROM rule_set WHERE number<(SELECT max(number) FROM rule_set WHERE first<=?)";
    work.connection.prepare_cached(outdated)?.execute([last + 1])?;
    *room -= rows.len() as i64;
    Ok(rows.len() as u64)
}

fn purge_notifications(work: &mut Work, (before, ceiling): (i64, i64), room: &mut i64) -> Result<u64, Failure> {
    let sql = "SELECT number,planned,id FROM notification WHERE number>? AND number<=? ORDER BY number LIMIT ?";
    let rows = oldest(work, sql, (work.counters.notifications.purged, ceiling), before, *room)?;
    let rows = unmentioned(work, "SELECT number FROM delivery_log WHERE notification=? LIMIT 1", rows)?;
    let Some((last, ..)) = rows.last().copied() else { return Ok(0) };
    for (number, _, id) in &rows {
        forget(work, Kind::Notification, *id, *number)?;
    }
    work.connection.prepare_cached("DELETE FROM notification WHERE number<=?")?.execute([last])?;
    work.counters.notifications.purged = last;
    *room -= rows.len() as i64;
    Ok(rows.len() as u64)
}

/// Takes what is put if absent and has run out, what is over, and names that nothing uses. A row stands for a rule's state only
/// while there is something in it.
fn purge_keys(work: &mut Work, before: i64, room: &mut i64) -> Result<u64, Failure> {
    let mut taken = 0;
    let expired = [
        "DELETE FROM cooldown WHERE number IN (SELECT number FROM cooldown WHERE until<?1 LIMIT ?2)",
        "DELETE FROM dedup WHERE number IN (SELECT number FROM dedup WHERE until<?1 LIMIT ?2)",
        "DELETE FROM told WHERE number IN (SELECT number FROM told WHERE ended_by IS NOT NULL AND last<?1 LIMIT ?2)",
        inbox::OLD,
        document::REMOVED,
    ];
    for sql in expired {
        let gone = work.connection.prepare_cached(sql)?.execute((before, *room))?;
        *room -= gone as i64;
        taken += gone as u64;
    }
    let surplus = [
        "DELETE FROM told WHERE number IN (SELECT number FROM told WHERE last<?1 AND number<=\
        (SELECT number FROM told ORDER BY number DESC LIMIT 1 OFFSET ?3) LIMIT ?2)",
        "DELETE FROM rule_state WHERE number IN (SELECT number FROM rule_state WHERE written<?1 AND number<=\
        (SELECT number FROM rule_state ORDER BY number DESC LIMIT 1 OFFSET ?3) LIMIT ?2)",
    ];
    for sql in surplus {
        let gone = work.connection.prepare_cached(sql)?.execute((before, *room, OPEN))?;
        *room -= gone as i64;
        taken += gone as u64;
    }
    Ok(taken + purge_notes(work, before, room)? + purge_names(work, room)?)
}

/// Takes notes of damage. One of a table whose rows are counted is needed until all numbers up to the row's are purged: without it
/// they would be missing.
fn purge_notes(work: &mut Work, before: i64, room: &mut i64) -> Result<u64, Failure> {
    let sql = "DELETE FROM damaged WHERE number IN (SELECT number FROM damaged WHERE at<?1 AND row<=CASE \
        WHEN origin IN ('event','lost event') THEN ?3 WHEN origin IN ('notification','lost notification') THEN ?4 \
        WHEN origin IN ('delivery_log','lost delivery_log') THEN ?5 ELSE row END LIMIT ?2)";
    let (events, notifications) = (work.counters.events.purged, work.counters.notifications.purged);
    let numbers = (before, *room, events, notifications, work.counters.entries.purged);
    let gone = work.connection.prepare_cached(sql)?.execute(numbers)?;
    *room -= gone as i64;
    Ok(gone as u64)
}

/// Takes names that no row can mention: each row notes its names' use anew when that note is a day old, so that a name whose note
/// is older than the oldest row by more than that stands in none.
fn purge_names(work: &mut Work, room: &mut i64) -> Result<u64, Failure> {
    let mut oldest = work.counters.peak;
    for sql in [
        "SELECT received FROM event ORDER BY number LIMIT 1",
        "SELECT at FROM delivery_log ORDER BY number LIMIT 1",
        "SELECT planned FROM notification ORDER BY number LIMIT 1",
        "SELECT made FROM delivery ORDER BY number LIMIT 1",
    ] {
        let first = row::integers(&work.connection, sql, [])?.first().copied();
        oldest = oldest.min(first.unwrap_or(oldest));
    }
    let sql = "DELETE FROM name WHERE number IN (SELECT number FROM name WHERE used<?1 LIMIT ?2)";
    let cut = oldest.saturating_sub(NAME_STALENESS);
    let gone = work.connection.prepare_cached(sql)?.execute((cut, *room))?;
    if gone > 0 {
        work.forget_names();
    }
    *room -= gone as i64;
    Ok(gone as u64)
}
