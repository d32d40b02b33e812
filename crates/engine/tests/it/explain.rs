//! Why somebody was told, and why not: for each reason a test that the explanation names it, with its values, on both stores.

mod attempts;
mod deliveries;
mod down;
mod forgotten;
mod ids;
mod later;
mod lives;
mod notifications;
mod properties;
mod replays;
mod restarts;
mod rules;
mod sinks;
mod stories;
mod texts;
mod times;

use std::{
    collections::VecDeque,
    future::Future,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tidings_core::{
    Channel, Clock, Envelope, ErrorKind, Event, EventId, Receipt, SendError, Severity, Timestamp, Verdict,
};
use tidings_engine::{
    Builder, Notifier, RetryPolicy, User,
    explain::{Explanation, RuleTold},
};
use tidings_store::{
    Entry, LogFilter, MemoryStore, Page, Step, Store,
    sqlite::{Options, SqliteStore},
};
use tidings_testkit::FakeClock;

/// The time at which every scene begins: 2023-11-14 22:13:20.
const START: i64 = 1_700_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(START + second)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A store of each kind.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Memory,
    File,
}

const KINDS: [Kind; 2] = [Kind::Memory, Kind::File];

fn store(kind: Kind, folder: &Path, clock: &FakeClock) -> Arc<dyn Store> {
    match kind {
        Kind::Memory => Arc::new(MemoryStore::new(1_000)),
        Kind::File => {
            Arc::new(SqliteStore::open(&folder.join("store.db"), &Options::default(), clock.now()).unwrap().0)
        }
    }
}

/// A notifier that runs, with its clock.
struct Scene {
    notifier: Notifier,
    clock: FakeClock,
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn open(kind: Kind, build: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FakeClock::at(at(0));
        let store = store(kind, folder.path(), &clock);
        let builder = Notifier::builder().user("ann", User::default()).store(Arc::clone(&store));
        let builder = build(builder.clock(Arc::new(clock.clone()))).shutdown_timeout(seconds(5));
        let notifier = builder.build().unwrap().start().await.unwrap();
        Self { notifier, clock, store, _folder: folder }
    }

    /// Accepts an event at a second, and waits until the rules have judged it.
    async fn send(&self, second: i64, event: Event) -> EventId {
        self.clock.set(at(second));
        let id = self.notifier.accept(vec![event.at(at(second))]).await.unwrap()[0].id;
        until(async || self.notifier.account().await.events.waiting == 0).await;
        id
    }

    async fn explain(&self, id: impl ToString) -> Explanation {
        self.notifier.explain(&id.to_string()).await.unwrap().unwrap_or_else(|| panic!("{} is known", id.to_string()))
    }

    /// Waits until the log has so many entries of this step.
    async fn logged(&self, step: Step, count: usize) -> Vec<Entry> {
        let filter = LogFilter { steps: vec![step], ..LogFilter::default() };
        let read = async || self.notifier.log(&filter, Page::After { number: 0, limit: 100 }).await.unwrap();
        until(async || read().await.len() >= count).await;
        read().await
    }

    async fn drain(&self) {
        assert!(self.notifier.drain(seconds(120)).await);
    }
}

/// Looks again until it is so: a disk that others write to may keep a store waiting for long.
async fn until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let looking = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(seconds(120), looking).await.expect("it comes to be so");
}

fn event(data: Value) -> Event {
    Event::new("custom.load").severity(Severity::Info).agent("a").data(data)
}

/// A rule's part of an explanation.
fn rule<'e>(told: &'e Explanation, name: &str) -> &'e RuleTold {
    told.rules.iter().find(|rule| rule.rule == name).unwrap_or_else(|| panic!("{name} in {told:#?}"))
}

/// Asserts that the text for people says all of this, in this order.
#[track_caller]
fn assert_says(told: &Explanation, parts: &[&str]) {
    let text = told.to_string();
    let mut rest = text.as_str();
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { panic!("`{part}` is not told in its place in\n{text}") };
        rest = after;
    }
}

/// An answer that is an error.
type Failure = (Verdict, ErrorKind, &'static str);

/// A channel that answers as it is told to, and then takes everything.
#[derive(Default)]
struct Scripted(Mutex<VecDeque<Failure>>);

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Failure>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answers.into_iter().collect())))
    }
}

impl Channel for Scripted {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        match self.0.lock().unwrap().pop_front() {
            Some((verdict, kind, text)) => Err(SendError::new(verdict, kind, text)),
            None => Ok(Receipt { code: Some(200), ..Receipt::default() }),
        }
    }
}

const AGAIN: Verdict = Verdict::Transient { retry_after: None };

fn once() -> RetryPolicy {
    RetryPolicy { delays: Vec::new(), jitter: 0.0 }
}

fn policy(delays: impl IntoIterator<Item = u64>) -> RetryPolicy {
    RetryPolicy { delays: delays.into_iter().map(seconds).collect(), jitter: 0.0 }
}
