//! A store that knows better, or takes nothing for a while: what the engine proposed is taken back, and the accounts close.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use tidings_core::{BoxFuture, Event, Timestamp};
use tidings_engine::{Notifier, Rule, User};
use tidings_store::{
    Acceptance, Answer, Claim, Finish, Lease, MemoryStore, NewDelivery, Offer, Outstanding, RuleOutcome, RulePlan,
    Settled, Store, StoreError, UserOutcome, UserPlan,
};

use tidings_testkit::FakeClock;

use crate::{Seen, info, start, stop};

/// A store in memory with moods.
struct Moody {
    inner: MemoryStore,
    /// Says of every firing that its cooldown is not over.
    strict: AtomicBool,
    /// Plans nothing.
    full: AtomicBool,
}

impl Moody {
    fn new(strict: bool, full: bool) -> Arc<Self> {
        Arc::new(Self { inner: MemoryStore::new(100), strict: strict.into(), full: full.into() })
    }
}

impl Store for Moody {
    fn durable(&self) -> bool {
        false
    }

    fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Answer<'a, Vec<Acceptance>> {
        self.inner.accept(offers, now)
    }

    fn plan_rule<'a>(&'a self, plans: &'a [RulePlan], now: Timestamp) -> Answer<'a, Vec<RuleOutcome>> {
        if self.full.load(SeqCst) {
            return Box::pin(async { Err(StoreError::Unavailable("the disk is full".into())) });
        }
        Box::pin(async move {
            let mut outcomes = self.inner.plan_rule(plans, now).await?;
            if self.strict.load(SeqCst) {
                outcomes.iter_mut().for_each(|outcome| outcome.fires.fill(false));
            }
            Ok(outcomes)
        })
    }

    fn plan_user<'a>(&'a self, plans: &'a [UserPlan], now: Timestamp) -> Answer<'a, Vec<UserOutcome>> {
        self.inner.plan_user(plans, now)
    }

    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Vec<Lease>> {
        self.inner.claim(claim, now)
    }

    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>> {
        self.inner.finish(finishes, now)
    }

    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64> {
        self.inner.release(endpoint, now)
    }

    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding> {
        self.inner.outstanding(endpoint)
    }

    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>> {
        self.inner.abandon(endpoint)
    }

    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()> {
        self.inner.wait_for_work(endpoint, limit)
    }
}

#[tokio::test]
async fn a_firing_that_the_store_overrules_blocks_no_later_one() {
    let store = Moody::new(true, false);
    let rule = Rule::new("r", "true").unwrap().cooldown(Duration::ZERO);
    let notifier = start(Notifier::builder().user("ann", User::default()).rule(rule).store(store.clone())).await;
    notifier.accept(vec![info("one")]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(5)).await);
    let account = notifier.account().await;
    assert_eq!((account.rules["r"].fired, account.rules["r"].cooldown, account.notifications.made), (0, 1, 0));
    store.strict.store(false, SeqCst);
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
    let (store, clock) = (Moody::new(true, false), FakeClock::at(Timestamp::from_secs(1_000)));
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
    store.strict.store(false, SeqCst);
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
    let (store, seen) = (Moody::new(false, true), Seen::default());
    let notifier = start(Notifier::builder().sink(seen.sink("all")).store(store.clone())).await;
    notifier.emit(info("one"));
    notifier.accept(vec![info("two")]).await.unwrap();
    let account = notifier.stop_within(Duration::from_millis(50)).await;
    account.closes().unwrap();
    assert_eq!((account.events.offered, account.events.shed), (2, 2), "neither was planned");
}

#[tokio::test]
async fn a_store_that_comes_back_gets_everything() {
    let (store, seen) = (Moody::new(false, true), Seen::default());
    let notifier = start(Notifier::builder().sink(seen.sink("all")).store(store.clone())).await;
    notifier.emit(info("one"));
    notifier.accept(vec![info("two").id("2"), info("two").id("2")]).await.unwrap();
    store.full.store(false, SeqCst);
    let account = stop(&notifier).await;
    assert_eq!((account.events.planned, account.events.duplicate, seen.types().len()), (2, 1, 2));
}
