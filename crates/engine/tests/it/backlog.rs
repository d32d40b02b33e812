//! In-process sinks in front of a store that outlives the process: what was called is not called again after a stop, what was not
//! waits, and the account says so.

use std::{
    future::Future,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use serde_json::json;
use tidings_core::{Clock, Event, Severity, SystemClock};
use tidings_engine::{Account, Notifier, Sink};
use tidings_store::{
    Store,
    sqlite::{Options, SqliteStore},
};

use crate::{start, stop};

fn open(folder: &Path) -> Arc<dyn Store> {
    let now = SystemClock::new().now();
    Arc::new(SqliteStore::open(&folder.join("store.db"), &Options::default(), now).unwrap().0)
}

/// A closure that blocks at one event until it is let go, and knows what it was called with.
#[derive(Clone, Default)]
struct Slow(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    called: Vec<u64>,
    blocks_at: Option<u64>,
}

impl Slow {
    fn blocking_at(number: u64) -> Self {
        let slow = Self::default();
        slow.0.0.lock().unwrap().blocks_at = Some(number);
        slow
    }

    fn sink(&self) -> Sink {
        let slow = self.clone();
        Sink::callback("slow", move |event: &Event| {
            let number = event.data["n"].as_u64().unwrap();
            let mut state = slow.0.0.lock().unwrap();
            state.called.push(number);
            while state.blocks_at == Some(number) {
                state = slow.0.1.wait(state).unwrap();
            }
        })
    }

    fn let_go(&self) {
        self.0.0.lock().unwrap().blocks_at = None;
        self.0.1.notify_all();
    }

    fn called(&self) -> Vec<u64> {
        self.0.0.lock().unwrap().called.clone()
    }

    async fn called_with(&self, number: u64) {
        until(async || self.called().contains(&number)).await;
    }
}

/// Looks again until it is so.
async fn until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let looking = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looking).await.expect("it comes to be so");
}

/// Events of these numbers; each third one is a warning.
fn events(numbers: std::ops::Range<u64>) -> Vec<Event> {
    let event = |number: u64| {
        let severity = if number.is_multiple_of(3) { Severity::Warning } else { Severity::Info };
        Event::new("sample").severity(severity).id(number.to_string()).data(json!({"n": number}))
    };
    numbers.map(event).collect()
}

/// The sink's matched, delivered and waiting; the accounts close.
#[track_caller]
fn counts(account: &Account) -> (u64, u64, u64) {
    account.closes().unwrap();
    let sink = account.sinks["slow"];
    (sink.matched, sink.delivered, sink.waiting)
}

async fn stop_at_once(notifier: &Notifier) -> Account {
    notifier.stop_within(Duration::ZERO).await
}

#[tokio::test]
async fn what_was_called_before_a_stop_is_not_called_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, slow) = (open(folder.path()), Slow::blocking_at(10));
    let notifier = start(Notifier::builder().store(Arc::clone(&store)).sink(slow.sink())).await;
    notifier.accept(events(0..64)).await.unwrap();
    slow.called_with(10).await;
    let account = stop_at_once(&notifier).await;
    assert_eq!(counts(&account), (64, 10, 54));
    assert!(!account.is_clean());
    slow.let_go();
    let next = Slow::default();
    let notifier = start(Notifier::builder().store(store).sink(next.sink())).await;
    let account = stop(&notifier).await;
    assert_eq!(next.called(), (10..64).collect::<Vec<_>>(), "the one in hand is called again, and no other");
    assert_eq!(counts(&account), (54, 54, 0));
    assert!(account.is_clean());
}

#[tokio::test]
async fn how_far_a_sink_is_is_noted_while_it_works_on_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let (store, slow) = (open(folder.path()), Slow::blocking_at(5));
    let notifier = start(Notifier::builder().store(Arc::clone(&store)).sink(slow.sink())).await;
    notifier.accept(events(0..20)).await.unwrap();
    // The first event has the number 1.
    until(async || store.cursor("slow").await.unwrap() == Some(5)).await;
    slow.called_with(5).await;
    assert_eq!(store.cursor("slow").await.unwrap(), Some(5), "the sixth is in hand");
    slow.let_go();
    stop(&notifier).await;
    assert_eq!(store.cursor("slow").await.unwrap(), Some(20));
}

#[tokio::test]
async fn what_a_sink_wants_and_has_not_read_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (store, slow) = (open(folder.path()), Slow::blocking_at(0));
    let severe = |slow: &Slow| slow.sink().min_severity(Severity::Warning);
    let notifier = start(Notifier::builder().store(Arc::clone(&store)).sink(severe(&slow))).await;
    for part in 0..3 {
        notifier.accept(events(part * 500..part * 500 + 500)).await.unwrap();
    }
    slow.called_with(0).await;
    assert_eq!(counts(&notifier.account().await), (500, 0, 500), "a third of all that was accepted");
    assert_eq!(counts(&stop_at_once(&notifier).await), (500, 0, 500));
    slow.let_go();
    let notifier = start(Notifier::builder().store(Arc::clone(&store)).sink(severe(&Slow::default()))).await;
    let account = stop_at_once(&notifier).await;
    let (matched, delivered, waiting) = counts(&account);
    assert_eq!((matched, waiting), (500, 500 - delivered), "what it found, however little it came to call");
    let notifier = start(Notifier::builder().store(store).sink(severe(&Slow::default()))).await;
    notifier.accept(events(3_000..3_003)).await.unwrap();
    let left = waiting + 1;
    assert_eq!(counts(&stop(&notifier).await), (left, left, 0));
    assert_eq!(counts(&notifier.account().await), (left, left, 0), "and so it stays");
}

#[tokio::test]
async fn a_sink_that_is_new_begins_with_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let notifier = start(Notifier::builder().store(Arc::clone(&store))).await;
    notifier.accept(events(0..10)).await.unwrap();
    stop(&notifier).await;
    let slow = Slow::default();
    let notifier = start(Notifier::builder().store(store).sink(slow.sink())).await;
    notifier.accept(events(10..12)).await.unwrap();
    assert_eq!(counts(&stop(&notifier).await), (2, 2, 0));
    assert_eq!(slow.called(), [10, 11]);
}
