//! The files of a salvage: the new one is built beside the damaged one and takes its place only when it is whole. What goes into it
//! is told elsewhere.
//!
//! Its name while it is built is not the one that it has when it is whole: wherever the process stops, the next start either begins
//! anew with the damaged file untouched, or finishes the change of places.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use tidings_core::Timestamp;

use super::{pages::beside, report::Damage};

/// What lies beside a file of SQLite.
const PARTS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Where the new file is built.
pub(super) fn building(path: &Path) -> PathBuf {
    beside(path, ".building")
}

fn whole(path: &Path) -> PathBuf {
    beside(path, ".new")
}

/// Whether a new file is whole and has not taken its place yet.
pub(super) fn is_whole(path: &Path) -> bool {
    whole(path).exists()
}

fn report(path: &Path) -> PathBuf {
    beside(path, ".new.json")
}

/// The note that a file was found damaged while it was in use.
pub(super) fn mark(path: &Path) -> PathBuf {
    beside(path, ".damaged")
}

/// Takes away what a salvage left that was not finished.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    let building = building(path);
    remove(&building)?;
    PARTS.iter().try_for_each(|part| remove(&beside(&building, part)))
}

/// Says that the new file is whole, and what is to be told of the old one.
pub(super) fn complete(path: &Path, damage: &Damage) -> io::Result<()> {
    let mut file = File::create(report(path))?;
    file.write_all(serde_json::to_string_pretty(damage)?.as_bytes())?;
    file.sync_all()?;
    File::open(building(path))?.sync_all()?;
    fs::rename(building(path), whole(path))?;
    sync_folder(path)
}

/// Puts a new file that is whole in the place of the damaged one; gives what is to be told of that. `None` if there is none.
///
/// # Errors
/// If files cannot be renamed; then it is to be tried again.
pub(super) fn finish(path: &Path, now: Timestamp) -> io::Result<Option<Damage>> {
    let told = fs::read(report(path)).ok().and_then(|bytes| serde_json::from_slice::<Damage>(&bytes).ok());
    if !is_whole(path) {
        // It may have taken its place already, and only the report has not.
        return told.map_or(Ok(()), |damage| rename(&report(path), &beside(&damage.set_aside, ".json"))).map(|()| None);
    }
    let aside = told.as_ref().map_or_else(|| free_name(path, now), |damage| damage.set_aside.clone());
    rename(path, &aside)?;
    for part in PARTS {
        // They must never lie beside the new file: SQLite would take them for its own.
        rename(&beside(path, part), &beside(&aside, part))?;
    }
    sync_folder(path)?;
    remove(&mark(path))?;
    fs::rename(whole(path), path)?;
    rename(&report(path), &beside(&aside, ".json"))?;
    sync_folder(path)?;
    Ok(told)
}

/// A name for the damaged file that nothing has yet, with the time of the day in it.
pub(super) fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let name = beside(path, &format!(".damaged-{}", moment(now)));
    let is_free = |name: &PathBuf| ["", "-wal", "-shm", ".json"].iter().all(|end| !beside(name, end).exists());
    let numbered = (2..10_000).map(|count| beside(&name, &format!("-{count}")));
    std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
}

/// A time as `20261121T083000Z`.
fn moment(time: Timestamp) -> String {
    let seconds = time.as_secs();
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The date of a day since the epoch. Years are taken to begin in March, so that the odd day is a year's last.
fn date(day: i64) -> (i64, i64, i64) {
    let since_march_0000 = day + 719_468;
    let cycle = since_march_0000.div_euclid(146_097);
    let in_cycle = since_march_0000.rem_euclid(146_097);
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (cycle * 400 + year + i64::from(month <= 2), month, in_year - (153 * from_march + 2) / 5 + 1)
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes certain that names are where they were put.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder) {
        Ok(folder) => folder.sync_all(),
        // Where a folder cannot be opened as a file, it cannot be synced either.
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_utc() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_795_249_845, "20261121T083045Z"),
            (-1, "19691231T235959Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            assert_eq!(moment(Timestamp::from_secs(seconds)), expected);
        }
    }

    /// Wherever the process stops between two renames, the next start ends where this one would have.
    #[test]
    fn a_change_of_places_that_stops_anywhere_is_finished() {
        for stop in 0..6 {
            let folder = tempfile::TempDir::new().unwrap();
            let path = folder.path().join("tidings.db");
            let aside = beside(&path, ".damaged-then");
            for (end, text) in [("", "old"), ("-wal", "old log"), ("-shm", "old index"), (".building", "new")] {
                fs::write(beside(&path, end), text).unwrap();
            }
            fs::write(mark(&path), "").unwrap();
            let damage = Damage { set_aside: aside.clone(), ..Damage::default() };
            complete(&path, &damage).unwrap();
            let renames = ["", "-wal", "-shm"].map(|end| (beside(&path, end), beside(&aside, end)));
            let last = [(whole(&path), path.clone()), (report(&path), beside(&aside, ".json"))];
            renames.iter().chain(&last).take(stop).for_each(|(from, to)| fs::rename(from, to).unwrap());
            let told = finish(&path, Timestamp::EPOCH).unwrap();
            assert_eq!(told, (stop < 4).then_some(damage), "{stop}");
            clear(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "new", "{stop}");
            for (end, text) in [("", "old"), ("-wal", "old log"), ("-shm", "old index")] {
                assert_eq!(fs::read_to_string(beside(&aside, end)).unwrap(), text, "{stop}");
            }
            assert!(!beside(&path, "-wal").exists() && !whole(&path).exists() && !building(&path).exists());
        }
    }
}
