//! Rows that do not check while the store runs: set aside, told in the log, and everything else goes on. A file that cannot be read
//! any more is saved at the next start.

use rusqlite::types::ValueRef;
use serde_json::{Map, Value};
use tidings_core::{DeliveryId, Timestamp};

use super::{
    counters::one_less,
    error::Failure,
    ids::Kind,
    log::Line,
    row::{self, BadRow, Cell, Reference},
    salvage::stranded,
    schema::Table,
    waits,
    work::Work,
};
use crate::model::Step;

/// Notes beside the file that it was found damaged, so that the next start looks at all of it.
pub(crate) fn mark(path: &str) {
    // Without the note the next start still finds what it stumbles over.
    drop(std::fs::File::create(format!("{path}.damaged")));
}

/// Sets rows aside: out of their tables, into `damaged` as they are.
pub(crate) fn set_aside(work: &mut Work, bad: &[BadRow]) -> Result<(), Failure> {
    for row in bad {
        set_one_aside(work, *row)?;
    }
    if bad.iter().any(|row| row.table == Table::Delivery) {
        repair_lanes(work)?;
        work.recount = true;
    }
    Ok(())
}

fn set_one_aside(work: &mut Work, bad: BadRow) -> Result<(), Failure> {
    if bad.table == Table::Name && work.restore_name(bad.number)? {
        return Ok(());
    }
    let Some((content, id)) = raw(work, bad)? else { return Ok(()) };
    let likely = likely_notification(work, bad)?;
    let waited = if bad.table == Table::Deferred { waits::likely(work, bad.number)? } else { None };
    let (name, now) = (bad.table.name(), work.counters.clock);
    let known = "SELECT number FROM damaged WHERE origin=? AND row=?";
    if row::integers(&work.connection, known, (name, bad.number))?.is_empty() {
        let number = work.next_other();
        let cells = [number.into(), Cell::Text(name), bad.number.into(), now.into(), Cell::Blob(&content)];
        work.insert(Table::Damaged, &cells)?;
    }
    take_out(work, bad)?;
    work.counters.damaged += 1;
    settle_account(work, bad, id)?;
    tracing::error!(target: "tidings::store", table = name, number = bad.number, "a row does not check: set aside");
    let mut detail = Map::new();
    detail.insert("table".to_owned(), Value::from(name));
    detail.insert("number".to_owned(), Value::from(bad.number));
    work.log(now, Step::Damaged, &Line::default().with(&detail))?;
    match bad.table {
        Table::Delivery => give_up(work, id, likely),
        Table::Deferred => waits::renew_after(work, waited),
        Table::Notification => waits::lose(work, bad.number),
        _ => Ok(()),
    }
}

/// What a delivery's row tells of its notification, if that is right: `None` if it has none, as one of an event.
fn likely_notification(work: &Work, bad: BadRow) -> Result<Option<i64>, Failure> {
    if bad.table != Table::Delivery {
        return Ok(None);
    }
    let sql = "SELECT iif(typeof(notification)='integer', notification, 0) FROM delivery \
        WHERE number=? AND NOT (notification IS NULL AND leg IS NULL)";
    Ok(row::integers(&work.connection, sql, [bad.number])?.first().copied())
}

/// A delivery whose row is lost is given up, and its notification stands accordingly. Which one that is tells the leg that nothing
/// is under way for, since nothing in the row can be believed.
fn give_up(work: &mut Work, id: Option<[u8; 16]>, likely: Option<i64>) -> Result<(), Failure> {
    let now = work.counters.clock;
    let of = match likely {
        Some(likely) => stranded::find(work, likely)?,
        None => None,
    };
    let line = Line {
        delivery: id.map(DeliveryId::from_bytes),
        notification: of.as_ref().map_or(Reference::None, |(number, _)| Reference::Number(*number)),
        endpoint: work.optional_name(of.as_ref().map(|(_, channel)| &**channel))?,
        detail: Some(r#"{"kind":"damaged"}"#.to_owned()),
        ..Line::default()
    };
    work.log(now, Step::Dead, &line)?;
    match of {
        Some((number, _)) => stranded::end(work, number, Timestamp::from_nanos(now)),
        None => Ok(()),
    }
}

/// The row as it is, column by column, and what may be its id.
type Raw = (Vec<u8>, Option<[u8; 16]>);

fn raw(work: &Work, bad: BadRow) -> Result<Option<Raw>, Failure> {
    let mut statement = work.connection.prepare(&bad.table.select("WHERE number=?"))?;
    let mut rows = statement.query([bad.number])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut content = Vec::new();
    for place in 0..=bad.table.columns().len() {
        match row.get_ref(place)? {
            ValueRef::Null => content.extend(b"null"),
            ValueRef::Integer(value) => content.extend(value.to_string().bytes()),
            ValueRef::Real(value) => content.extend(value.to_string().bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => content.extend(bytes),
        }
        content.push(b'\n');
    }
    let id = row.get_ref(1).ok().and_then(|value| value.as_blob().ok()?.try_into().ok());
    Ok(Some((content, id)))
}

/// Takes the row out of its table. If an index does not fit the damaged row it is made anew.
fn take_out(work: &Work, bad: BadRow) -> Result<(), Failure> {
    match work.delete(bad.table, bad.number) {
        Err(failure) if failure.is_damage() => {
            work.connection.execute_batch(&format!("REINDEX {}", bad.table.name()))?;
            work.delete(bad.table, bad.number)?;
        }
        other => {
            other?;
        }
    }
    Ok(())
}

/// What is gone is counted as what it has become.
fn settle_account(work: &mut Work, bad: BadRow, id: Option<[u8; 16]>) -> Result<(), Failure> {
    match bad.table {
        Table::Event if work.delete(Table::Outbox, bad.number)? => {
            one_less(&mut work.counters.census.waiting, "events that wait");
            // Nothing has come of it: whoever sends it again is not to hear that it is there.
            work.shared.ids.lose(&work.connection, (Kind::Event, id, bad.number))?;
        }
        Table::Notification => work.shared.ids.lose(&work.connection, (Kind::Notification, id, bad.number))?,
        Table::Outbox => one_less(&mut work.counters.census.waiting, "events that wait"),
        Table::Delivery => {
            one_less(&mut work.counters.census.open, "deliveries that are open");
            work.counters.census.dead += 1;
            if let Some(id) = id {
                let key = (Kind::Delivery, id, bad.number);
                work.shared.ids.remove(&work.connection, key, &mut work.counters)?;
            }
        }
        Table::Name => work.forget_names(),
        _ => {}
    }
    Ok(())
}

/// Gives every lane a head again.
fn repair_lanes(work: &mut Work) -> Result<(), Failure> {
    let headless = "SELECT delivery.number FROM delivery JOIN \
        (SELECT min(number) AS first FROM delivery GROUP BY endpoint, lane) ON delivery.number=first WHERE head=0";
    for number in row::integers(&work.connection, headless, [])? {
        if let Some(row) = work.hot(number)? {
            work.promote(row.endpoint, row.lane)?;
        }
    }
    Ok(())
}
