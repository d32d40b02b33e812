//! A store that is watched: what its callers ask of it is counted, and they can be woken. All that it knows is another store's.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tempfile::TempDir;
use tidings::{
    Account, DeliveryId, EventId, NotificationId, Timestamp,
    store::{
        Acceptance, Answer, Census, Claim, Claimed, Cooldown, Deferrals, Deferred, Disabled, Document, DocumentChange,
        DocumentKind, Entry, EventRange, Finish, InboxBounds, InboxMessage, InboxPlace, InboxRow, KeptState, Lease,
        LogFilter, NewDelivery, Offer, Outstanding, Page, Pending, Purged, Put, Recovered, Resumption, RuleBatch,
        RuleOutcome, RuleSetVersion, Settled, Store, StoreError, StoredEvent, StoredNotification, UserBatch,
        UserOutcome, Waiting,
    },
};
use tokio::sync::Notify;

/// What an endpoint's dispatcher has asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claims {
    /// How often.
    pub count: u64,
    /// How often there was something to be had.
    pub given: u64,
    /// When the last one was.
    pub at: Timestamp,
    /// Whether the last one got nothing.
    pub none: bool,
}

#[derive(Debug, Default)]
struct Endpoint {
    claims: Claims,
    woken: Arc<Notify>,
}

/// The store, watched.
pub struct Watched {
    inner: Arc<dyn Store>,
    durable: bool,
    endpoints: Mutex<BTreeMap<Arc<str>, Endpoint>>,
    /// While it is set, nothing can be written down.
    pub full: AtomicBool,
    /// The folder of its file, where it has one.
    folder: Option<TempDir>,
}

impl Watched {
    /// Watches this store; `durable` is what it says of itself, so that one in memory stands for one that outlives a process.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, durable: bool) -> Self {
        Self { inner, durable, endpoints: Mutex::default(), full: AtomicBool::new(false), folder: None }
    }

    /// Keeps the folder for as long as the store.
    #[must_use]
    pub fn within(mut self, folder: TempDir) -> Self {
        self.folder = Some(folder);
        self
    }

    fn endpoints(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Endpoint>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each endpoint's dispatcher has asked for so far.
    #[must_use]
    pub fn claims(&self) -> BTreeMap<Arc<str>, Claims> {
        self.endpoints().iter().map(|(name, endpoint)| (Arc::clone(name), endpoint.claims)).collect()
    }

    /// Wakes every dispatcher.
    pub fn wake(&self) {
        self.endpoints().values().for_each(|endpoint| endpoint.woken.notify_one());
    }

    fn count(&self, endpoint: &Arc<str>, at: Timestamp, claimed: &Claimed) {
        let mut endpoints = self.endpoints();
        let claims = &mut endpoints.entry(Arc::clone(endpoint)).or_default().claims;
        let (count, none) = (claims.count + 1, claimed.leases.is_empty());
        *claims = Claims { count, given: claims.given + u64::from(!none), at, none };
    }

    fn writing(&self) -> Result<(), StoreError> {
        if self.full.load(SeqCst) { Err(StoreError::Unavailable("the disk is full".into())) } else { Ok(()) }
    }

    /// Checks that the store's own account closes, over all lives of the file.
    ///
    /// # Panics
    /// If it does not.
    pub async fn check_census(&self) -> Census {
        let census = self.inner.census().await.expect("the store answers");
        let became = census.delivered + census.dead + census.expired + census.open;
        assert_eq!(census.deliveries, became, "the store's account of deliveries: {census:?}");
        let settled = census.complete + census.incomplete + census.failed;
        assert!(settled <= census.notifications && census.waiting <= census.events, "{census:?}");
        assert!(
            census.open > 0 || settled == census.notifications,
            "a notification without a delivery waits: {census:?}"
        );
        census
    }

    /// Checks that the store's own account closes, and that it is the engine's: of one life, with nothing purged.
    ///
    /// # Panics
    /// If it does not.
    pub async fn audit(&self, account: &Account) {
        let census = self.check_census().await;
        let mut told = (account.deliveries.made, account.deliveries.delivered);
        for (_, sink) in account.sinks.iter().filter(|(name, _)| self.endpoints().contains_key(name.as_str())) {
            told = (told.0 + sink.matched, told.1 + sink.delivered);
        }
        assert_eq!((census.deliveries, census.delivered), told, "{census:?} beside {account:?}");
        assert_eq!(census.events - census.waiting, account.events.planned, "{census:?} beside {account:?}");
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

macro_rules! forwarded {
    ($(fn $name:ident<'a>(&'a self $(, $argument:ident: $kind:ty)*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $argument: $kind)*) -> Answer<'a, $answer> {
            self.inner.$name($($argument),*)
        })*
    };
}

