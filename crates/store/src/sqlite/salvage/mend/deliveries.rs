//! Deliveries that were found: one that is settled stays so, one that cannot be sent is given up, and lanes have their heads. How an
//! attempt settles one is told in `finish`.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, types::Value};

use super::account;
use crate::{
    Step,
    sqlite::{
        error::Failure,
        log::{Line, step_code},
        row,
        salvage::{harvest::Gathered, known::cell},
        schema::Table,
        work::Work,
    },
};

/// What became of the deliveries that were found.
#[derive(Debug)]
pub(super) struct Sifted {
    pub(super) kept: u64,
    pub(super) unsendable: u64,
    /// Whether each that is kept is open for certain.
    pub(super) certain: bool,
}

/// What tells that a delivery is settled.
const FINAL: [Step; 4] = [Step::Delivered, Step::Dead, Step::Expired, Step::Shed];

/// Those whose message is lost: they lean on an event or notification that is not there.
pub(in crate::sqlite) const UNSENDABLE: &str = "SELECT number FROM delivery WHERE payload IS NULL AND NOT coalesce(CASE \
    WHEN notification IS NOT NULL THEN notification IN (SELECT number FROM notification) \
    ELSE event IN (SELECT number FROM event) END, 0)";

/// Those that are head and should not be, or the other way round.
const MISPLACED: &str = "SELECT number FROM delivery AS one WHERE (head=1) <> (number=(SELECT min(number) FROM delivery AS other \
    WHERE other.endpoint=one.endpoint AND other.lane=one.lane))";

/// Takes out what is settled, or may be, and what cannot be sent.
pub(super) fn sift(work: &mut Work, gathered: &Gathered, log_is_whole: bool) -> Result<Sifted, Failure> {
    take_out_settled(work)?;
    take_out_doubtful(work, gathered, log_is_whole)?;
    let unsendable = row::integers(&work.connection, UNSENDABLE, [])?;
    for number in &unsendable {
        give_up(work, *number)?;
    }
    for number in row::integers(&work.connection, MISPLACED, [])? {
        turn_head(work, number)?;
    }
    let kept = account::count(&work.connection, "SELECT count(*) FROM delivery")?;
    let certain = log_is_whole || gathered.hauls.get(&Table::Delivery).is_none_or(|haul| haul.strays.is_empty());
    Ok(Sifted { kept, unsendable: unsendable.len() as u64, certain })
}

/// What the log says is settled does not come back to life.
fn take_out_settled(work: &Work) -> Result<(), Failure> {
    let mut open: HashMap<Vec<u8>, (i64, i64)> = HashMap::new();
    let mut statement = work.connection.prepare("SELECT id, number, made FROM delivery")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        open.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let finals: Vec<_> = FINAL.into_iter().map(|step| step_code(step).to_string()).collect();
    let sql =
        format!("SELECT delivery, at FROM delivery_log WHERE step IN ({}) AND delivery IS NOT NULL", finals.join(","));
    let mut statement = work.connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let settled = row.get_ref(0)?.as_blob().ok().and_then(|id| open.get(id));
        let at: i64 = row.get(1)?;
        if let Some((number, _)) = settled.filter(|(_, made)| *made <= at) {
            work.delete(Table::Delivery, *number)?;
        }
    }
    Ok(())
}

/// What was found lying about, outside of any hole of its table, was taken away once. It is believed to be open only if the log
/// would say otherwise.
fn take_out_doubtful(work: &Work, gathered: &Gathered, log_is_whole: bool) -> Result<(), Failure> {
    let Some(haul) = gathered.hauls.get(&Table::Delivery) else { return Ok(()) };
    let first: Option<i64> = work
        .connection
        .query_row("SELECT at FROM delivery_log ORDER BY number LIMIT 1", [], |row| row.get(0))
        .optional()?;
    let told_since = if work.counters.entries.purged == 0 { i64::MIN } else { first.unwrap_or(i64::MAX) };
    for number in haul.strays.iter().filter(|number| !haul.has_hole_at(**number)) {
        let sql = "SELECT made FROM delivery WHERE number=?";
        let made: Option<i64> =
            work.connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?;
        if !log_is_whole || made.is_some_and(|made| made < told_since) {
            work.delete(Table::Delivery, *number)?;
        }
    }
    Ok(())
}

/// Gives a delivery up whose message is lost.
fn give_up(work: &mut Work, number: i64) -> Result<(), Failure> {
    if let Some(row) = work.hot(number)? {
        let line = Line { detail: Some(r#"{"kind":"damaged"}"#.to_owned()), ..Line::about(&row, 0) };
        work.log(work.counters.clock, Step::Dead, &line)?;
    }
    work.delete(Table::Delivery, number)?;
    Ok(())
}

/// Makes a delivery the head of its lane, or no longer.
fn turn_head(work: &Work, number: i64) -> Result<(), Failure> {
    let place = Table::Delivery.columns().iter().position(|column| *column == "head").unwrap_or_default();
    let width = Table::Delivery.columns().len();
    let sql = Table::Delivery.select("WHERE number=?");
    let read = |row: &rusqlite::Row<'_>| (0..width).map(|place| row.get(place)).collect();
    let mut values: Vec<Value> = work.connection.query_row(&sql, [number], read)?;
    if let Some(head) = values.get_mut(place) {
        *head = Value::Integer(i64::from(*head != Value::Integer(1)));
    }
    let cells: Option<Vec<_>> = values.iter().map(cell).collect();
    work.replace(Table::Delivery, &cells.unwrap_or_default())
}
