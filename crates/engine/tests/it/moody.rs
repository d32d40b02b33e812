//! A store that knows better, takes nothing for a while, or answers late: what the engine proposed is taken back, and the accounts close.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use tidings_core::{BoxFuture, DeliveryId, Event, EventId, NotificationId, Timestamp};
use tidings_engine::{Notifier, Rule, User};
use tidings_store::{
    Acceptance, Answer, Census, Claim, Claimed, Cooldown, Deferrals, Deferred, Disabled, Document, DocumentChange,
    DocumentKind, Entry, EventRange, Finish, FiringClaim, InboxBounds, InboxMessage, InboxPlace, InboxRow, KeptState,
    Lease, LogFilter, MemoryStore, NewDelivery, Offer, Outstanding, Page, Pending, Purged, Put, Recovered, Resumption,
    RuleBatch, RuleOutcome, RulePlan, RuleSetVersion, Settled, Store, StoreError, StoredEvent, StoredNotification,
    UserBatch, UserOutcome, Waiting,
};
use tidings_testkit::FakeClock;
use tokio::sync::watch;

use crate::{Seen, info, start, stop};

/// Keeps those waiting who come by while it is shut, and counts them.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    is_shut: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
    passed: watch::Sender<usize>,
}

impl Gate {
    pub(crate) fn shut(&self) {
        self.is_shut.send_replace(true);
    }

    pub(crate) fn open(&self) {
        self.is_shut.send_replace(false);
    }

    pub(crate) async fn pass(&self) {
        self.waiting.send_modify(|count| *count += 1);
        self.is_shut.subscribe().wait_for(|is_shut| !is_shut).await.unwrap();
        self.waiting.send_modify(|count| *count -= 1);
        self.passed.send_modify(|count| *count += 1);
    }

    pub(crate) fn passed(&self) -> usize {
        *self.passed.borrow()
    }

    /// Returns once so many wait.
    pub(crate) async fn reached(&self, count: usize) {
        Self::counts(&self.waiting, count).await;
    }

    /// Returns once so many have passed.
    pub(crate) async fn passes(&self, count: usize) {
        Self::counts(&self.passed, count).await;
    }

    async fn counts(counter: &watch::Sender<usize>, count: usize) {
        let mut counter = counter.subscribe();
        let reached = counter.wait_for(|found| *found >= count);
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("somebody comes by").unwrap();
    }
}

/// A store that takes so many batches of plans, is full then, and whose answers can be held up.
pub(crate) struct Moody {
    inner: Arc<dyn Store>,
    room: AtomicUsize,
    durable: bool,
    /// Behind claims that gave something.
    pub(crate) claims: Gate,
    /// Behind what was written down.
    pub(crate) finishes: Gate,
    /// In front of a look at what an endpoint owes, if it is push.
    pub(crate) looks: Gate,
}

impl Moody {
    /// One in memory.
    pub(crate) fn new() -> Arc<Self> {
        Self::before(Arc::new(MemoryStore::new(100)))
    }

    /// One that has room without end, until it is told otherwise.
    pub(crate) fn before(inner: Arc<dyn Store>) -> Arc<Self> {
        let durable = inner.durable();
        Self::built(inner, usize::MAX, durable)
    }

    fn full() -> Arc<Self> {
        Self::built(Arc::new(MemoryStore::new(100)), 0, false)
    }

    /// One that passes for a file.
    pub(crate) fn full_file() -> Arc<Self> {
        Self::built(Arc::new(MemoryStore::new(100)), 0, true)
    }

    fn built(inner: Arc<dyn Store>, room: usize, durable: bool) -> Arc<Self> {
        let [claims, finishes, looks] = std::array::from_fn(|_| Gate::default());
        Arc::new(Self { inner, room: room.into(), durable, claims, finishes, looks })
    }

    /// From now on there is room for so many.
    pub(crate) fn leave(&self, room: usize) {
        self.room.store(room, SeqCst);
    }

