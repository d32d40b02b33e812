//! Figure 16: queues that are full. What matters least goes first, and every event of it is counted.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use tidings::{Account, Event, Severity, Sink, store::MemoryStore};
use tidings_engine::Notifier;
use tokio::sync::watch;

use super::{
    Row, event,
    lab::{BEGIN, Backend},
    watched::Watched,
};

/// Blocks a callback until it is opened, and tells when somebody waits.
#[derive(Clone)]
pub struct Gate {
    open: Arc<(Mutex<bool>, Condvar)>,
    waiting: watch::Sender<u64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { open: Arc::default(), waiting: watch::Sender::new(0) }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Gate {
    /// Waits until it is open; called on a thread of its own.
    pub fn wait(&self) {
        self.waiting.send_modify(|count| *count += 1);
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*open {
            open = self.open.1.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        *self.open.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.open.1.notify_all();
    }

    /// Waits until so many have come to it.
    pub async fn reached(&self, count: u64) {
        let mut waiting = self.waiting.subscribe();
        drop(waiting.wait_for(|waiting| *waiting >= count).await);
    }
}

/// How many of each severity, info first.
type Counts = [u64; 4];

fn counts(severities: impl IntoIterator<Item = Severity>) -> Counts {
    let mut counts = [0; 4];
    severities.into_iter().for_each(|severity| counts[severity.index()] += 1);
    counts
}

/// What a queue of this room must keep: the most severe, however they came.
fn kept(offered: Counts, room: u64) -> Counts {
    let (mut kept, mut room) = ([0; 4], room);
    for level in (0..4).rev() {
        kept[level] = offered[level].min(room);
        room -= kept[level];
    }
    kept
}

fn all(severities: &[Severity]) -> impl Iterator<Item = Event> + '_ {
    severities.iter().zip(0..).map(|(severity, number)| event(number % 7, number).severity(*severity))
}

/// What a sink has seen, by severity.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Severity>>>);

impl Seen {
    fn note(&self, event: &Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.severity);
    }

    fn counts(&self) -> Counts {
        counts(self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied())
    }
}

/// The queue in front of the rules: full before the start, so that nobody takes from it.
///
/// # Panics
/// If it keeps or counts something else.
pub async fn at_the_door(severities: &[Severity], room: u64, backend: Backend) {
    let (seen, store) = (Seen::default(), backend.store());
    let noted = seen.clone();
    let builder = Notifier::builder().store(store.clone()).queue_size(usize::try_from(room).unwrap_or(1));
    let builder = builder.sink_queue_size(100_000).sink(Sink::callback("all", move |event| noted.note(event)));
    let notifier = builder.build().expect("the parts fit");
    all(severities).for_each(|event| _ = notifier.emit(event));
    let offered = severities.len() as u64;
    let before = notifier.account().await.events;
    assert_eq!((before.offered, before.shed), (offered, offered.saturating_sub(room)));
    let notifier = notifier.start().await.expect("it starts");
    let account = stop(&notifier, &store).await;
    assert_eq!(seen.counts(), kept(counts(severities.iter().copied()), room), "{severities:?} into {room}");
    assert_eq!((account.events.planned, account.events.shed), (before.waiting, before.shed));
}

/// A sink's own queue, while its callback blocks.
///
/// # Panics
/// If it keeps or counts something else.
pub async fn before_a_callback(severities: &[Severity], room: u64, backend: Backend) {
    let (gate, seen, store) = (Gate::default(), Seen::default(), backend.store());
    let (waiting, noted) = (gate.clone(), seen.clone());
    let slow = Sink::callback("slow", move |event| {
        waiting.wait();
        noted.note(event);
    });
    let builder = Notifier::builder().store(store.clone()).sink_queue_size(usize::try_from(room).unwrap_or(1));
    let notifier = builder.sink(slow).build().expect("the parts fit").start().await.expect("it starts");
    let stopper = event(0, 0).id("the stopper").severity(Severity::Info);
    notifier.accept(vec![stopper]).await.expect("it runs");
    gate.reached(1).await;
    notifier.accept(all(severities).collect()).await.expect("it runs");
    planned(&notifier, severities.len() as u64 + 1).await;
    gate.open();
    let account = stop(&notifier, &store).await;
    let offered = counts(severities.iter().copied());
    let mut expected = if backend.forgets() { kept(offered, room) } else { offered };
    expected[0] += 1;
    assert_eq!(seen.counts(), expected, "{severities:?} into {room}, {backend:?}");
    let (sink, all) = (account.sinks["slow"], severities.len() as u64 + 1);
    assert_eq!((sink.matched, sink.delivered, sink.shed), (all, expected.iter().sum(), all - sink.delivered));
}

