//! Eight receivers that take 100 ms for each answer, and one that takes none: what each gets, and what that does to the fast one.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tidings::{Event, RetryPolicy, Severity, Sink, clock::instant_now, store::MemoryStore};
use tidings_engine::Notifier;
use tidings_layers::Stack;

use super::receivers::Receivers;
use crate::reliability::{
    hooks::{Stopwatch, client, hook},
    percentile,
};

/// How many slow receivers there are.
pub const SLOW: usize = 8;
/// What each of them takes for an answer.
pub const LATENCY: Duration = Duration::from_millis(100);
/// Between two events: three times as many as a slow receiver can take at 16 in flight.
const PACE: Duration = Duration::from_millis(2);
/// Attempts that end by then have ended well.
const DEADLINE: Duration = Duration::from_secs(15);

/// Who else gets what the fast receiver gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nobody.
    Nobody,
    /// Eight that are as fast.
    Fast,
    /// Eight slow ones.
    Slow,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What each receiver beside the fast one got, a second.
    pub rates: Vec<f64>,
    /// The fast one's median time from an event to its end.
    pub median: Duration,
    /// The fast one's 99th percentile.
    pub high: Duration,
}

/// Emits so many events to the fast receiver and to those beside it. The receivers are the fast one, eight fast ones, eight slow ones.
///
/// # Errors
/// If not all arrive.
///
/// # Panics
/// If the notifier does not start, or its account does not close.
pub async fn run(receivers: &mut Receivers, beside: Beside, count: u64) -> io::Result<Found> {
    let client = client(DEADLINE);
    let places = match beside {
        Beside::Nobody => 0..0,
        Beside::Fast => 1..1 + SLOW,
        Beside::Slow => 1 + SLOW..1 + 2 * SLOW,
    };
    let fast = Stopwatch::new(hook(&receivers.url(0), &client));
    let retry = || RetryPolicy::doubling(3, Duration::from_secs(1));
    let mut builder = Notifier::builder().sink(Sink::channel("fast", Arc::new(fast.clone()), retry(), 16));
    for place in places.clone() {
        let name = format!("beside-{place}");
        let channel = Stack::new(&name).around(hook(&receivers.url(place), &client));
        builder = builder.sink(Sink::channel(&name, channel, retry(), 16));
    }
    let room = usize::try_from(count).unwrap_or(usize::MAX);
    let builder = builder.queue_size(room).store(Arc::new(MemoryStore::new(room)));
    let notifier = builder.build().expect("the parts fit").start().await.expect("it starts");
    let sent = emit(&notifier, count).await;
    receivers.wait_for(0, count)?;
    let rates = places.map(|place| receivers.wait_for(place, count).map(|counts| counts.rate()));
    let rates = rates.collect::<io::Result<_>>()?;
    let account = notifier.stop().await;
    account.closes().expect("the accounts close");
    assert!(account.is_clean(), "{account:#?}");
    let (median, high) = waits(&fast, &sent);
    Ok(Found { rates, median, high })
}

/// Emits at an even pace; gives the moments.
async fn emit(notifier: &Notifier, count: u64) -> Vec<Instant> {
    let mut sent = Vec::new();
    let mut pace = tokio::time::interval(PACE);
    for number in 0..count {
        pace.tick().await;
        let data = serde_json::json!({"n": number, "error": "the airline's system answered 503 after 3 tries"});
        let event = Event::new("tool.error").severity(Severity::Error).agent(format!("agent-{}", number % 64));
        sent.push(instant_now());
        notifier.emit(event.data(data));
    }
    sent
}

/// The median and the 99th percentile of the time from an event to the end of its attempt.
fn waits(fast: &Stopwatch, sent: &[Instant]) -> (Duration, Duration) {
    let begun = |n: u64| usize::try_from(n).ok().and_then(|n| sent.get(n)).copied();
    let attempts = fast.attempts();
    let waits = attempts.iter().filter_map(|timed| Some(timed.ended.duration_since(begun(timed.n)?)));
    let mut waits: Vec<_> = waits.collect();
    waits.sort();
    (percentile(&waits, 50), percentile(&waits, 99))
}
