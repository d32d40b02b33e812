//! A store in a folder in which the caller may read and not write.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
};

use tidings_store::{
    Store,
    sqlite::{
        SqliteStore,
        fsck::{State, fsck},
    },
};

use crate::{
    damage::life::End,
    fsck::{beside, block_on, lived},
};

/// Where a child of this program finds a store to read.
const CHILD: &str = "TIDINGS_TEST_READ";
/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// Not a test of its own: what the child of the next one does, as one who may not write.
#[test]
fn child_that_may_only_read() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let path = Path::new(&path);
    assert!(fs::File::create(beside(path, "-shm")).is_err(), "it may write");
    let report = fsck(path);
    if beside(path, "-wal").exists() {
        assert!(matches!(report.state, State::Unchecked(_)), "{report}");
        let refused = SqliteStore::open_read_only(path).map(drop);
        assert!(refused.is_err_and(|error| error.to_string().contains("check its permissions")));
        return;
    }
    assert_eq!(report.state, State::Whole, "{report}");
    let store = SqliteStore::open_read_only(path).unwrap();
    assert_eq!(block_on(store.census()).unwrap().events, 60);
}

#[test]
fn a_store_is_looked_at_and_read_where_nothing_may_be_written() {
    for end in [End::Closed, End::Killed] {
        let (folder, path) = lived(end);
        // Without the log's index SQLite would have to write one.
        let index = beside(&path, "-shm");
        drop(fs::remove_file(&index));
        fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "--nocapture", "reading::child_that_may_only_read"]).env(CHILD, &path);
        if fs::File::create(&index).is_ok() {
            // Nothing is forbidden to whoever runs the tests: another one asks.
            fs::remove_file(&index).unwrap();
            child.uid(NOBODY).gid(NOBODY);
        }
        let done = child.output();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        match done {
            Ok(done) => assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => return eprintln!("SKIPPED: no other user can be had here: {error}"),
        }
    }
}

#[test]
fn a_page_of_the_log_goes_on_behind_what_does_not_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let now = tidings_core::Timestamp::EPOCH;
    let (store, _) = SqliteStore::open(&path, &tidings_store::sqlite::Options::default(), now).unwrap();
    let event = tidings_core::Event::new("sent again").at(now).id("1");
    let offer = tidings_store::Offer { id: event.identity(0), event: event.into(), repeatable: true };
    (0..11).for_each(|_| drop(block_on(store.accept(std::slice::from_ref(&offer), now)).unwrap()));
    store.close();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE delivery_log SET crc=crc+1 WHERE number>5", []).unwrap();
    drop(connection);
    let reader = SqliteStore::open_read_only(&path).unwrap();
    let page = tidings_store::Page::Before { number: None, limit: 3 };
    let entries = block_on(reader.log_query(&tidings_store::LogFilter::default(), page)).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [5, 4, 3]);
}