/// The deliveries of a network sink in a store in memory, while its receiver does not answer.
///
/// # Panics
/// If it keeps or counts something else.
pub async fn before_a_receiver(severities: &[Severity], room: u64) {
    let store = Arc::new(Watched::new(Arc::new(MemoryStore::new(usize::try_from(room).unwrap_or(1) + 1)), false));
    let hold = Hold::default();
    let sink = Sink::channel("hook", Arc::new(hold.clone()), super::plan([]), 1);
    let builder = Notifier::builder().store(store.clone()).sink(sink);
    let notifier = builder.build().expect("the parts fit").start().await.expect("it starts");
    notifier.accept(vec![event(100, 0).severity(Severity::Info)]).await.expect("it runs");
    hold.reached.subscribe().wait_for(|reached| *reached).await.expect("it lives");
    notifier.accept(all(severities).collect()).await.expect("it runs");
    planned(&notifier, severities.len() as u64 + 1).await;
    hold.open.send_replace(true);
    let account = stop(&notifier, &store).await;
    let mut expected = kept(counts(severities.iter().copied()), room);
    expected[0] += 1;
    assert_eq!(hold.seen.counts(), expected, "{severities:?} into {room}");
    let (sink, all) = (account.sinks["hook"], severities.len() as u64 + 1);
    assert_eq!((sink.matched, sink.delivered, sink.shed), (all, expected.iter().sum(), all - sink.delivered));
}

/// A receiver that answers once it is let.
#[derive(Clone)]
struct Hold {
    open: watch::Sender<bool>,
    reached: watch::Sender<bool>,
    seen: Seen,
}

impl Default for Hold {
    fn default() -> Self {
        Self { open: watch::Sender::new(false), reached: watch::Sender::new(false), seen: Seen::default() }
    }
}

impl tidings::Channel for Hold {
    async fn send(&self, envelope: &tidings::Envelope) -> Result<tidings::Receipt, tidings::SendError> {
        self.reached.send_replace(true);
        drop(self.open.subscribe().wait_for(|open| *open).await);
        if let tidings::Payload::Event(event) = &envelope.payload {
            self.seen.note(event);
        }
        Ok(tidings::Receipt::default())
    }
}

async fn planned(notifier: &Notifier, count: u64) {
    while notifier.account().await.events.planned < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn stop(notifier: &Notifier, store: &Watched) -> Account {
    let account = notifier.stop().await;
    account.closes().unwrap_or_else(|error| panic!("{error}\n{account:#?}"));
    store.audit(&account).await;
    account
}

/// Floods every queue with thousands of events at random.
pub async fn run(backend: Backend) -> Vec<Row> {
    let mut dice = fastrand::Rng::with_seed(BEGIN.as_secs().unsigned_abs());
    let severities: Vec<_> = (0..900).map(|_| Severity::ALL[dice.usize(0..4)]).collect();
    for room in [1, 50, 200, 600] {
        at_the_door(&severities, room, backend).await;
        before_a_callback(&severities, room, backend).await;
        if backend.forgets() {
            before_a_receiver(&severities, room).await;
        }
    }
    let offered = counts(severities);
    let found =
        format!("of {offered:?} by severity, {:?} stay in a room of 200; every count exact", kept(offered, 200));
    vec![Row::new(16, format!("900 events into queues of 1, 50, 200, 600, {backend:?}"), found)]
}