    pub(crate) fn has_room(&self) {
        self.leave(usize::MAX);
    }

    fn refuses(&self) -> Option<StoreError> {
        let taken = self.room.fetch_update(SeqCst, SeqCst, |room| room.checked_sub(1));
        taken.is_err().then(|| StoreError::Unavailable("the disk is full".into()))
    }
}

macro_rules! forwarded {
    ($(fn $name:ident<'a>(&'a self $(, $argument:ident: $kind:ty)*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self $(, $argument: $kind)*) -> Answer<'a, $answer> {
            self.inner.$name($($argument),*)
        })*
    };
}

impl Store for Moody {
    fn durable(&self) -> bool {
        self.durable
    }

    fn plan_rule<'a>(&'a self, batch: &'a RuleBatch, now: Timestamp) -> Answer<'a, Vec<RuleOutcome>> {
        match self.refuses() {
            Some(error) => Box::pin(async { Err(error) }),
            None => self.inner.plan_rule(batch, now),
        }
    }

    fn plan_user<'a>(&'a self, batch: &'a UserBatch, now: Timestamp) -> Answer<'a, Vec<UserOutcome>> {
        match self.refuses() {
            Some(error) => Box::pin(async { Err(error) }),
            None => self.inner.plan_user(batch, now),
        }
    }

    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()> {
        self.inner.wait_for_work(endpoint, limit)
    }

    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Claimed> {
        Box::pin(async move {
            let claimed = self.inner.claim(claim, now).await?;
            if !claimed.leases.is_empty() {
                self.claims.pass().await;
            }
            Ok(claimed)
        })
    }

    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>> {
        Box::pin(async move {
            let settled = self.inner.finish(finishes, now).await?;
            self.finishes.pass().await;
            Ok(settled)
        })
    }

    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding> {
        Box::pin(async move {
            if endpoint == "push" {
                self.looks.pass().await;
            }
            self.inner.outstanding(endpoint).await
        })
    }

    forwarded! {
        fn take_over<'a>(&'a self, shifts_rules: bool, now: Timestamp) -> Recovered;
        fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Vec<Acceptance>;
        fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> u64;
        fn hasten<'a>(&'a self, endpoint: &'a str, deliveries: &'a [DeliveryId], now: Timestamp) -> u64;
        fn waiting<'a>(&'a self) -> Vec<Waiting>;
        fn abandon<'a>(&'a self, endpoint: &'a str) -> Vec<Arc<NewDelivery>>;
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
        fn advance<'a>(&'a self, sink: &'a str, number: u64) -> ();
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
        fn resume<'a>(&'a self, batch: &'a Resumption, now: Timestamp) -> Vec<bool>;
        fn put_documents<'a>(&'a self, changes: &'a [DocumentChange], now: Timestamp) -> Vec<Put>;
        fn purge<'a>(&'a self, before: Timestamp, limit: usize) -> Purged;
        fn census<'a>(&'a self) -> Census;
    }
}

/// Somebody else has let these rules fire for the agent: a store that the notifier shares knows it, its rules do not.
pub(crate) async fn rest(store: &dyn Store, rules: &[&str], agent: &str, second: i64) {
    let at = Timestamp::from_secs(second);
    let claim = |rule: &&str| FiringClaim {
        rule: (*rule).into(),
        agent: agent.to_owned(),
        at,
        cooldown: Duration::from_secs(60),
    };
    let firings = rules.iter().map(claim).collect();
    let plan = RulePlan { firings, ..RulePlan::nothing(EventId::named("other", "1")) };
    store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, at).await.unwrap();
}

