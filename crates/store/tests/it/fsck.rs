//! Looking a file over, whatever it is, and repairing it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;
use tempfile::TempDir;
use tidings_store::{
    Offer, Store, StoreError,
    sqlite::{
        Options, SqliteStore,
        fsck::{State, fsck, repair},
        salvage::{Damage, Why},
    },
};

use crate::damage::life::{End, PARTS, at, event_id, live};

fn check(path: &Path, expected: &State, says: &str) {
    let report = fsck(path);
    assert_eq!(report.state, *expected, "{report}");
    assert!(report.to_string().contains(says), "{report}");
    let json = serde_json::to_value(&report).expect("it is JSON");
    assert!(json.is_object() && json["advice"].is_string(), "{json}");
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there is a runtime").block_on(future)
}

/// A folder with the files of a store's life in it.
pub(crate) fn lived(end: End) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().expect("there is a folder");
    let path = folder.path().join("tidings.db");
    let life = block_on(live(end));
    for (part, bytes) in PARTS.iter().zip(&life.files) {
        if let Some(bytes) = bytes {
            std::fs::write(format!("{}{part}", path.display()), bytes).expect("it can be written");
        }
    }
    std::fs::write(beside(&path, ".lock"), &life.lock).expect("it can be written");
    (folder, path)
}

pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// Garbage in the middle of the file, or behind its head where all of it is in its log.
fn harm(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    let end = bytes.len().min(middle + 9_000);
    bytes[middle..end].fill(0xa5);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_file_is_told_from_what_it_is_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tidings.db");
    check(&path, &State::Missing, "check the path");
    check(folder.path(), &State::Unreadable("it is a folder".to_owned()), "it is a folder");
    std::fs::write(&path, "").unwrap();
    check(&path, &State::Empty, "begins a new store");
    std::fs::write(&path, "to do: buy milk\n").unwrap();
    check(&path, &State::Foreign, "another program's file");
    std::fs::write(&path, [0xfe; 5_000]).unwrap();
    check(&path, &State::Damaged, "repair it");
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes(text); INSERT INTO notes VALUES('x');").unwrap();
    check(&path, &State::Foreign, "give the store another path");
    assert!(matches!(repair(&path, at(0)), Err(StoreError::Unusable(text)) if text.contains("another program")));
}

#[test]
fn a_sound_store_is_whole_however_it_was_left() {
    for end in End::ALL {
        let (_folder, path) = lived(end);
        check(&path, &State::Whole, "event: 60 kept, 0 missing");
        let census = fsck(&path).census.expect("it counts");
        assert_eq!((census.events, census.waiting), (60, 10));
    }
}

#[test]
fn a_newer_version_is_left_alone() {
    let (_folder, path) = lived(End::Closed);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("INSERT INTO schema_version(version, at) VALUES(99, 0); PRAGMA user_version=99;").unwrap();
    drop(connection);
    check(&path, &State::Newer(99), "use the version that wrote it");
    assert!(matches!(repair(&path, at(0)), Err(StoreError::Unusable(text)) if text.contains("newer version")));
    let opened = SqliteStore::open(&path, &Options::default(), at(0));
    assert!(matches!(opened, Err(StoreError::Unusable(text)) if text.contains("newer version")));
}

#[test]
fn a_store_in_use_is_looked_at_and_not_repaired() {
    let (_folder, path) = lived(End::Killed);
    let (store, _) = SqliteStore::open(&path, &Options::default(), at(1_000)).unwrap();
    check(&path, &State::Whole, "in use");
    assert!(matches!(repair(&path, at(0)), Err(StoreError::InUse(text)) if text.contains("in use by process")));
    store.close();
}

#[test]
fn a_damaged_store_is_repaired_and_whole() {
    let (folder, path) = lived(End::Closed);
    harm(&path);
    let report = fsck(&path);
    assert_eq!(report.state, State::Damaged, "{report}");
    let before = std::fs::read(&path).unwrap();
    let damage = repair(&path, at(5)).unwrap();
    assert_eq!(std::fs::read(&damage.set_aside).unwrap(), before, "the damaged file is kept as it was");
    check(&path, &State::Whole, "nothing");
    let kept = damage.tables["event"].kept;
    assert_eq!(kept + damage.tables["event"].missing, 60, "{damage}");
    let (store, opened) = SqliteStore::open(&path, &Options::default(), at(1_000)).unwrap();
    assert!(opened.damage.is_empty());
    let census = block_on(store.census()).unwrap();
    assert_eq!(census.deliveries, census.delivered + census.dead + census.expired + census.open);
    store.close();
    assert!(folder.path().read_dir().unwrap().count() >= 4);
}

#[test]
fn what_is_not_there_is_not_repaired() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tidings.db");
    assert!(matches!(repair(&path, at(0)), Err(StoreError::Unusable(text)) if text.contains("is not there")));
    assert!(matches!(repair(folder.path(), at(0)), Err(StoreError::Unusable(text)) if text.contains("folder")));
}

/// Damage that SQLite finds while the file is in use is noted, so that the next start looks at all of it.
#[test]
fn a_note_of_damage_makes_the_next_start_save_what_there_is() {
    let (_folder, path) = lived(End::Closed);
    std::fs::write(format!("{}.damaged", path.display()), "").unwrap();
    let (store, _) = SqliteStore::open(&path, &Options::default(), at(1_000)).unwrap();
    assert!(!Path::new(&format!("{}.damaged", path.display())).exists());
    let event = block_on(store.event(event_id(7))).unwrap();
    assert_eq!(Arc::unwrap_or_clone(event.unwrap().event), crate::damage::life::event(7));
    store.close();
}

