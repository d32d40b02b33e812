//! Another configuration for a notifier that runs: holds, firings, cooldowns, windows and queues go on, and everything is accounted for.

mod services;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tidings_core::{Channel, Envelope, Event, Receipt, SendError, Timestamp};
use tidings_engine::{Builder, Notifier, ReloadError, RetryPolicy, Rule, User, explain::RuleVerdict};
use tidings_store::{MemoryStore, Store, sqlite::SqliteStore};
use tidings_testkit::FakeClock;
use tokio::sync::Semaphore;

use crate::{Seen, letters::Letters, start, stop};

const MINUTE: Duration = Duration::from_secs(60);
const ONCE: RetryPolicy = RetryPolicy { delays: vec![], jitter: 0.0 };

fn rule(name: &str, condition: &str) -> Rule {
    Rule::new(name, condition).unwrap().channels(["letters"]).cooldown(Duration::ZERO)
}

/// A configuration whose channel stays.
fn kept(rules: impl IntoIterator<Item = Rule>) -> Builder {
    let builder = Notifier::builder().keep_channel("letters", ONCE).storm_limit(None).user("ann", User::default());
    rules.into_iter().fold(builder, Builder::rule)
}

/// A notifier beside a clock that stands.
struct House {
    notifier: Notifier,
    letters: Letters,
    clock: FakeClock,
    _folder: Option<tempfile::TempDir>,
}

impl House {
    async fn open(durable: bool, rules: impl IntoIterator<Item = Rule>) -> Self {
        let (letters, clock) = (Letters::default(), FakeClock::at(Timestamp::from_secs(1_000_000)));
        let folder = durable.then(|| tempfile::tempdir().unwrap());
        let store: Arc<dyn Store> = match &folder {
            Some(folder) => {
                let path = folder.path().join("tidings.db");
                Arc::new(SqliteStore::open(&path, &Default::default(), Timestamp::from_secs(1_000_000)).unwrap().0)
            }
            None => Arc::new(MemoryStore::new(1_000)),
        };
        let builder = Notifier::builder()
            .channel("letters", Arc::new(letters.clone()), ONCE)
            .storm_limit(None)
            .user("ann", User::default())
            .store(store)
            .clock(Arc::new(clock.clone()));
        let notifier = start(rules.into_iter().fold(builder, Builder::rule)).await;
        Self { notifier, letters, clock, _folder: folder }
    }

    async fn accept(&self, id: &str, data: Value) {
        let event = Event::new("sample").agent("a").id(id).at(tidings_core::Clock::now(&self.clock)).data(data);
        self.notifier.accept(vec![event]).await.unwrap();
        assert!(self.notifier.drain(Duration::from_secs(20)).await);
    }

    async fn reload(&self, rules: impl IntoIterator<Item = Rule>) -> Vec<(String, Option<String>)> {
        self.notifier.reload(kept(rules)).await.unwrap().left_open
    }
}

#[tokio::test]
async fn a_hold_that_is_pending_fires_at_its_time() {
    for durable in [false, true] {
        let busy = || rule("busy", "load > 5 for 10m");
        let house = House::open(durable, [busy()]).await;
        house.accept("1", json!({"load": 9})).await;
        house.clock.advance(5 * MINUTE);
        house.reload([rule("other", "load > 100"), busy()]).await;
        house.clock.advance(5 * MINUTE - Duration::from_secs(1));
        assert!(house.notifier.drain(Duration::from_secs(20)).await);
        assert!(house.letters.all().is_empty());
        house.clock.advance(Duration::from_secs(1));
        assert_eq!(house.letters.wait_for(1).await[0].title, "busy");
        stop(&house.notifier).await;
    }
}

