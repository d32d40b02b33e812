//! Figure 4: a receiver that hangs, fails or is not there, beside a good one. Real HTTP, real time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tidings::{RetryPolicy, Sink, clock::instant_now};
use tidings_engine::Notifier;
use tidings_testkit::{HttpPeer, Reply, Script, http::Fault};

use super::{
    Row, Size, event,
    hooks::{Stopwatch, client, hook, nobody},
    lab::Backend,
    percentile,
};

/// The deadline of an attempt.
const DEADLINE: Duration = Duration::from_millis(300);
/// Between two events.
const PACE: Duration = Duration::from_millis(1);

/// The most that a bad neighbour may add to the good one's p99.
const MOST: f64 = 1.2;

/// The sink beside the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbour {
    Well,
    Hangs,
    Answers500,
    Refuses,
}

/// Runs pairs, one with each neighbour and one with a good one, and pairs of two good ones; tells the medians of their ratios.
///
/// # Panics
/// If the good sink does not get everything, or an attempt on the hanging one does not end.
pub async fn run(size: Size, backend: Backend) -> Vec<Row> {
    let (pairs, count) = (size.pick(1, 5), size.pick(200, 2_000));
    let mut rows = Vec::new();
    for neighbour in [Neighbour::Well, Neighbour::Hangs, Neighbour::Answers500, Neighbour::Refuses] {
        let mut ratios = Vec::new();
        for _ in 0..pairs {
            let (with, without) = (one(neighbour, count, backend).await, one(Neighbour::Well, count, backend).await);
            ratios.push((with[1].as_secs_f64() / without[1].as_secs_f64(), with));
        }
        ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
        let longest = ratios.iter().map(|(_, with)| with[2]).max().unwrap_or_default();
        let (ratio, [median, high, _]) = ratios[ratios.len() / 2];
        let found =
            format!("p99 {ratio:.2} times that beside a good one; p50 {median:.1?}, p99 {high:.1?}; 100 % delivered");
        let row = Row::new(4, format!("beside one that {neighbour:?}, {pairs} pairs of {count}, {backend:?}"), found);
        // The pairs of two good ones show how far the machine itself swings.
        let holds = neighbour == Neighbour::Well || ratio <= MOST;
        let row = row.limit(holds, format!("p99 more than {MOST} times"));
        rows.push(row.limit(longest <= DEADLINE * 2, format!("an attempt ended after {longest:?}")));
    }
    rows
}

/// The good one's p50 and p99, and the longest attempt on a neighbour that hangs.
async fn one(neighbour: Neighbour, count: u64, backend: Backend) -> [Duration; 3] {
    let good = HttpPeer::start(Script::statuses([200])).await.expect("there is a port");
    let other = match neighbour {
        Neighbour::Hangs => Script::always(Reply::fault(Fault::Hang)),
        Neighbour::Answers500 => Script::statuses([500]),
        Neighbour::Well | Neighbour::Refuses => Script::statuses([200]),
    };
    let other = HttpPeer::start(other).await.expect("there is a port");
    let url = if neighbour == Neighbour::Refuses { nobody() } else { other.url("/") };
    let client = client(DEADLINE);
    let (good, other) = (Stopwatch::new(hook(&good.url("/"), &client)), Stopwatch::new(hook(&url, &client)));
    let retry = || RetryPolicy::doubling(3, Duration::from_millis(100));
    let store = backend.store();
    let builder = Notifier::builder()
        .sink(Sink::channel("good", Arc::new(good.clone()), retry(), 16))
        .sink(Sink::channel("other", Arc::new(other.clone()), retry(), 16));
    let builder = builder.store(store.clone()).queue_size(usize::try_from(count).unwrap_or(usize::MAX));
    let notifier = builder.build().expect("the parts fit").start().await.expect("it starts");
    let sent = emit(&notifier, count).await;
    let done = async {
        while good.attempts().iter().filter(|attempt| attempt.error.is_none()).count() < sent.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), done).await.expect("the good one gets everything");
    let account = notifier.stop_within(DEADLINE).await;
    account.closes().expect("the accounts close");
    store.audit(&account).await;
    assert_eq!((account.sinks["good"].delivered, account.sinks["good"].matched), (count, count));
    let longest = longest(neighbour, &other);
    let mut waits: Vec<_> = good.attempts().iter().map(|timed| timed.ended - sent[timed.n as usize]).collect();
    waits.sort();
    [percentile(&waits, 50), percentile(&waits, 99), longest]
}

/// Emits an event a millisecond; gives the moments.
async fn emit(notifier: &Notifier, count: u64) -> Vec<Instant> {
    let mut sent = Vec::new();
    let mut pace = tokio::time::interval(PACE);
    for number in 0..count {
        pace.tick().await;
        sent.push(instant_now());
        notifier.emit(event(number % 50, number));
    }
    sent
}

/// How long the longest attempt took on a neighbour that hangs: none of them may arrive.
fn longest(neighbour: Neighbour, other: &Stopwatch) -> Duration {
    if neighbour != Neighbour::Hangs {
        return Duration::ZERO;
    }
    let attempts = other.attempts();
    assert!(!attempts.is_empty() && attempts.iter().all(|attempt| attempt.error.is_some()), "{attempts:?}");
    attempts.iter().map(|attempt| attempt.took).max().unwrap_or_default()
}
