//! The store in memory keeps the contract.

use std::sync::Arc;

use tidings_core::{BoxFuture, Timestamp};

use crate::{MemoryStore, Store, contract::Subject};

/// The store in memory has one life: it is opened again by being handed back.
#[derive(Default)]
struct Memory;

impl Subject for Memory {
    fn fresh(&self, _now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async { Arc::new(MemoryStore::new(100_000)) as Arc<dyn Store> })
    }

    fn reopen(&self, store: Arc<dyn Store>, _now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async { store })
    }

    fn durable(&self) -> bool {
        false
    }

    fn bounded(&self, capacity: usize) -> Option<Arc<dyn Store>> {
        Some(Arc::new(MemoryStore::new(capacity)))
    }
}

crate::contract!(Memory);
