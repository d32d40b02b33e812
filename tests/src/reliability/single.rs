//! Figure 15: one event, then silence, again and again. Whoever loses a wake-up would let it wait for the next one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use tidings::{Channel, Envelope, Event, Receipt, Rule, SendError, Sink, User};
use tidings_engine::Notifier;
use tokio::{sync::watch, time::Instant};

use super::{Row, lab::Backend, percentile, plan};

/// An event that takes so long waits for something that does not come.
const FOR_EVER: Duration = Duration::from_secs(20);

/// Less than half of the time between two polls.
const MOST: Duration = Duration::from_millis(100);

/// The time of the runtime: where that is paused, it stands for as long as there is work, and only a sleep moves it on.
#[expect(clippy::disallowed_methods, reason = "that a poll was waited for is seen by the runtime's own clock alone")]
fn runtime_now() -> Instant {
    Instant::now()
}

/// Where events arrive: when the last one did, and how many there were.
#[derive(Clone)]
struct Arrivals {
    name: &'static str,
    last: Arc<Mutex<Option<Instant>>>,
    count: watch::Sender<u64>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Arrivals {
    fn new(name: &'static str) -> Self {
        Self { name, last: Arc::default(), count: watch::Sender::new(0), waits: Arc::default() }
    }

    fn note(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(runtime_now());
        self.count.send_modify(|count| *count += 1);
    }

    /// Waits for this many, and notes how long the last of them took.
    async fn wait_for(&self, count: u64, since: Instant) {
        let mut counts = self.count.subscribe();
        let arrived = tokio::time::timeout(FOR_EVER, counts.wait_for(|arrived| *arrived >= count)).await;
        assert!(arrived.is_ok(), "event {count} waits for the next one before {}", self.name);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(since);
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(last.saturating_duration_since(since));
    }

    /// The 99th percentile and the longest.
    fn longest(&self) -> (Duration, Duration) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone();
        waits.sort();
        (percentile(&waits, 99), waits.last().copied().unwrap_or_default())
    }
}

impl Channel for Arrivals {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        self.note();
        Ok(Receipt::default())
    }
}

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// How many events.
    pub count: u64,
    /// Whether a thread of a callback is among the sinks: a paused clock would not wait for it.
    pub with_thread: bool,
    /// So long an event may take at most, where the clock is the runtime's and stands while there is work.
    pub bound: Option<Duration>,
}

/// Runs the rounds by both doors in turn, with silences of zero to three milliseconds in between.
///
/// # Panics
/// If an event does not arrive before the next one.
pub async fn run(rounds: Rounds, backend: Backend) -> Vec<Row> {
    let network = [Arrivals::new("a network sink"), Arrivals::new("a user's channel")];
    let local = [Arrivals::new("an async callback"), Arrivals::new("a callback")];
    let (store, all) = (backend.store(), network.iter().chain(&local[..1 + usize::from(rounds.with_thread)]));
    let rule = Rule::new("any", "n >= 0").expect("it is a condition").channels(["letters"]).cooldown(Duration::ZERO);
    let rule = rule.dedup_key("{{ data.n }}").expect("it is a template");
    let task = local[0].clone();
    let mut builder = Notifier::builder()
        .storm_limit(None)
        .store(store.clone())
        .user("ann", User::default())
        .rule(rule)
        .channel("letters", Arc::new(network[1].clone()), plan([1]))
        .sink(Sink::channel("network", Arc::new(network[0].clone()), plan([1]), 16))
        .sink(Sink::callback_async("task", move |_| {
            task.note();
            std::future::ready(())
        }));
    if rounds.with_thread {
        let thread = local[1].clone();
        builder = builder.sink(Sink::callback("thread", move |_| thread.note()));
    }
    let notifier = builder.build().expect("the parts fit").start().await.expect("it starts");
    let all: Vec<_> = all.collect();
    for round in 1..=rounds.count {
        one(&notifier, &all, round).await;
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..3_000))).await;
    }
    let account = notifier.stop().await;
    account.closes().expect("the accounts close");
    store.audit(&account).await;
    assert!(account.is_clean(), "{account:#?}");
    let row = |arrivals: &&Arrivals| {
        let (high, longest) = arrivals.longest();
        assert!(rounds.bound.is_none_or(|bound| longest <= bound), "{}: {longest:?}", arrivals.name);
        let run = format!("{} single events before {}, {backend:?}", rounds.count, arrivals.name);
        let row = Row::new(15, run, format!("none waits for the next; p99 {high:.2?}, max {longest:.2?}"));
        row.limit(high < MOST, format!("p99 of {MOST:?}: a poll found what a wake-up should have told"))
    };
    all.iter().map(row).collect()
}

async fn one(notifier: &Notifier, all: &[&Arrivals], round: u64) {
    let event = Event::new("step").agent("a").id(round.to_string()).data(json!({"n": round}));
    let since = runtime_now();
    if round.is_multiple_of(2) {
        notifier.emit(event);
    } else {
        notifier.accept(vec![event]).await.expect("it runs");
    }
    for arrivals in all {
        arrivals.wait_for(round, since).await;
    }
}
