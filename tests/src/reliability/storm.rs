//! Figure 7: thousands of events while their receiver is down for ten minutes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tidings::{Clock, RetryPolicy, Rule, Sink, User};
use tidings_engine::Notifier;
use tidings_testkit::FakeClock;

use super::{
    Row, Size, events,
    lab::{BEGIN, Backend, Lab},
    receiver::{Receiver, broken, refused},
};

const SECOND: Duration = Duration::from_secs(1);
const OUTAGE: Duration = Duration::from_secs(600);
/// As many attempts as a sink has under way: so many may fail before the breaker is heard.
const CONCURRENCY: usize = 16;
/// The most attempts until a breaker opens: four failures make room for another one each, the fifth opens it.
const AT_FIRST: usize = CONCURRENCY + 4;

/// The figure's own limit: an endpoint that is down is asked at most once in so long.
const LEAST_GAP: Duration = Duration::from_secs(10);
/// So many such times are in the outage, both ends included.
const MOST_PROBES: usize = 61;

/// How many events a user is told of.
const TOLD: u64 = 300;

/// How many looks at the store a second of the outage may cost: whoever looks more often spins.
const LOOKS: u64 = 8;

/// Runs the outage; every event is of one of a hundred agents.
///
/// # Panics
/// If something is lost, told twice or out of order, or the receiver is asked too often.
pub async fn run(size: Size, backend: Backend) -> Vec<Row> {
    let count = size.pick(1_000, 10_000);
    let clock = FakeClock::at(BEGIN);
    let up = Arc::new(AtomicBool::new(false));
    let [receiver, pager] = std::array::from_fn(|_| {
        let is_up = Arc::clone(&up);
        Receiver::new(clock.clone(), move |attempt| match (is_up.load(SeqCst), attempt.n % 2) {
            (true, _) => Ok(()),
            (false, 0) => Err(refused()),
            (false, _) => Err(broken()),
        })
    });
    let retry = || RetryPolicy::doubling(3, SECOND);
    let builder = Notifier::builder()
        .sink(Sink::channel("hook", Arc::new(receiver.clone()), retry(), CONCURRENCY))
        .channel("pager", Arc::new(pager.clone()), retry())
        .user("ann", User::default())
        .rule(told());
    let lab = Lab::start_with(backend.store(), clock.clone(), builder).await;
    lab.accept(events(count, 100)).await;
    let looks = lab.store.claims()["hook"].count;
    while clock_since(&clock) < OUTAGE {
        lab.pass(SECOND).await;
    }
    let looks = lab.store.claims()["hook"].count - looks;
    let [(first, probes), (_, probes_of_pager)] = [&receiver, &pager].map(check_probes);
    up.store(true, SeqCst);
    assert!(lab.pass_until_done(SECOND, Duration::from_secs(120)).await, "all is delivered soon after");
    let healed = clock_since(&clock) - OUTAGE;
    [&receiver, &pager].into_iter().for_each(Receiver::check_once_and_in_order);
    assert_eq!((receiver.taken().len() as u64, pager.taken().len() as u64), (count, TOLD));
    let account = lab.stop().await;
    assert_eq!((account.sinks["hook"].delivered, account.sinks["hook"].dead), (count, 0));
    assert_eq!((account.deliveries.delivered, account.deliveries.dead), (TOLD, 0));
    let found = format!(
        "{first} attempts until the breaker opened, then {probes} probes in 600 s, {probes_of_pager} of a user's channel beside it; 0 lost, 0 twice, in order; all delivered \
         {} s after it healed; {looks} looks at the store",
        healed.as_secs()
    );
    vec![Row::new(7, format!("{count} events, receiver down 10 min, {backend:?}"), found)]
}

/// A rule that tells of the first events alone, each for itself.
fn told() -> Rule {
    let rule = Rule::new("told", &format!("n < {TOLD}")).expect("it is a condition").channels(["pager"]);
    rule.cooldown(Duration::ZERO).dedup_key("{{ data.n }}").expect("it is a template")
}

fn clock_since(clock: &FakeClock) -> Duration {
    clock.now().since(BEGIN)
}

/// How many attempts went out at once, and how many followed, each ten seconds after the one before.
fn check_probes(receiver: &Receiver) -> (usize, usize) {
    let asked: Vec<_> = receiver.attempts().iter().map(|attempt| attempt.at).collect();
    let first = asked.iter().filter(|at| **at == BEGIN).count();
    assert!(first <= AT_FIRST, "{first} attempts before the breaker opened");
    let probes = &asked[first..];
    let gaps = asked[first.saturating_sub(1)..].windows(2).map(|pair| pair[1].since(pair[0]));
    gaps.for_each(|gap| assert!(gap >= LEAST_GAP, "two probes {gap:?} apart"));
    assert!(probes.len() <= MOST_PROBES, "{} probes", probes.len());
    assert!(probes.len() >= 55, "it is looked at again and again: {} times", probes.len());
    (first, probes.len())
}

/// The looks at the store while an endpoint is down and its dispatcher is left alone. To be run under a paused clock of the runtime,
/// whose seconds then cost nothing.
///
/// # Panics
/// If the dispatcher spins.
pub async fn idle(seconds: u64) -> u64 {
    let clock = FakeClock::at(BEGIN);
    let receiver = Receiver::new(clock.clone(), |_| Err(refused()));
    let sink = Sink::channel("hook", Arc::new(receiver.clone()), RetryPolicy::doubling(3, SECOND), CONCURRENCY);
    let builder = Notifier::builder().sink(sink);
    let lab = Lab::start_with(Backend::Durable.store(), clock, builder).await;
    lab.accept(events(100, 100)).await;
    let before = lab.store.claims()["hook"].count;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let looks = lab.store.claims()["hook"].count - before;
    assert!(looks <= seconds * LOOKS, "{looks} looks at the store in {seconds} s");
    assert!(receiver.attempts().len() <= AT_FIRST);
    lab.stop_within(Duration::ZERO).await;
    looks
}
