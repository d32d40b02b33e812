//! Which events still wait for their plan. Where the outbox has holes an event waits unless something says that it was planned:
//! planning is what loses nothing, and what it makes it makes once.

use super::account;
use crate::sqlite::{
    error::Failure,
    row::{self, Cell},
    salvage::harvest::{Gathered, Haul},
    schema::Table,
    work::Work,
};

/// What says that an event was planned: an entry or a delivery of it.
const IS_PLANNED: &str =
    "(number IN (SELECT event FROM delivery_log WHERE event=number) OR number IN (SELECT event FROM delivery))";

/// Settles the outbox; gives how many events are planned once more.
pub(super) fn settle(work: &mut Work, gathered: &Gathered, trusted: bool) -> Result<u64, Failure> {
    work.connection.execute("DELETE FROM event_outbox WHERE number NOT IN (SELECT number FROM event)", [])?;
    let Some(haul) = gathered.hauls.get(&Table::Outbox).filter(|haul| !haul.holes.is_empty()) else { return Ok(0) };
    for number in &haul.strays {
        let planned = format!("DELETE FROM event_outbox WHERE number=? AND {IS_PLANNED}");
        work.connection.prepare_cached(&planned)?.execute([number])?;
    }
    let waiting = account::count(&work.connection, "SELECT count(*) FROM event_outbox")?;
    let room = if trusted { work.counters.census.waiting.saturating_sub(waiting) } else { u64::MAX };
    let doubtful = doubtful(work, haul, trusted, usize::try_from(room).unwrap_or(usize::MAX))?;
    for number in &doubtful {
        row::put(&work.connection, &Table::Outbox.insert(), Table::Outbox, &[Cell::Integer(*number)])?;
    }
    Ok(doubtful.len() as u64)
}

/// Events in the holes that nothing says were planned, the newest first. Where nobody knows how many waited only those are
/// doubtful that came behind the last one that was planned: events are planned in their order.
fn doubtful(work: &Work, haul: &Haul, trusted: bool, room: usize) -> Result<Vec<i64>, Failure> {
    let last_planned = "SELECT max(coalesce((SELECT max(event) FROM delivery_log WHERE typeof(event)='integer'), 0), \
        coalesce((SELECT max(event) FROM delivery WHERE typeof(event)='integer'), 0))";
    let last_planned: i64 = work.connection.query_row(last_planned, [], |row| row.get(0))?;
    let after = if trusted { 0 } else { last_planned };
    let sql = format!(
        "SELECT number FROM event WHERE number>? AND number NOT IN (SELECT number FROM event_outbox) AND NOT {IS_PLANNED} \
        ORDER BY number DESC"
    );
    let mut statement = work.connection.prepare(&sql)?;
    let mut rows = statement.query([after])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()?.filter(|_| found.len() < room) {
        let number = row.get(0)?;
        if haul.has_hole_at(number) {
            found.push(number);
        }
    }
    Ok(found)
}