#[tokio::test]
async fn a_firing_that_the_store_overrules_blocks_no_later_one() {
    let (store, clock) = (Arc::new(MemoryStore::new(100)), FakeClock::at(Timestamp::from_secs(1_000)));
    rest(&*store, &["r"], "a", 1_000).await;
    let rule = Rule::new("r", "true").unwrap().cooldown(Duration::from_secs(60));
    let builder = Notifier::builder().user("ann", User::default()).rule(rule).store(store);
    let notifier = start(builder.clock(Arc::new(clock.clone()))).await;
    notifier.accept(vec![info("one")]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(5)).await);
    let account = notifier.account().await;
    assert_eq!((account.rules["r"].fired, account.rules["r"].cooldown, account.notifications.made), (0, 1, 0));
    clock.set(Timestamp::from_secs(1_060));
    notifier.accept(vec![info("two")]).await.unwrap();
    let account = stop(&notifier).await;
    assert_eq!(
        (account.rules["r"].fired, account.notifications.planned),
        (1, 1),
        "it is no repeat of what was not said"
    );
}

#[tokio::test]
async fn what_the_store_overruled_is_not_resolved_and_the_next_is_told() {
    let (store, clock) = (Arc::new(MemoryStore::new(100)), FakeClock::at(Timestamp::from_secs(1_000)));
    rest(&*store, &["now", "held", "silent"], "a", 1_000).await;
    let rule = |name: &str, condition: &str| Rule::new(name, condition).unwrap().cooldown(Duration::from_secs(60));
    let builder = Notifier::builder()
        .user("ann", User::default())
        .rule(rule("now", "load > 5 resolve when load < 2"))
        .rule(rule("held", "load > 5 for 10s resolve when load < 2"))
        .rule(rule("silent", "silent(10s)").agent("a").unwrap());
    let notifier = start(builder.store(store.clone()).clock(Arc::new(clock.clone()))).await;
    let accept = async |event: Event| {
        clock.set(event.timestamp);
        notifier.accept(vec![event]).await.unwrap();
        assert!(notifier.drain(Duration::from_secs(5)).await);
    };
    let load = |second, load| info("sample").at(Timestamp::from_secs(second)).data(json!({"load": load}));
    // An event of nobody: what is due is told before it.
    let tick = |second| Event::new("tick").at(Timestamp::from_secs(second));
    accept(load(1_000, 9)).await;
    accept(tick(1_010)).await;
    let account = notifier.account().await;
    for name in ["now", "held", "silent"] {
        assert_eq!((account.rules[name].fired, account.rules[name].cooldown), (0, 1), "{name}");
    }
    accept(tick(1_059)).await;
    assert_eq!(notifier.account().await.notifications.made, 0, "the cooldown lasts");
    accept(tick(1_070)).await;
    accept(load(1_070, 8)).await;
    accept(load(1_071, 1)).await;
    let account = stop(&notifier).await;
    let told = |name: &str| (account.rules[name].fired, account.rules[name].resolved);
    assert_eq!([told("now"), told("held"), told("silent")], [(1, 1), (1, 1), (1, 0)]);
    assert_eq!((account.notifications.planned, account.notifications.duplicate), (5, 0));
}

#[tokio::test]
async fn a_store_that_takes_nothing_holds_neither_the_stop_nor_the_account() {
    let (store, seen) = (Moody::full(), Seen::default());
    let notifier = start(Notifier::builder().sink(seen.sink("all")).store(store.clone())).await;
    notifier.emit(info("one"));
    notifier.accept(vec![info("two")]).await.unwrap();
    let account = notifier.stop_within(Duration::from_millis(50)).await;
    account.closes().unwrap();
    assert_eq!((account.events.offered, account.events.shed), (2, 2), "neither was planned");
}

#[tokio::test]
async fn a_store_that_comes_back_gets_everything() {
    let (store, seen) = (Moody::full(), Seen::default());
    let notifier = start(Notifier::builder().sink(seen.sink("all")).store(store.clone())).await;
    notifier.emit(info("one"));
    notifier.accept(vec![info("two").id("2"), info("two").id("2")]).await.unwrap();
    store.leave(usize::MAX);
    let account = stop(&notifier).await;
    assert_eq!((account.events.planned, account.events.duplicate, seen.types().len()), (2, 1, 2));
}
