//! A notifier beside a virtual clock and a store that is watched: time passes when a test says so, and all that is due by then has
//! happened before it goes on.

use std::{sync::Arc, time::Duration};

use tidings::{
    Account, Clock, DeliveryId, Event, Timestamp,
    clock::instant_now,
    store::{
        MemoryStore, Store,
        sqlite::{Options, SqliteStore},
    },
};
use tidings_engine::{Builder, Notifier};
use tidings_testkit::FakeClock;

use super::watched::Watched;

/// When every virtual clock begins: Sun, 06 Nov 1994 08:49:37 GMT.
pub const BEGIN: Timestamp = Timestamp::from_secs(784_111_777);
/// How long something may take that takes no time: a test that waits so long has found a defect.
const PATIENCE: Duration = Duration::from_secs(60);
/// Unsettled deliveries that a store in memory holds.
const ROOM: usize = 200_000;

/// Where a run remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In memory, as a library does by default.
    Memory,
    /// In memory, but it says that it outlives the process: what waits for a receiver goes on waiting.
    Durable,
    /// In an SQLite file.
    Sqlite,
}

impl Backend {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Memory, Self::Durable, Self::Sqlite];
    /// Those that outlive a process.
    pub const DURABLE: [Self; 2] = [Self::Durable, Self::Sqlite];

    /// A new store of this kind that is watched.
    #[must_use]
    pub fn store(self) -> Arc<Watched> {
        match self {
            Self::Memory => Arc::new(Watched::new(Arc::new(MemoryStore::new(ROOM)), false)),
            Self::Durable => Arc::new(Watched::new(Arc::new(MemoryStore::new(ROOM)), true)),
            Self::Sqlite => Arc::new(in_a_file()),
        }
    }

    /// Whether what it keeps is gone with the process.
    #[must_use]
    pub fn forgets(self) -> bool {
        self == Self::Memory
    }
}

/// A store in a file of its own, which goes with it.
fn in_a_file() -> Watched {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("tidings.db");
    let (store, _) = SqliteStore::open(&path, &Options::default(), BEGIN).expect("the store can be opened");
    Watched::new(Arc::new(store), true).within(folder)
}

/// A notifier, its clock and its store.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The notifier.
    pub notifier: Notifier,
    /// The clock that it goes by.
    pub clock: FakeClock,
    /// What it remembers in.
    pub store: Arc<Watched>,
}

impl Lab {
    /// Starts a notifier at [`BEGIN`].
    pub async fn start(backend: Backend, builder: Builder) -> Self {
        Self::start_with(backend.store(), FakeClock::at(BEGIN), builder).await
    }

    /// Starts a notifier on this store and by this clock.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(store: Arc<Watched>, clock: FakeClock, builder: Builder) -> Self {
        let builder = builder.clock(Arc::new(clock.clone())).store(Arc::clone(&store) as Arc<dyn Store>);
        // What is measured is each delivery, not what sums many up.
        let builder = builder.storm_limit(None);
        let notifier = builder.queue_size(ROOM).build().expect("the parts fit").start().await.expect("it starts");
        Self { notifier, clock, store }
    }

    /// Takes events in, and lets happen what follows at once.
    ///
    /// # Panics
    /// If they are not taken.
    pub async fn accept(&self, events: Vec<Event>) {
        self.notifier.accept(events).await.expect("it runs");
        self.settle().await;
    }

    /// Lets time pass, and happen what is due by then.
    pub async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.settle().await;
    }

    /// Lets time pass in steps until there is nothing left to do, at most so long; says whether there is nothing left.
    pub async fn pass_until_done(&self, step: Duration, limit: Duration) -> bool {
        let end = self.clock.now() + limit;
        while self.clock.now() < end {
            if self.waiting().await == 0 {
                return true;
            }
            self.pass(step).await;
        }
        self.waiting().await == 0
    }

    /// Moves the clock to when this delivery is due; says whether it still waits.
    ///
    /// # Panics
    /// If the store does not answer.
    pub async fn pass_to(&self, delivery: DeliveryId) -> bool {
        let found = self.store.delivery(delivery).await.expect("the store answers");
        let Some((_, due)) = found else { return false };
        self.clock.set(due.max(self.clock.now()));
        self.settle().await;
        true
    }

    /// Deliveries that are not settled.
    ///
    /// # Panics
    /// If the store does not answer.
    pub async fn waiting(&self) -> u64 {
        self.store.census().await.expect("the store answers").open
    }

    /// Waits until all that was taken in is planned, nothing is being attempted, and every dispatcher has looked at the store by the
    /// clock as it stands and found nothing to do.
    ///
    /// # Panics
    /// If that never comes.
    pub async fn settle(&self) {
        let started = instant_now();
        while !self.is_settled().await {
            assert!(started.elapsed() < PATIENCE, "it does not come to rest: {:?}", self.store);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn is_settled(&self) -> bool {
        if self.notifier.account().await.events.waiting > 0 {
            return false;
        }
        let before = self.store.claims();
        let waiting = self.store.waiting().await.expect("the store answers");
        let known = waiting.iter().all(|waiting| before.contains_key(waiting.endpoint.as_str()));
        // What is under way may give another one something to do.
        if !known || !self.is_nothing_leased().await {
            return false;
        }
        self.store.wake();
        for look in 0..100 {
            let now = self.clock.now();
            let claims = self.store.claims();
            let looked = |name: &Arc<str>| {
                let (before, claims) = (before[name], claims[name]);
                claims.count > before.count && claims.given == before.given && claims.none && claims.at == now
            };
            if before.keys().all(looked) {
                return true;
            }
            // A store in memory needs no more than its turn; others have threads of their own.
            match look {
                0..50 => tokio::task::yield_now().await,
                _ => tokio::time::sleep(Duration::from_micros(200)).await,
            }
        }
        false
    }

    async fn is_nothing_leased(&self) -> bool {
        for endpoint in self.store.claims().keys() {
            if self.store.outstanding(endpoint).await.expect("the store answers").leased > 0 {
                return false;
            }
        }
        true
    }

    /// Stops, and checks all accounts: the notifier's, and the store's beside them.
    pub async fn stop(&self) -> Account {
        self.stop_within(Duration::from_secs(10)).await
    }

    /// [`Lab::stop`] that drains no longer than this.
    ///
    /// # Panics
    /// If an account does not close.
    pub async fn stop_within(&self, limit: Duration) -> Account {
        let account = self.notifier.stop_within(limit).await;
        account.closes().unwrap_or_else(|error| panic!("{error}\n{account:#?}"));
        self.store.audit(&account).await;
        account
    }
}
