//! Many small notifiers with random parts, many threads, and a stop at a random moment: every account closes each time.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use serde_json::json;
use tidings_core::{Channel, Envelope, ErrorKind, Event, Payload, Receipt, SendError, Severity};
use tidings_engine::{Builder, Message, Notifier, RetryPolicy, Rule, Sink, User};

/// A small generator, so that a seed names a run.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Fails, panics, dawdles and hangs at random; keeps what it took.
struct Fickle {
    rolls: AtomicU64,
    taken: Arc<Mutex<Vec<(String, String, u64)>>>,
}

impl Channel for Fickle {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        match Dice(self.rolls.fetch_add(7_919, Relaxed)).roll(24) {
            0 | 1 => return Err(SendError::transient(ErrorKind::Status(500), "500")),
            2 => return Err(SendError::transient(ErrorKind::Connect, "refused")),
            3 => return Err(SendError::permanent(ErrorKind::Status(404), "404")),
            4 => panic!("this panic is part of the test"),
            5 => tokio::time::sleep(Duration::from_millis(1)).await,
            6 => tokio::task::yield_now().await,
            7 if self.rolls.load(Relaxed).is_multiple_of(5) => std::future::pending::<()>().await,
            _ => {}
        }
        if let Payload::Event(event) = &envelope.payload {
            let agent = event.agent_id.clone().unwrap_or_default();
            let number = event.data.get("n").and_then(serde_json::Value::as_u64).unwrap_or_default();
            self.taken.lock().unwrap().push((envelope.delivery.to_string(), agent, number));
        }
        Ok(Receipt::default())
    }
}

type Taken = Arc<Mutex<Vec<(String, String, u64)>>>;

fn fickle(seed: u64) -> (Arc<Fickle>, Taken) {
    let taken = Taken::default();
    (Arc::new(Fickle { rolls: AtomicU64::new(seed), taken: Arc::clone(&taken) }), taken)
}

fn parts(dice: &mut Dice) -> (Builder, Taken) {
    let (network, taken) = fickle(dice.roll(1 << 30));
    let (letters, _) = fickle(dice.roll(1 << 30));
    let retry = RetryPolicy { delays: vec![Duration::from_micros(200); 2], jitter: 0.2 };
    let mut builder = Notifier::builder()
        .queue_size(1 + dice.roll(40) as usize)
        .sink_queue_size(1 + dice.roll(20) as usize)
        .user("ann", User::default())
        .user("bob", User::default())
        .channel("letters", letters, retry.clone())
        .rule(Rule::new("all", "true").unwrap().channels(["letters", "log"]).cooldown(Duration::ZERO))
        .rule(Rule::new("rare", "n > 3").unwrap().channels(["letters"]).cooldown(Duration::from_millis(1)))
        .sink(Sink::channel("network", network, retry, 1 + dice.roll(4) as usize));
    if dice.roll(2) == 0 {
        builder = builder.sink(Sink::callback("panics", |event| {
            assert_ne!(event.data.get("n"), Some(&json!(3)), "this panic is part of the test");
        }));
    }
    if dice.roll(2) == 0 {
        builder = builder.sink(Sink::callback("slow", |_| std::thread::sleep(Duration::from_micros(300))));
    }
    if dice.roll(2) == 0 {
        let busy = Sink::callback_async("async", |_| async { tokio::task::yield_now().await });
        builder = builder.sink(busy.min_severity(Severity::Warning));
    }
    (builder, taken)
}

fn event(dice: &mut Dice, producer: u64, number: u64) -> Event {
    let severity = Severity::ALL[dice.roll(4) as usize];
    let event = Event::new("x.y").severity(severity).data(json!({"n": number})).agent(producer.to_string());
    if dice.roll(8) == 0 { event.id(dice.roll(20).to_string()) } else { event }
}

async fn produce(notifier: Notifier, mut dice: Dice, producer: u64) {
    for number in 0..dice.roll(60) {
        let event = event(&mut dice, producer, number);
        match dice.roll(5) {
            // Each door keeps its own order: whoever uses both is two agents here.
            0 => {
                let event = event.agent(format!("{producer} accepts"));
                drop(notifier.accept(vec![event.clone(), event]).await);
            }
            1 => notifier.refuse(1),
            2 => drop(notifier.notify(&Message::new(number.to_string())).await),
            _ => _ = notifier.emit(event),
        }
        if dice.roll(6) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Nothing twice, and each agent's events in order.
fn check_taken(taken: &Taken, seed: u64) {
    let taken = taken.lock().unwrap();
    let mut ids = HashSet::new();
    let mut last = HashMap::new();
    for (id, agent, number) in taken.iter() {
        assert!(ids.insert(id.clone()), "seed {seed}: {id} was taken twice");
        let before = last.insert(agent.clone(), *number);
        assert!(before.is_none_or(|before| before <= *number), "seed {seed}: agent {agent}: {before:?}, then {number}");
    }
}

async fn one_run(seed: u64) {
    let mut dice = Dice(seed);
    let (builder, taken) = parts(&mut dice);
    let notifier = builder.build().unwrap();
    let apart = dice.roll(3) == 0;
    let early = notifier.clone();
    let before = dice.roll(30);
    for number in 0..before {
        early.emit(event(&mut dice, 99, number));
    }
    let notifier = if apart { notifier.start_on_thread() } else { notifier.start().await }.unwrap();
    let producers: Vec<_> = (0..1 + dice.roll(4))
        .map(|producer| tokio::spawn(produce(notifier.clone(), Dice(dice.roll(1 << 30)), producer)))
        .collect();
    let stopper = notifier.clone();
    let limit = Duration::from_micros(dice.roll(6) * dice.roll(6) * 400);
    tokio::time::sleep(Duration::from_micros(dice.roll(3) * dice.roll(500))).await;
    let twice = dice.roll(3) == 0;
    let second = tokio::spawn(async move {
        if twice {
            let account = stopper.stop_within(Duration::ZERO).await;
            account.closes().unwrap_or_else(|error| panic!("seed {seed}, second stop: {error}\n{account:#?}"));
        }
    });
    if dice.roll(4) == 0 {
        // A stop that is given up half-way does no harm.
        drop(tokio::time::timeout(Duration::from_micros(dice.roll(300)), notifier.stop_within(limit)).await);
    }
    let account = notifier.stop_within(limit).await;
    account.closes().unwrap_or_else(|error| panic!("seed {seed}: {error}\n{account:#?}"));
    let open = account.events.waiting + account.deliveries.waiting;
    assert_eq!(open, 0, "seed {seed}: {account:#?}");
    second.await.unwrap();
    for producer in producers {
        producer.await.unwrap();
    }
    let account = notifier.account().await;
    account.closes().unwrap_or_else(|error| panic!("seed {seed}, at last: {error}\n{account:#?}"));
    check_taken(&taken, seed);
}

#[test]
fn every_account_closes_whatever_happens() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        if !text.contains("part of the test") {
            eprintln!("{text}");
        }
    }));
    let seeds = std::env::var("TIDINGS_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100u64);
    let first = std::env::var("TIDINGS_FIRST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0u64);
    for threads in [1, 3] {
        let runtime = if threads == 1 {
            tokio::runtime::Builder::new_current_thread().enable_all().build()
        } else {
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
        };
        let runtime = runtime.unwrap();
        for seed in first..first + seeds {
            let run = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), one_run(seed)).await });
            run.unwrap_or_else(|_| panic!("seed {seed} on {threads} threads hangs"));
        }
    }
}