#[tokio::test]
async fn a_firing_is_resolved_once_and_one_without_its_rule_is_named() {
    for durable in [false, true] {
        let open = || rule("open", "load > 5 resolve when load < 1");
        let house = House::open(durable, [open(), rule("gone", "load > 5 resolve when load < 1")]).await;
        house.accept("1", json!({"load": 9})).await;
        assert_eq!(house.reload([open()]).await, [("gone".to_owned(), Some("a".to_owned()))]);
        house.accept("2", json!({"load": 0})).await;
        house.reload([open()]).await;
        house.accept("3", json!({"load": 0})).await;
        assert_eq!(house.letters.titles(), ["open to ann", "gone to ann", "Resolved: open to ann"]);
        let account = stop(&house.notifier).await;
        assert_eq!((account.rules["open"].resolved, account.rules["gone"].fired), (1, 1));
    }
}

#[tokio::test]
async fn a_rule_that_comes_back_ends_what_it_began() {
    let open = || rule("open", "load > 5 resolve when load < 1");
    let house = House::open(true, [open()]).await;
    house.accept("1", json!({"load": 9})).await;
    house.reload([rule("other", "load > 100")]).await;
    house.reload([open()]).await;
    house.accept("2", json!({"load": 0})).await;
    assert_eq!(house.letters.titles(), ["open to ann", "Resolved: open to ann"]);
    stop(&house.notifier).await;
}

#[tokio::test]
async fn a_cooldown_holds_and_a_window_counts_what_came_before() {
    for durable in [false, true] {
        let rests = |condition: &str| rule("rests", condition).cooldown(10 * MINUTE);
        let house = House::open(durable, [rests("load > 5"), rule("many", "count(load > 5, 10m) >= 3")]).await;
        house.accept("1", json!({"load": 9})).await;
        house.reload([rests("load > 6"), rule("many", "count(load > 5, 10m) >= 3 && load < 100")]).await;
        house.accept("2", json!({"load": 9})).await;
        assert_eq!(house.letters.titles(), ["rests to ann"]);
        // What no rule counted before is read from the store.
        house.reload([rests("load > 6"), rule("new", "count(load > 7, 10m) >= 3")]).await;
        house.accept("3", json!({"load": 9})).await;
        assert_eq!(house.letters.titles(), ["rests to ann", "new to ann"]);
        stop(&house.notifier).await;
    }
}

#[tokio::test]
async fn explain_judges_an_event_by_the_rules_of_then() {
    for durable in [false, true] {
        let house = House::open(durable, [rule("then", "load > 50")]).await;
        house.accept("before", json!({"load": 9})).await;
        house.reload([rule("now", "load > 70")]).await;
        house.accept("after", json!({"load": 9})).await;
        for (id, name) in [("before", "then"), ("after", "now")] {
            let told = house.notifier.explain(id).await.unwrap().unwrap();
            let rules: Vec<_> = told.rules.iter().map(|rule| (&*rule.rule, rule.verdict)).collect();
            assert_eq!(rules, [(name, RuleVerdict::No)]);
        }
        stop(&house.notifier).await;
    }
}

/// A channel that lets one message out for each permit.
#[derive(Clone)]
struct Gate(Arc<Semaphore>, Letters);

impl Channel for Gate {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        self.0.acquire().await.unwrap().forget();
        tidings_core::DynChannel::send_boxed(&self.1, envelope).await
    }
}