/// Forwards unless the disk is full.
macro_rules! written {
    ($(fn $name:ident<'a>(&'a self $(, $argument:ident: $kind:ty)*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $argument: $kind)*) -> Answer<'a, $answer> {
            match self.writing() {
                Ok(()) => self.inner.$name($($argument),*),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        })*
    };
}

impl Store for Watched {
    fn durable(&self) -> bool {
        self.durable
    }

    fn claim<'a>(&'a self, claim: Claim, now: Timestamp) -> Answer<'a, Claimed> {
        Box::pin(async move {
            self.writing()?;
            let endpoint = Arc::clone(&claim.endpoint);
            let claimed = self.inner.claim(claim, now).await?;
            self.count(&endpoint, now, &claimed);
            Ok(claimed)
        })
    }

    fn wait_for_work<'a>(
        &'a self,
        endpoint: &'a str,
        limit: Duration,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        let woken = self.endpoints().get(endpoint).map(|endpoint| Arc::clone(&endpoint.woken)).unwrap_or_default();
        Box::pin(async move {
            tokio::select! {
                () = self.inner.wait_for_work(endpoint, limit) => {}
                () = woken.notified() => {}
            }
        })
    }

    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>> {
        // What only stands for a store that outlives the process gives nothing up either.
        if self.durable { Box::pin(std::future::ready(Ok(Vec::new()))) } else { self.inner.abandon(endpoint) }
    }

    written! {
        fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Vec<Acceptance>;
        fn plan_rule<'a>(&'a self, batch: &'a RuleBatch, now: Timestamp) -> Vec<RuleOutcome>;
        fn plan_user<'a>(&'a self, batch: &'a UserBatch, now: Timestamp) -> Vec<UserOutcome>;
        fn finish<'a>(&'a self, finishes: Vec<Finish>, now: Timestamp) -> Vec<Settled>;
        fn advance<'a>(&'a self, sink: &'a str, number: u64) -> ();
        fn resume<'a>(&'a self, batch: &'a Resumption, now: Timestamp) -> Vec<bool>;
        fn hasten<'a>(&'a self, endpoint: &'a str, deliveries: &'a [DeliveryId], now: Timestamp) -> u64;
        fn put_documents<'a>(&'a self, changes: &'a [DocumentChange], now: Timestamp) -> Vec<Put>;
    }

    forwarded! {
        fn take_over<'a>(&'a self, shifts_rules: bool, now: Timestamp) -> Recovered;
        fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> u64;
        fn outstanding<'a>(&'a self, endpoint: &'a str) -> Outstanding;
        fn waiting<'a>(&'a self) -> Vec<Waiting>;
        fn events<'a>(&'a self, range: &'a EventRange, limit: usize) -> Vec<StoredEvent>;
        fn event<'a>(&'a self, id: EventId) -> Option<StoredEvent>;
        fn notification<'a>(&'a self, id: NotificationId) -> Option<StoredNotification>;
        fn delivery<'a>(&'a self, id: DeliveryId) -> Option<(Lease, Timestamp)>;
        fn log_query<'a>(&'a self, filter: &'a LogFilter, page: Page) -> Vec<Entry>;
        fn states<'a>(&'a self) -> Vec<KeptState>;
        fn cooldowns<'a>(&'a self, since: Timestamp) -> Vec<Cooldown>;
        fn put_rule_set<'a>(&'a self, version: &'a RuleSetVersion) -> u64;
        fn rule_set<'a>(&'a self, event: u64) -> Option<RuleSetVersion>;
        fn cursor<'a>(&'a self, sink: &'a str) -> Option<u64>;
        fn disabled<'a>(&'a self) -> Vec<Disabled>;
        fn enable<'a>(&'a self, endpoint: &'a str, address: Option<&'a str>, now: Timestamp) -> bool;
        fn inbox_append<'a>(&'a self, messages: &'a [InboxMessage], keep: usize, now: Timestamp) -> Vec<InboxPlace>;
        fn inbox_since<'a>(&'a self, user: &'a str, after: u64, limit: usize) -> Vec<InboxRow>;
        fn inbox_mark_read<'a>(&'a self, user: &'a str, places: &'a [u64]) -> u64;
        fn inbox_bounds<'a>(&'a self, user: &'a str) -> InboxBounds;
        fn deferred<'a>(&'a self, which: &'a Deferrals, limit: usize) -> Vec<Deferred>;
        fn pending<'a>(&'a self) -> Pending;
        fn documents<'a>(&'a self, kind: DocumentKind) -> Vec<Document>;
        fn document<'a>(&'a self, kind: DocumentKind, id: &'a str) -> Option<Document>;
        fn purge<'a>(&'a self, before: Timestamp, limit: usize) -> Purged;
        fn census<'a>(&'a self) -> Census;
    }
}