/// What the killed process noted of its log is no longer so once the file is another.
#[test]
fn a_store_that_was_killed_and_repaired_is_whole() {
    for end in End::ALL {
        let (_folder, path) = lived(end);
        let damage = repair(&path, at(5)).unwrap();
        assert_eq!(damage.to_string().lines().next(), Some("the store was written anew: a repair was asked for"));
        check(&path, &State::Whole, "event: 60 kept, 0 missing");
        opens_without_a_word(&path);
        check(&path, &State::Whole, "nothing");
    }
}

fn opens_without_a_word(path: &Path) {
    let (store, opened) = SqliteStore::open(path, &Options::default(), at(1_000)).unwrap();
    assert!(opened.damage.is_empty(), "{:?}", opened.damage);
    assert_eq!(block_on(store.census()).unwrap().events, 60);
    store.close();
}

/// Wherever between two renames a repair stops, it is told, and either a start or a repair ends it.
#[test]
fn a_repair_that_was_interrupted_is_told_and_finished() {
    for (set_aside, repairs) in [(false, false), (false, true), (true, false), (true, true)] {
        let (_folder, path) = lived(End::Killed);
        let (_other_folder, other) = lived(End::Killed);
        let damage = repair(&other, at(5)).unwrap();
        std::fs::copy(&other, beside(&path, ".new")).unwrap();
        let told = serde_json::to_vec(&Damage { set_aside: beside(&path, ".damaged-then"), ..damage }).unwrap();
        std::fs::write(beside(&path, ".new.json"), told).unwrap();
        if set_aside {
            std::fs::rename(&path, beside(&path, ".damaged-then")).unwrap();
        }
        check(&path, &State::Interrupted, "finished");
        if repairs {
            repair(&path, at(6)).unwrap();
            check(&path, &State::Whole, "event: 60 kept, 0 missing");
        }
        opens_without_a_word(&path);
        assert!(beside(&path, ".damaged-then").exists());
        check(&path, &State::Whole, "nothing");
    }
}

#[test]
fn a_store_that_is_gone_is_told_from_one_that_never_was() {
    for gone in [|path: &Path| std::fs::write(path, ""), |path: &Path| std::fs::remove_file(path)] {
        let (_folder, path) = lived(End::Closed);
        gone(&path).unwrap();
        check(&path, &State::Damaged, "missing or empty");
        let damage = repair(&path, at(5)).unwrap();
        assert_eq!(damage.why, Why::FileMissing);
        check(&path, &State::Whole, "nothing");
    }
}

/// A start that was killed before there was a table leaves no store behind, and the next one misses none.
#[test]
fn a_first_start_that_came_to_no_end_is_no_damage() {
    for begun in ["", "PRAGMA journal_mode=WAL"] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tidings.db");
        std::fs::write(beside(&path, ".lock"), format!("{:24}", "4242 new")).unwrap();
        Connection::open(&path).unwrap().execute_batch(begun).unwrap();
        check(&path, &State::Empty, "begins a new store");
        let (store, opened) = SqliteStore::open(&path, &Options::default(), at(0)).unwrap();
        assert!(opened.created && opened.damage.is_empty(), "{opened:?}");
        store.close();
    }
}

/// A start looks at all of a small file only: what it leaves as it is needs a repair, and the advice is that.
/// A store of more than is looked through at every start, closed.
fn large(folder: &TempDir) -> std::path::PathBuf {
    let path = folder.path().join("tidings.db");
    let (store, _) = SqliteStore::open(&path, &Options::default(), at(0)).unwrap();
    let text = "x".repeat(1 << 20);
    block_on(async {
        for place in 0..18 {
            let event = tidings_core::Event::new("large").at(at(place)).data(serde_json::json!({ "text": text }));
            let offer = Offer { id: event.identity(0), event: event.into(), repeatable: true };
            store.accept(&[offer], at(place)).await.unwrap();
        }
    });
    store.close();
    path
}

#[test]
fn a_large_store_whose_counters_do_not_check_starts() {
    let folder = TempDir::new().unwrap();
    let path = large(&folder);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE meta SET crc=crc+1", []).unwrap();
    drop(connection);
    let (store, opened) = SqliteStore::open(&path, &Options::default(), at(60)).unwrap();
    assert!(!opened.damage.is_empty(), "it is said");
    assert_eq!(block_on(store.census()).unwrap().waiting, 18);
    store.close();
    let (store, opened) = SqliteStore::open(&path, &Options::default(), at(70)).unwrap();
    assert!(opened.damage.is_empty(), "{opened:?}");
    drop(store);
}

#[test]
fn what_fails_to_open_is_not_taken_for_damage_later() {
    let folder = TempDir::new().unwrap();
    let path = large(&folder);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(SqliteStore::open(&path, &Options::default(), at(60)).is_err());
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let (_store, opened) = SqliteStore::open(&path, &Options::default(), at(70)).unwrap();
    assert!(opened.damage.is_empty(), "{opened:?}");
}

#[test]
fn what_a_start_leaves_is_said_to_need_a_repair() {
    let folder = TempDir::new().unwrap();
    let path = large(&folder);
    check(&path, &State::Whole, "nothing");
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE event SET received=received+1 WHERE number=7", []).unwrap();
    drop(connection);
    check(&path, &State::Damaged, "what to do: repair it with `tidings fsck --repair`");
    repair(&path, at(50)).unwrap();
    check(&path, &State::Whole, "event: 17 kept");
}
