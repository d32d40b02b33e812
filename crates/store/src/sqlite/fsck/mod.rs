//! Looks a store file over without changing it, and says what is there and what to do; and the repair that may follow. How a damaged
//! file is read, and saved, is told in `salvage`.
//!
//! To be run by a process that has not opened the store: in one that has, closing the file would drop SQLite's locks on it.

mod references;
mod report;

use std::path::Path;

use tidings_core::Timestamp;

pub use report::{Report, State};

use super::{
    connect,
    counters::Counters,
    lock::{Lock, followed},
    salvage::{
        self, Damage, Why,
        inspect::{self, Verdict},
        survey::Survey,
    },
    schema::{self, Table},
};
use crate::StoreError;

/// So many complaints of SQLite's own check are shown.
const COMPLAINTS: usize = 20;

/// Looks a file over. It may be in use, damaged, another program's, or not there: the report says so.
#[must_use]
pub fn fsck(path: &Path) -> Report {
    let path = &followed(path);
    let report = look(path);
    // A process may have begun to write it meanwhile, and what is being written may look torn from outside.
    if !report.in_use && Lock::is_held(path) { look(path) } else { report }
}

fn look(path: &Path) -> Report {
    let mut report = Report::of(path);
    if path.is_dir() {
        return report.state(State::Unreadable("it is a folder".to_owned()));
    }
    report.in_use = Lock::is_held(path);
    if !report.in_use && salvage::is_interrupted(path) {
        return report.state(State::Interrupted);
    }
    let left = Lock::noted(path);
    let verdict = match inspect::whose(path) {
        Err(error) => return report.state(State::Unreadable(error.to_string())),
        Ok(None) if left.used => {
            report.why = Some(Why::FileMissing);
            return report.settle();
        }
        Ok(None) if path.exists() => return report.state(State::Empty),
        Ok(None) => return report.state(State::Missing),
        Ok(Some(verdict)) => verdict,
    };
    match verdict {
        Verdict::Foreign => return report.state(State::Foreign),
        Verdict::Newer(version) => return report.state(State::Newer(version)),
        // A first start that came to no end.
        Verdict::Unused if !left.used => return report.state(State::Empty),
        // What is being written may look torn from outside: SQLite tells.
        Verdict::Damaged(why) if !report.in_use => report.why = Some(why),
        Verdict::Ours | Verdict::Unused | Verdict::Damaged(_) => {}
    }
    report.version = Some(schema::VERSION);
    if report.in_use {
        look_at_live(&mut report, path)
    } else {
        look_at_still(&mut report, path)
    }
    report.settle()
}

/// A file that nobody writes: page by page, and then as SQLite sees it.
fn look_at_still(report: &mut Report, path: &Path) {
    let why = inspect::is_damaged(path, Lock::noted(path));
    report.why = report.why.take().or(why.unwrap_or_else(|error| Some(Why::Check(error.to_string()))));
    match inspect::survey(path) {
        Ok(survey) => take(report, &survey),
        Err(error) => report.complaints.push(error.to_string()),
    }
    // Where the file is known to be damaged, SQLite would mend traces away that a repair still needs.
    if report.why.is_none() {
        ask(report, path, false);
    }
}

/// A file that another process writes: as SQLite sees it, at one moment.
fn look_at_live(report: &mut Report, path: &Path) {
    ask(report, path, true);
}

/// Asks SQLite. If it is not let in, that says nothing against the file.
fn ask(report: &mut Report, path: &Path, counts: bool) {
    match answer(report, path, counts) {
        Err(error) if connect::is_refused(&error) => report.unasked = Some(error.to_string()),
        Err(error) => report.complaints.push(error.to_string()),
        Ok(()) => {}
    }
}

fn answer(report: &mut Report, path: &Path, counts: bool) -> rusqlite::Result<()> {
    let connection = connect::to_read(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // One read transaction: what is counted was so at one moment.
    connection.execute_batch("BEGIN")?;
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({COMPLAINTS})"))?;
    let complaints: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    report.complaints.extend(complaints.into_iter().filter(|text| text != "ok"));
    if counts {
        let mut survey = Survey::default();
        Table::ALL.into_iter().try_for_each(|table| survey.ask(table, &connection))?;
        take(report, &survey);
    }
    report.references = references::count(&connection)?;
    Ok(())
}

fn take(report: &mut Report, survey: &Survey) {
    report.tables = Table::ALL.into_iter().map(|table| (table.name().to_owned(), survey.found(table))).collect();
    report.census = survey.counters().map(|counters: &Counters| counters.census);
}

/// Saves all that checks into a new file, which takes the old one's place; the old one is kept beside it. An interrupted repair is
/// finished.
///
/// # Errors
/// [`StoreError::InUse`] if another process holds the file; [`StoreError::Unusable`] if it is not a store of this version;
/// [`StoreError::Unavailable`] if it cannot be read or written.
pub fn repair(path: &Path, now: Timestamp) -> Result<Damage, StoreError> {
    let path = &followed(path);
    let shown = path.display();
    let unusable = |what: &str| Err(StoreError::Unusable(format!("{shown} {what}")));
    if path.is_dir() {
        return unusable("is a folder: name the store's file");
    }
    let was_there = salvage::is_interrupted(path) || Lock::noted(path).used;
    if !path.exists() && !was_there && matches!(inspect::whose(path), Ok(None)) {
        return unusable("is not there: check the path");
    }
    let mut lock = Lock::take(path)?;
    if let Some(damage) = salvage::resume(path, &mut lock, now)? {
        return Ok(damage);
    }
    let why = inspect::is_damaged(path, lock.left()).ok().flatten().unwrap_or(Why::Asked);
    match inspect::whose(path) {
        Ok(Some(Verdict::Foreign)) => unusable("is another program's file: nothing of it is touched"),
        Ok(Some(Verdict::Newer(version))) => {
            unusable(&format!("was written by a newer version (its tables are version {version}): repair it with that"))
        }
        _ => salvage::salvage(path, why, &mut lock, now),
    }
}
