//! Ten thousand recorded events through the rules of `examples/airline`, beside the same events through a bare bounded channel.
//! Prints medians of several rounds of one run; `cargo bench -p tidings-tests`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{path::Path, sync::mpsc::sync_channel, time::Duration};

use tidings::{
    Builder, Event,
    clock::instant_now,
    config::{ChannelKind, Environment, LogPlan, Options, load_file},
};
use tidings_tests::airline_events;

const ROUNDS: usize = 15;
const EVENTS: usize = 10_000;

fn main() {
    let Some(recorded) = airline_events() else { return };
    // The recordings again and again, each time by agents of their own, so that rules fire as often in each.
    let events: Vec<_> =
        (0..).flat_map(|round| recorded.iter().map(move |event| copy(event, round))).take(EVENTS).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("it can");
    let mut fired = 0;
    let whole = median((0..ROUNDS).map(|_| {
        let (took, count) = runtime.block_on(through_rules(events.clone()));
        fired = count;
        took
    }));
    let bare = median((0..ROUNDS).map(|_| through_channel(events.clone())));
    println!("medians of {ROUNDS} rounds of {EVENTS} recorded events; {fired} notifications a round");
    println!(
        "through the airline rules, accepted in batches of 256, to the last delivery  {:>8.2} µs/event",
        each(whole)
    );
    println!(
        "through a bare bounded channel                                              {:>8.2} µs/event",
        each(bare)
    );
}

fn copy(event: &Event, round: usize) -> Event {
    let agent = event.agent_id.as_deref().unwrap_or_default();
    event.clone().agent(format!("airline-agent-{round}-{agent}"))
}

/// The rules alone: the example's webhooks would measure a receiver.
async fn through_rules(events: Vec<Event>) -> (Duration, u64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/airline/tidings.yaml");
    let none = |_: &str| None;
    let options = Options { environment: Environment::Given(&none), ..Options::default() };
    let (mut plan, _) = load_file(&path, &options).expect("the example is right");
    plan.sinks.clear();
    for channel in plan.channels.values_mut() {
        channel.kind = ChannelKind::Log(LogPlan { logger_name: "bench".to_owned(), redact_sensitive: true });
    }
    let builder = Builder::from_plan(plan).expect("the example is right").event_time().sink(|_: &Event| {});
    let notifier = builder.sink_queue_size(EVENTS).build().expect("it is complete").start().await.expect("it starts");
    let started = instant_now();
    let mut events = events.into_iter();
    loop {
        let batch: Vec<_> = events.by_ref().take(256).collect();
        if batch.is_empty() {
            break;
        }
        notifier.accept(batch).await.expect("it runs");
    }
    let account = notifier.stop().await;
    let took = started.elapsed();
    assert!(account.is_clean() && account.closes().is_ok(), "{account:?}");
    assert_eq!(account.events.planned, EVENTS as u64);
    (took, account.notifications.made)
}

fn through_channel(events: Vec<Event>) -> Duration {
    let (sender, receiver) = sync_channel::<Event>(EVENTS);
    let consumer = std::thread::spawn(move || receiver.into_iter().map(drop).count());
    let started = instant_now();
    events.into_iter().for_each(|event| drop(sender.send(event)));
    drop(sender);
    assert_eq!(consumer.join().ok(), Some(EVENTS));
    started.elapsed()
}

fn each(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6 / EVENTS as f64
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times[times.len() / 2]
}
