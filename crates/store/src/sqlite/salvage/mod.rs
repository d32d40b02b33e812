//! What survives of a damaged store file: found page by page, carried over into a new file, and the account of what was lost. A
//! running store sets single rows aside by itself, in `damaged`; the format of a page is told in `pages`.
//!
//! What is kept is right: a row is taken only if its checksum, which begins with its table's name, holds. What a damaged file cannot
//! tell is settled so that nothing is lost: an event of which nothing says that it was planned is planned once more, and a delivery
//! of which nothing says that it is settled is sent, once more perhaps, and with the same id. A row that was removed does not come
//! back, unless it lies about where its table has a hole and nothing else tells of its end; a key that was freed may so hold back
//! one repetition more, until its window is over.
//!
//! What cannot be told from a sound store: a log that was cut exactly between two commits, if the index beside it is gone too; and,
//! in a file above 16 MiB, rows that do not check in tables that a start does not need. Those are set aside when they are read, and
//! `fsck` finds them. A file that somebody else opened and closed with SQLite after a kill looks as if its log were missing: all of it
//! is kept then, and only the counts are told as unknown.

mod expected;
mod harvest;
pub(super) mod inspect;
mod known;
mod mend;
pub(crate) mod pages;
mod report;
mod roots;
pub(super) mod survey;
mod swap;

use std::path::Path;

use rusqlite::Connection;
use tidings_core::Timestamp;

pub(super) use mend::{UNSENDABLE, stranded};
pub use report::{Damage, Found, Why};

use super::{
    error::Failure,
    lock::{Left, Lock},
    schema,
};
use crate::StoreError;
use pages::Image;

/// Makes a file usable before it is opened: finishes a salvage that was interrupted, and saves what is left of a file that is
/// damaged. What the process before left, which its lock tells, tells a store that is gone from one that is new.
///
/// To be called by who holds the file's lock, before SQLite opens it.
///
/// # Errors
/// If files cannot be read, written or renamed; the damaged file is then as it was.
pub(crate) fn recover(path: &Path, lock: &mut Lock, now: Timestamp) -> Result<Option<Damage>, StoreError> {
    if let Some(damage) = resume(path, lock, now)? {
        return Ok(Some(damage));
    }
    swap::clear(path).map_err(|error| failed(path, &error))?;
    match inspect::is_damaged(path, lock.left()).map_err(|error| failed(path, &error))? {
        Some(why) => salvage(path, why, lock, now).map(Some),
        None => Ok(None),
    }
}

/// Whether a salvage was interrupted after all was saved.
pub(crate) fn is_interrupted(path: &Path) -> bool {
    swap::is_whole(path)
}

/// Finishes a salvage that was interrupted after all was saved.
///
/// # Errors
/// If files cannot be renamed.
pub(crate) fn resume(path: &Path, lock: &mut Lock, now: Timestamp) -> Result<Option<Damage>, StoreError> {
    if swap::is_whole(path) {
        // The new file has no log that could be missed. Noted before it takes its place, since a process may end in between.
        lock.note(Left::CLOSED);
    }
    swap::finish(path, now).map_err(|error| failed(path, &error))
}

/// Saves what is left of a file into a new one, which takes its place; the damaged one is renamed.
///
/// # Errors
/// As [`recover`].
pub(crate) fn salvage(path: &Path, why: Why, lock: &mut Lock, now: Timestamp) -> Result<Damage, StoreError> {
    let told = |error: &dyn std::fmt::Display| failed(path, error);
    swap::clear(path).map_err(|error| told(&error))?;
    let damage = build(path, why, now).map_err(|failure| match failure {
        Failure::Sql(error) => told(&error),
        Failure::Store(error) => error,
    })?;
    swap::complete(path, &damage).map_err(|error| told(&error))?;
    resume(path, lock, now)?;
    tracing::error!(target: "tidings::store", path = %path.display(), "{damage}");
    Ok(damage)
}

/// Builds the new file.
fn build(path: &Path, why: Why, now: Timestamp) -> Result<Damage, Failure> {
    let mut image = Image::open(path, inspect::PAGE).map_err(|error| Failure::Store(failed(path, &error)))?;
    let flaws = image.flaws();
    let end_is_lost = flaws.log_missing || image.length() == 0 || why == Why::LogMissing;
    let damage = Damage { why, set_aside: swap::free_name(path, now), ..Damage::default() };
    let known = mend::Known { damage, end_is_lost, is_torn: flaws.log_damaged, path: path.display().to_string() };
    let target = Connection::open(swap::building(path))?;
    // The file is thrown away if anything fails, and synced when it is whole.
    target.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;")?;
    schema::migrate(&target, 0, now.as_nanos())?;
    // A new file counts from nothing; this one goes on where the damaged one was.
    target.execute_batch("BEGIN; DELETE FROM meta;")?;
    let gathered = harvest::gather(&mut image, &target, flaws != pages::Flaws::default())?;
    let (work, damage) = mend::mend(target, &gathered, known, now)?;
    work.connection.execute_batch("COMMIT")?;
    Ok(damage)
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!(
        "what is left of the damaged store {} cannot be saved: make room on its disk and check the permissions of its folder ({error})",
        path.display()
    ))
}
