//! Looking a file over, whatever it is, and repairing it.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use tempfile::TempDir;
use tidings_store::{
    Store, StoreError,
    sqlite::{
        Options, SqliteStore,
        fsck::{State, fsck, repair},
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

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there is a runtime").block_on(future)
}

/// A folder with the files of a store's life in it.
fn lived(end: End) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().expect("there is a folder");
    let path = folder.path().join("tidings.db");
    let life = block_on(live(end));
    for (part, bytes) in PARTS.iter().zip(&life.files) {
        if let Some(bytes) = bytes {
            std::fs::write(format!("{}{part}", path.display()), bytes).expect("it can be written");
        }
    }
    (folder, path)
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
    assert!(matches!(repair(&path, at(0)), Err(StoreError::Unusable(text)) if text.contains("in use by process")));
    store.close();
}

#[test]
fn a_damaged_store_is_repaired_and_whole() {
    let (folder, path) = lived(End::Closed);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 9_000].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
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
