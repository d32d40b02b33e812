//! Makes a store of the rows that were kept: what they mean to each other holds again, and the account closes. Where the rows come
//! from is told in `harvest`.

mod account;
mod deliveries;
mod names;
mod outbox;
pub(in crate::sqlite) mod stranded;
mod waits;

pub(in crate::sqlite) use deliveries::UNSENDABLE;

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Map, Value};
use tidings_core::Timestamp;

use super::{
    harvest::{Account, Gathered},
    report::{Damage, Found},
};
use crate::{
    Step,
    sqlite::{error::Failure, log::Line, options::Opened, schema::Table, shared::Shared, work::Work},
};

/// What is known of the damage before the rows are looked at.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) damage: Damage,
    /// Whether committed changes are gone with the log.
    pub(super) end_is_lost: bool,
    /// Whether parts of the log do not hold: older versions of pages may stand in for the last.
    pub(super) is_torn: bool,
    pub(super) path: String,
}

/// Mends a file of kept rows; the transaction under way is the caller's.
pub(super) fn mend(
    connection: Connection,
    gathered: &Gathered,
    known: Known,
    now: Timestamp,
) -> Result<(Work, Damage), Failure> {
    let mut damage = known.damage;
    let trusted = matches!(gathered.account, Account::Last(_)) && !known.end_is_lost;
    let nameless = names::name_the_nameless(&connection, &gathered.names)?;
    let counters = account::raise(&connection, &gathered.account)?;
    let shared = Shared::new(known.path, Opened::default());
    let mut work = Work::new(connection, counters, shared.into());
    work.see(now);
    damage.tables = found(&work, gathered, trusted)?;
    let log_is_whole = damage.tables.get(Table::Log.name()).is_some_and(|found| found.missing == 0 && found.exact);
    let certainty = deliveries::Certainty { log_is_whole, end_is_lost: known.end_is_lost };
    let sifted = deliveries::sift(&mut work, gathered, certainty, &nameless)?;
    damage.unsendable = sifted.unsendable;
    let open = work.counters.census.open;
    let open_found = damage.tables.entry(Table::Delivery.name().to_owned()).or_default();
    open_found.kept = sifted.kept;
    open_found.exact &= sifted.certain;
    open_found.missing = if trusted { open.saturating_sub(sifted.found()) } else { 0 };
    damage.due_again = waits::settle(&mut work)?;
    let told = outbox::Known { counted: trusted, torn: known.is_torn, end_is_lost: known.end_is_lost };
    damage.planned_again = outbox::settle(&mut work, gathered, told)? + outbox::put(&work, &sifted.again)?;
    stranded::forget_repeated(&mut work)?;
    account::close(&mut work, trusted)?;
    damage.stranded = stranded::settle(&mut work, now)?;
    account::close(&mut work, true)?;
    tell(&mut work, &damage, now)?;
    account::note_lost(&mut work, now.as_nanos())?;
    account::file_ids(&mut work)?;
    work.counters.save(&work.connection)?;
    Ok((work, damage))
}

/// Counts what is there of every table, and what its numbers say is not.
fn found(work: &Work, gathered: &Gathered, trusted: bool) -> Result<BTreeMap<String, Found>, Failure> {
    let mut tables = BTreeMap::new();
    for table in Table::ALL {
        let haul = gathered.hauls.get(&table);
        let kept = account::count(&work.connection, &format!("SELECT count(*) FROM {}", table.name()))?;
        let bad = haul.map_or(0, |haul| haul.bad);
        let had_holes = haul.is_some_and(|haul| !haul.holes.is_empty());
        let expected = account::due(work, table)?;
        let strays = haul.map_or(0, |haul| haul.strays.len()) as u64;
        let missing = expected.map_or_else(|| bad.saturating_sub(strays), |expected| expected.saturating_sub(kept));
        // A table without numbers that count has nothing to tell how much was in a hole.
        let exact = if expected.is_some() { trusted } else { !had_holes && trusted };
        tables.insert(table.name().to_owned(), Found { kept, lost_rows: bad.saturating_sub(strays), missing, exact });
    }
    Ok(tables)
}

/// Writes to the log what was lost, an entry for each table.
fn tell(work: &mut Work, damage: &Damage, now: Timestamp) -> Result<(), Failure> {
    let lossy = damage.tables.iter().filter(|(_, found)| !found.is_whole());
    for (table, found) in lossy {
        let mut detail = Map::new();
        detail.insert("table".to_owned(), Value::from(table.as_str()));
        if let Ok(Value::Object(values)) = serde_json::to_value(found) {
            detail.extend(values);
        }
        work.log(now.as_nanos(), Step::Damaged, &Line::default().with(&detail))?;
    }
    Ok(())
}
