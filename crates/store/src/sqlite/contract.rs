//! The store in a file keeps the contract.

use std::sync::Arc;

use tempfile::TempDir;
use tidings_core::{BoxFuture, Timestamp};

use super::{Options, SqliteStore};
use crate::{Store, contract::Subject};

/// A store in a folder of its own, closed and opened again.
struct File(TempDir);

impl Default for File {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl File {
    fn open(&self, now: Timestamp) -> Arc<dyn Store> {
        let (store, _) = SqliteStore::open(&self.0.path().join("tidings.db"), &Options::default(), now).unwrap();
        Arc::new(store)
    }
}

impl Subject for File {
    fn fresh(&self, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move { self.open(now) })
    }

    fn reopen(&self, store: Arc<dyn Store>, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        drop(store);
        Box::pin(async move { self.open(now) })
    }

    fn durable(&self) -> bool {
        true
    }
}

crate::contract!(File);