#[tokio::test]
async fn what_waits_for_a_changed_channel_and_for_one_that_stays_is_sent_once() {
    let (before, after, stays) = (Letters::default(), Letters::default(), Letters::default());
    let (slow, other) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let each = || {
        Rule::new("each", "true")
            .unwrap()
            .title("{{ data.n }}")
            .unwrap()
            .channels(["changed", "stays"])
            .cooldown(Duration::ZERO)
    };
    let builder = Notifier::builder()
        .channel("changed", Arc::new(Gate(Arc::clone(&slow), before.clone())), ONCE)
        .channel("stays", Arc::new(Gate(Arc::clone(&other), stays.clone())), ONCE)
        .storm_limit(None)
        .user("ann", User::default())
        .rule(each());
    let notifier = start(builder).await;
    let events = (0..100).map(|n| Event::new("x").agent(format!("a{n}")).data(json!({"n": n})));
    notifier.accept(events.collect()).await.unwrap();
    while notifier.account().await.events.waiting > 0 {
        tokio::task::yield_now().await;
    }
    let next = Notifier::builder()
        .channel("changed", Arc::new(after.clone()), ONCE)
        .keep_channel("stays", ONCE)
        .storm_limit(None)
        .user("ann", User::default())
        .rule(each());
    notifier.reload(next).await.unwrap();
    assert!(after.all().is_empty(), "what is in flight is finished first");
    slow.add_permits(1_000);
    other.add_permits(1_000);
    let account = stop(&notifier).await;
    let mut sent = [before.titles(), after.titles()].concat();
    let mut same = stays.titles();
    sent.sort();
    same.sort();
    sent.dedup();
    assert_eq!((sent.len(), sent == same), (100, true));
    assert_eq!(before.all().len() + after.all().len(), 100);
    assert!(!before.all().is_empty() && !after.all().is_empty());
    assert_eq!(account.deliveries.delivered, 200);
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() {
    let house = House::open(true, [rule("old", "load > 5")]).await;
    let check = async |builder: Builder, expected: &str| {
        let error = house.notifier.reload(builder).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(kept([rule("new", "true").channels(["nowhere"])]), "nowhere").await;
    check(kept([rule("new", "true")]).keep_channel("fax", ONCE), "no sink or channel of that name runs").await;
    check(kept([rule("new", "true"), rule("new", "true")]), "is there twice").await;
    check(kept([]).sink(Seen::default().sink("letters")), "is there twice").await;
    house.accept("1", json!({"load": 9})).await;
    assert_eq!(house.letters.titles(), ["old to ann"]);
    stop(&house.notifier).await;
    let late = house.notifier.reload(kept([])).await;
    assert_eq!(late, Err(ReloadError::NotRunning));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_under_two_hundred_reloads_are_all_accounted_for() {
    for durable in [false, true] {
        let version = |n: usize| rule("all", &format!("true || load > {n}")).title("{{ data.n }}").unwrap();
        let house = House::open(durable, [version(0)]).await;
        let emitter = house.notifier.clone();
        let emitting = tokio::spawn(async move {
            for n in 0..1_000 {
                let event = Event::new("x").agent(format!("a{n}")).data(json!({"n": n}));
                if n % 2 == 0 {
                    emitter.accept(vec![event]).await.unwrap();
                } else {
                    emitter.emit(event);
                }
                tokio::task::yield_now().await;
            }
        });
        let seen = Seen::default();
        for n in 1..=200 {
            let sink = if n % 2 == 0 { kept([version(n)]) } else { kept([version(n)]).sink(seen.sink("seen")) };
            house.notifier.reload(sink).await.unwrap();
        }
        emitting.await.unwrap();
        assert!(house.notifier.drain(Duration::from_secs(60)).await);
        let account = stop(&house.notifier).await;
        assert_eq!(account.events.planned + account.events.shed, 1_000, "{account:#?}");
        assert_eq!(account.rules["all"].fired, account.events.planned);
        assert_eq!(account.deliveries.delivered, account.events.planned, "{account:#?}");
        let mut titles = house.letters.titles();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len() as u64, account.events.planned);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_never_pause_do_not_put_it_off() {
    let house = House::open(false, (0..20).map(|n| rule(&format!("r{n}"), "load > 5 && load > 100"))).await;
    let is_done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..80)
        .map(|_| {
            let (notifier, is_done) = (house.notifier.clone(), Arc::clone(&is_done));
            tokio::spawn(async move {
                while !is_done.load(Relaxed) {
                    let events = (0..50).map(|n| Event::new("x").agent(format!("a{n}")).data(json!({"load": 9})));
                    notifier.accept(events.collect()).await.unwrap();
                }
            })
        })
        .collect();
    let reloading = tokio::time::timeout(Duration::from_secs(60), house.reload([rule("all", "load > 100")])).await;
    is_done.store(true, Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(reloading.expect("it is taken up"), []);
    stop(&house.notifier).await;
}
