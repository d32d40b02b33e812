//! The store in a file keeps the contract, and every life of it ends as by a kill.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tidings_core::{BoxFuture, Timestamp};

use super::{Options, SqliteStore};
use crate::{Store, contract::Subject};

/// All that belongs to a store.
const PARTS: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// A store in a folder of its own. The next life begins with what its files are while it is still open, which is what a kill leaves.
struct File(Mutex<TempDir>);

impl Default for File {
    fn default() -> Self {
        Self(Mutex::new(folder()))
    }
}

/// A folder in memory, where there is a place for that: a kill loses nothing that was written, synced or not.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap()
}

fn part(folder: &TempDir, end: &str) -> PathBuf {
    folder.path().join(format!("tidings.db{end}"))
}

impl File {
    fn open(&self, now: Timestamp) -> Arc<dyn Store> {
        let path = part(&self.0.lock().unwrap(), "");
        let (store, opened) = SqliteStore::open(&path, &Options::default(), now).unwrap();
        assert!(opened.damage.is_empty(), "a kill damages nothing: {:?}", opened.damage);
        Arc::new(store)
    }

    /// Goes on with what the files are at this moment.
    fn kill(&self) {
        let next = folder();
        let mut last = self.0.lock().unwrap();
        for end in PARTS {
            fs::copy(part(&last, end), part(&next, end)).unwrap();
        }
        *last = next;
    }
}

impl Subject for File {
    fn fresh(&self, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move { self.open(now) })
    }

    fn reopen(&self, store: Arc<dyn Store>, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        self.kill();
        drop(store);
        Box::pin(async move { self.open(now) })
    }

    fn durable(&self) -> bool {
        true
    }
}

crate::contract!(File);
