//! The contract of every store, as tests: what the [`Store`] trait promises beyond its types. What is special to one store, such as
//! files or locks, is left to that store's own tests.
//!
//! A store of one's own says by a [`Subject`] how it is opened, and runs all cases, each as a test of its own:
//!
//! ```
//! use std::sync::Arc;
//! use tidings_core::{BoxFuture, Timestamp};
//! use tidings_store::{MemoryStore, Store, contract::Subject};
//!
//! #[derive(Default)]
//! struct Memory;
//!
//! impl Subject for Memory {
//!     fn fresh(&self, _now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
//!         Box::pin(async { Arc::new(MemoryStore::new(1_000)) as Arc<dyn Store> })
//!     }
//!     fn reopen(&self, store: Arc<dyn Store>, _now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>> {
//!         Box::pin(async { store })
//!     }
//!     fn durable(&self) -> bool {
//!         false
//!     }
//! }
//!
//! tidings_store::contract!(Memory);
//! ```

mod accepting;
mod account;
mod cases;
mod claiming;
mod cooling;
mod deferring;
mod documents;
mod finishing;
mod inboxing;
mod keeping;
mod laning;
mod logging;
mod model;
mod modelled_waits;
mod outlasting;
mod planning;
mod purging;
mod rig;
mod samples;
mod settling;
mod shedding;
mod telling;
mod waking;
mod walk;

use std::{sync::Arc, time::Duration};

use tidings_core::{BoxFuture, Timestamp};

use crate::Store;
use rig::Rig;
pub use walk::walks;

/// No case takes longer than this, however slow the machine: one that does hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// A kind of store under test. Each case has one of its own.
pub trait Subject: Send + Sync + 'static {
    /// An empty store in a place of its own. Asked for once.
    fn fresh(&self, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>>;

    /// The same store in the next life of the process: killed or closed, and opened again. A store in memory is handed back.
    fn reopen(&self, store: Arc<dyn Store>, now: Timestamp) -> BoxFuture<'_, Arc<dyn Store>>;

    /// What [`Store::durable`] must say.
    fn durable(&self) -> bool;

    /// By how much the end of a lease may be off, for a store that judges leases by a clock of its own.
    fn lease_skew(&self) -> Duration {
        Duration::ZERO
    }

    /// A store that holds at most so many deliveries an endpoint. A store that is not durable must have one, a durable one sheds
    /// nothing.
    fn bounded(&self, _capacity: usize) -> Option<Arc<dyn Store>> {
        None
    }
}

/// Runs one case by its name, and closes the account of the store afterwards. For the macro [`contract!`](crate::contract!).
///
/// # Panics
/// If the store breaks the contract, or there is no such case.
pub fn run(name: &str, subject: impl Subject) {
    let case = cases::find(name).unwrap_or_else(|| panic!("the contract has no case {name}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    let whole = async {
        let mut rig = Rig::new(Box::new(subject)).await;
        case(&mut rig).await;
        rig.close().await;
    };
    let done = runtime.block_on(async { tokio::time::timeout(LIMIT, whole).await });
    assert!(done.is_ok(), "the case {name} hangs");
}
