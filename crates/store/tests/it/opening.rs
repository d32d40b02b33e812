//! What cannot be opened says why, and what to do.

use std::path::Path;

use tempfile::tempdir;
use tidings_core::Timestamp;
use tidings_store::{
    Offer, Store, StoreError,
    sqlite::{Options, SqliteStore},
};

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, &Options::default(), Timestamp::from_secs(1)).map(|(store, _)| store)
}

fn refusal(path: &Path) -> String {
    match open(path) {
        Err(error @ (StoreError::Unusable(_) | StoreError::InUse(_))) => error.to_string(),
        other => panic!("{}: {other:?}", path.display()),
    }
}

#[test]
fn one_process_writes_a_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let store = open(&path).unwrap();
    let expected = format!(
        "the store {} is in use by process {}: stop it, or give this one another path",
        path.display(),
        std::process::id()
    );
    assert_eq!(refusal(&path), expected);
    store.close();
    assert!(open(&path).is_ok(), "it is free once it is closed");
}

#[test]
fn the_file_of_another_program_is_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE thing(a); INSERT INTO thing VALUES(1);").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    assert!(refusal(&path).contains("is the database of another program: give the store another path"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    drop(open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let text = refusal(&path);
    assert!(text.contains("newer version of Tidings (its tables are version 99"), "{text}");
}

#[test]
fn a_path_that_cannot_be_says_why() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "text").unwrap();
    for (path, expected) in [
        (folder.path().to_owned(), "is a folder: name a file in it"),
        (folder.path().join("none/tidings.db"), "is not there: create it"),
        (file.join("tidings.db"), "is not a folder"),
        ("/proc/tidings.db".into(), "cannot be locked"),
        ("".into(), "is empty: name a file"),
    ] {
        let text = refusal(&path);
        assert!(text.contains(expected), "{}: {text}", path.display());
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    std::fs::write(&path, "").unwrap();
    let (_, opened) = SqliteStore::open(&path, &Options::default(), Timestamp::from_secs(1)).unwrap();
    assert!(opened.created);
    drop(open(&path));
    let (_, opened) = SqliteStore::open(&path, &Options::default(), Timestamp::from_secs(1)).unwrap();
    assert!(!opened.created);
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_one_store() {
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let (target, link) = (elsewhere.path().join("real.db"), folder.path().join("tidings.db"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let store = open(&link).unwrap();
    assert!(refusal(&target).contains("is in use by process"));
    assert!(refusal(&link).contains("is in use by process"));
    assert!(tidings_store::sqlite::fsck::fsck(&link).in_use);
    SqliteStore::open_read_only(&link).unwrap();
    drop(store);
    let store = open(&target).unwrap();
    assert!(refusal(&link).contains("is in use by process"));
    drop(store);
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "there is nothing beside the link");
    let around = folder.path().join("around.db");
    std::os::unix::fs::symlink("around.db", &around).unwrap();
    assert!(refusal(&around).contains("is a link that leads round in a circle"));
}

#[tokio::test]
async fn a_store_is_read_while_it_is_written() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let text = match SqliteStore::open_read_only(&path) {
        Err(StoreError::Unusable(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(text.starts_with("there is no store"), "{text}");
    let store = open(&path).unwrap();
    let reader = SqliteStore::open_read_only(&path).unwrap();
    let event = tidings_core::Event::new("a");
    let id = event.identity(0);
    let offers = [Offer { id, event: event.into(), repeatable: true }];
    let now = Timestamp::from_secs(2);
    store.accept(&offers, now).await.unwrap();
    assert!(reader.event(id).await.unwrap().is_some());
    assert_eq!(reader.census().await.unwrap(), store.census().await.unwrap());
    assert_eq!((reader.waiting().await.unwrap(), reader.outstanding("hook").await.unwrap().total()), (vec![], 0));
    let refused = StoreError::Unusable(format!("the store {} is opened to be read only", path.display()));
    assert_eq!(reader.accept(&offers, now).await, Err(refused));
    store.close();
    assert_eq!(store.accept(&offers, now).await, Err(StoreError::Closed));
    assert_eq!(store.event(id).await, Err(StoreError::Closed));
}
