//! Deliveries that were found: one that is settled stays so, one that cannot be sent is given up, and lanes have their heads. How an
//! attempt settles one is told in `finish`.

use std::collections::{BTreeSet, HashMap};

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
    /// How many are taken out, to be made anew by the plans of these events.
    pub(super) remade: u64,
    pub(super) again: BTreeSet<i64>,
    /// Whether each that is kept is open for certain.
    pub(super) certain: bool,
}

impl Sifted {
    /// How many are not missing.
    pub(super) const fn found(&self) -> u64 {
        self.kept + self.unsendable + self.remade
    }
}

/// How far what was found is certain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Certainty {
    pub(super) log_is_whole: bool,
    /// Whether committed changes are gone with the log.
    pub(super) end_is_lost: bool,
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
pub(super) fn sift(
    work: &mut Work,
    gathered: &Gathered,
    certainty: Certainty,
    nameless: &BTreeSet<i64>,
) -> Result<Sifted, Failure> {
    let log_is_whole = certainty.log_is_whole;
    take_out_settled(work, gathered, certainty.end_is_lost)?;
    take_out_doubtful(work, gathered, log_is_whole)?;
    let (remade, again) = take_out_nameless(work, nameless)?;
    let mut unsendable = row::integers(&work.connection, UNSENDABLE, [])?;
    for endpoint in nameless {
        unsendable.extend(row::integers(&work.connection, "SELECT number FROM delivery WHERE endpoint=?", [endpoint])?);
    }
    unsendable.sort_unstable();
    unsendable.dedup();
    for number in &unsendable {
        give_up(work, *number)?;
    }
    for number in row::integers(&work.connection, MISPLACED, [])? {
        turn_head(work, number)?;
    }
    let kept = account::count(&work.connection, "SELECT count(*) FROM delivery")?;
    let certain = log_is_whole || gathered.hauls.get(&Table::Delivery).is_none_or(|haul| haul.strays.is_empty());
    Ok(Sifted { kept, unsendable: unsendable.len() as u64, remade, again, certain })
}

/// Takes out what would wait for ever, since nobody knows for whom, but is made anew if its event is planned again; gives how many
/// and those events.
fn take_out_nameless(work: &Work, nameless: &BTreeSet<i64>) -> Result<(u64, BTreeSet<i64>), Failure> {
    let (mut count, mut events) = (0, BTreeSet::new());
    for endpoint in nameless {
        let of = "SELECT event FROM delivery WHERE endpoint=? AND event IN (SELECT number FROM event)";
        events.extend(row::integers(&work.connection, of, [endpoint])?);
        let taken = "DELETE FROM delivery WHERE endpoint=? AND event IN (SELECT number FROM event)";
        count += work.connection.execute(taken, [endpoint])? as u64;
    }
    Ok((count, events))
}

/// What the log says is settled does not come back to life.
///
/// Where the end of the log is lost an entry may be all that is left of its commit: the delivery that stood in for the one that was
/// given up is gone. What its table still leads to is sent then, once more perhaps, unless it arrived.
fn take_out_settled(work: &Work, gathered: &Gathered, end_is_lost: bool) -> Result<(), Failure> {
    let strays = |table| gathered.hauls.get(&table).map(|haul| &haul.strays);
    let is_stray = |table, number| strays(table).is_some_and(|strays| strays.contains(&number));
    let mut open: HashMap<Vec<u8>, (i64, i64)> = HashMap::new();
    let mut statement = work.connection.prepare("SELECT id, number, made FROM delivery")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        open.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let finals: Vec<_> = FINAL.into_iter().map(|step| step_code(step).to_string()).collect();
    let sql = format!(
        "SELECT delivery, at, number, step FROM delivery_log WHERE step IN ({}) AND delivery IS NOT NULL",
        finals.join(",")
    );
    let mut statement = work.connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let settled = row.get_ref(0)?.as_blob().ok().and_then(|id| open.get(id));
        let (at, entry, step): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let has_arrived = step == step_code(Step::Delivered);
        if let Some((number, _)) = settled.filter(|(_, made)| *made <= at) {
            let is_alone = end_is_lost && is_stray(Table::Log, entry) && !is_stray(Table::Delivery, *number);
            if has_arrived || !is_alone {
                work.delete(Table::Delivery, *number)?;
            }
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
