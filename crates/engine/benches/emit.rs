//! What an event costs: `emit` alone, and its whole way to a closure that does nothing, beside a bare bounded channel in the
//! same run. Prints medians of several rounds; run it with `cargo bench -p tidings-engine`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tidings_core::{Event, Severity, clock::instant_now};
use tidings_engine::Notifier;

const ROUNDS: usize = 15;
const EVENTS: u64 = 100_000;
/// Fits the queue of a notifier that nobody set up otherwise.
const BURST: usize = 500;

fn main() {
    let rounds: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    let emit = median(rounds.iter().map(|round| round.emit));
    let whole = median(rounds.iter().map(|round| round.whole));
    let bare_send = median(rounds.iter().map(|round| round.bare_send));
    let bare = median(rounds.iter().map(|round| round.bare));
    println!("medians of {ROUNDS} rounds of {EVENTS} events, one producer thread");
    println!("emit, in bursts that fit the queue   {:>8.0} ns", median(rounds.iter().map(|round| round.burst)));
    println!("emit, without a pause                {emit:>8.0} ns   (bare bounded channel, send: {bare_send:.0} ns)");
    println!("make and emit, without a pause       {:>8.0} ns", median(rounds.iter().map(|round| round.made)));
    println!("emit to a no-op closure, end to end  {whole:>8.0} ns   {:>10.0} events/s", 1e9 / whole);
    println!("bare bounded channel, end to end     {bare:>8.0} ns   {:>10.0} events/s", 1e9 / bare);
    println!("ratio of end to end, tidings / bare  {:>8.2}", whole / bare);
}

/// Nanoseconds an event.
struct Round {
    burst: f64,
    emit: f64,
    made: f64,
    whole: f64,
    bare_send: f64,
    bare: f64,
}

fn round() -> Round {
    let burst = bursts(ready_events());
    let (emit, whole) = tidings(&ready_events());
    let (made, _) = tidings_made();
    let (bare_send, bare) = bare(ready_events());
    Round { burst, emit, made, whole, bare_send, bare }
}

fn event() -> Event {
    Event::new("tool.error").agent("billing").severity(Severity::Error)
}

fn ready_events() -> Vec<Event> {
    (0..EVENTS).map(|_| event()).collect()
}

fn notifier() -> (Notifier, Arc<AtomicU64>) {
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    let callback = move |_: &Event| {
        counter.fetch_add(1, Relaxed);
    };
    let notifier = Notifier::builder().queue_size(1_000_000).sink(callback).build().expect("it is complete");
    (notifier.start_on_thread().expect("a thread can be made"), seen)
}

/// As agents do it: a burst, then a pause in which everything arrives. Only the calls are timed.
fn bursts(events: Vec<Event>) -> f64 {
    let (notifier, seen) = notifier();
    let (mut took, mut sent) = (Duration::ZERO, 0);
    let mut events = events.into_iter();
    while sent < EVENTS {
        let started = instant_now();
        for event in events.by_ref().take(BURST) {
            notifier.emit(event);
        }
        took += started.elapsed();
        sent += BURST as u64;
        wait_until(&seen, sent);
    }
    each(took)
}

fn tidings(events: &[Event]) -> (f64, f64) {
    let events = events.to_vec();
    let (notifier, seen) = notifier();
    let started = instant_now();
    for event in events {
        notifier.emit(event);
    }
    let emitted = started.elapsed();
    wait_for(&seen);
    (each(emitted), each(started.elapsed()))
}

fn tidings_made() -> (f64, f64) {
    let (notifier, seen) = notifier();
    let started = instant_now();
    for _ in 0..EVENTS {
        notifier.emit(event());
    }
    let emitted = started.elapsed();
    wait_for(&seen);
    (each(emitted), each(started.elapsed()))
}

fn bare(events: Vec<Event>) -> (f64, f64) {
    let (sender, receiver) = std::sync::mpsc::sync_channel::<Event>(1_000_000);
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    let consumer = std::thread::spawn(move || {
        while let Ok(event) = receiver.recv() {
            drop(event);
            counter.fetch_add(1, Relaxed);
        }
    });
    let started = instant_now();
    for event in events {
        if sender.try_send(event).is_err() {
            unreachable!("the channel has room for all");
        }
    }
    let sent = started.elapsed();
    wait_for(&seen);
    let whole = started.elapsed();
    drop(sender);
    drop(consumer.join());
    (each(sent), each(whole))
}

fn wait_for(seen: &AtomicU64) {
    wait_until(seen, EVENTS);
}

fn wait_until(seen: &AtomicU64, count: u64) {
    let started: Instant = instant_now();
    while seen.load(Relaxed) < count {
        assert!(started.elapsed() < Duration::from_secs(60), "only {} of {count} arrived", seen.load(Relaxed));
        std::thread::yield_now();
    }
}

fn each(took: Duration) -> f64 {
    took.as_nanos() as f64 / EVENTS as f64
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
