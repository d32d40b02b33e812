//! What is kept beside events and deliveries: rule sets, how far sinks have read, which addresses are disabled.

use tidings_core::Timestamp;

use super::{
    error::Failure,
    keys,
    log::Line,
    row::{Cell, Stored},
    schema::Table,
    work::Work,
};
use crate::model::{Disabled, Step};

/// What a rule set's version begins with, unless the last one has the same content.
pub(crate) fn put_rule_set(work: &mut Work, first: i64, since: Timestamp, content: &str) -> Result<u64, Failure> {
    let sql = "SELECT number,first,since,content,crc FROM rule_set ORDER BY number DESC LIMIT 1";
    let last = work.scan((Table::RuleSet, sql), [], |row| Some((row.count(1)?, row.text(3)? == content)))?;
    if let Some((first, true)) = last.first().copied() {
        return Ok(first);
    }
    let number = work.next_other();
    work.insert(Table::RuleSet, &[number.into(), first.into(), since.as_nanos().into(), Cell::Text(content)])?;
    Ok(first.unsigned_abs())
}

/// Notes how far a sink has read; it never goes back.
pub(crate) fn advance(work: &mut Work, sink: &str, event: i64) -> Result<(), Failure> {
    let sql = "SELECT number,sink,event,moved,crc FROM sink_cursor WHERE sink=?";
    let found = work.scan((Table::Cursor, sql), [sink], |row| Some((row.integer(0)?, row.integer(2)?)))?;
    let place = found.first().copied();
    if place.is_some_and(|(_, reached)| reached >= event) {
        return Ok(());
    }
    // The time in which the store was open: a sink could not read in the rest.
    let moved = work.counters.clock.saturating_sub(work.counters.asleep);
    keys::put(work, Table::Cursor, place.map(|(number, _)| number), |number| {
        vec![number.into(), Cell::Text(sink), event.into(), moved.into()]
    })
}

/// Reads an address that is disabled.
pub(crate) fn read_disabled(row: Stored<'_>) -> Option<Disabled> {
    Some(Disabled {
        endpoint: row.text(1)?.to_owned(),
        address: row.optional(2, |row, place| row.text(place).map(str::to_owned))?,
        since: Timestamp::from_nanos(row.integer(3)?),
        reason: row.text(4)?.to_owned(),
    })
}

/// Lets an address be sent to again; says whether it was disabled.
pub(crate) fn enable(work: &mut Work, endpoint: &str, address: Option<&str>, now: Timestamp) -> Result<bool, Failure> {
    work.see(now);
    let sql = "SELECT number,endpoint,address,since,reason,crc FROM disabled WHERE endpoint=? AND address IS ?";
    let found = work.scan((Table::Disabled, sql), (endpoint, address), |row| row.integer(0))?;
    for number in &found {
        work.delete(Table::Disabled, *number)?;
    }
    if !found.is_empty() {
        let endpoint = Some(work.name(endpoint)?);
        work.log(now.as_nanos(), Step::Enabled, &Line { endpoint, ..Line::default() })?;
    }
    Ok(!found.is_empty())
}
