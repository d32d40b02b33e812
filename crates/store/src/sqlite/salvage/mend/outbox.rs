//! Which events still wait for their plan. Where the outbox is not whole an event waits unless something says that it was planned:
//! planning is what loses nothing, and what it makes it makes once.

use super::account;
use crate::sqlite::{
    error::Failure,
    row::{self, Cell},
    salvage::harvest::Gathered,
    schema::Table,
    work::Work,
};

/// What says that an event was planned, in the same step as its row of the outbox went: an entry or a delivery of it.
const IS_PLANNED: &str = "(EXISTS (SELECT 1 FROM delivery_log WHERE event=number_of) \
    OR number_of IN (SELECT event FROM delivery WHERE typeof(event)='integer'))";

/// What is known of the events that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Whether the counters tell how many there are.
    pub(super) counted: bool,
    /// Whether an older version of the outbox may have taken the place of the last.
    pub(super) torn: bool,
}

/// Settles the outbox; gives how many events are planned once more.
pub(super) fn settle(work: &mut Work, gathered: &Gathered, known: Known) -> Result<u64, Failure> {
    work.connection.execute("DELETE FROM event_outbox WHERE number NOT IN (SELECT number FROM event)", [])?;
    let has_holes = gathered.hauls.get(&Table::Outbox).is_none_or(|haul| !haul.holes.is_empty());
    if has_holes || known.torn {
        let planned = IS_PLANNED.replace("number_of", "event_outbox.number");
        work.connection.execute(&format!("DELETE FROM event_outbox WHERE {planned}"), [])?;
    }
    let waiting = account::count(&work.connection, "SELECT count(*) FROM event_outbox")?;
    let doubtful = if known.counted {
        doubtful(work, 0, work.counters.census.waiting.saturating_sub(waiting))?
    } else if has_holes || known.torn {
        doubtful(work, last_planned(work)?, u64::MAX)?
    } else {
        Vec::new()
    };
    for number in &doubtful {
        row::put(&work.connection, &Table::Outbox.insert(), Table::Outbox, &[Cell::Integer(*number)])?;
    }
    Ok(doubtful.len() as u64)
}

/// The last event of which something says that it was planned. Where nobody knows how many waited only those are doubtful that came
/// behind it: events are planned in their order.
fn last_planned(work: &Work) -> Result<i64, Failure> {
    let sql = "SELECT max(coalesce((SELECT max(event) FROM delivery_log WHERE typeof(event)='integer'), 0), \
        coalesce((SELECT max(event) FROM delivery WHERE typeof(event)='integer'), 0))";
    Ok(work.connection.query_row(sql, [], |row| row.get(0))?)
}

/// Events that nothing says were planned, the newest first.
fn doubtful(work: &Work, after: i64, room: u64) -> Result<Vec<i64>, Failure> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let planned = IS_PLANNED.replace("number_of", "event.number");
    let sql = format!(
        "SELECT number FROM event WHERE number>? AND number NOT IN (SELECT number FROM event_outbox) AND NOT {planned} \
        ORDER BY number DESC LIMIT ?"
    );
    row::integers(&work.connection, &sql, (after, i64::try_from(room).unwrap_or(i64::MAX))).map_err(Failure::from)
}
