//! What push costs: messages to 1,000 sessions, and what a stalled session costs the one beside it. Prints figures; run it with
//! `cargo bench -p tidings-server --bench push`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{sync::Arc, time::Duration};

use tidings_core::{NotificationId, Timestamp, clock::instant_now};
use tidings_push::{Content, Frame, Hub, HubConfig, MemoryInbox, NewMessage, Session};

const SESSIONS: usize = 1_000;
const MESSAGES: u64 = 500;
const SAMPLES: u64 = 20_000;
const USER: &str = "ann";

#[tokio::main]
async fn main() {
    let took = fan_out().await;
    let handed = SESSIONS as f64 * MESSAGES as f64;
    println!("{MESSAGES} messages to {SESSIONS} sessions of one user, in process");
    println!("messages handed over          {:>12.0} /s", handed / took.as_secs_f64());
    let (alone, beside) = (latencies(0).await, latencies(15).await);
    println!("append to receipt, {SAMPLES} times, beside 0 and beside 15 stalled sessions of the same user");
    for (name, share) in [("p50", 0.50), ("p99", 0.99)] {
        let (alone, beside) = (quantile(&alone, share), quantile(&beside, share));
        let ratio = beside.as_secs_f64() / alone.as_secs_f64();
        println!("{name}   {alone:>10.2?}   {beside:>10.2?}   ratio {ratio:.2}");
    }
}

fn hub() -> Hub {
    let config = HubConfig { sessions_per_user: 2 * SESSIONS, sessions: 2 * SESSIONS, ..HubConfig::default() };
    Hub::new(Arc::new(MemoryInbox::new()), &config).expect("the bounds are good")
}

async fn append(hub: &Hub, number: u64) {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let content = Content::parse(r#"{"title":"High error rate","body":"error_rate 0.2 > 0.05"}"#).expect("it is JSON");
    let message =
        NewMessage { user: USER.to_owned(), id: NotificationId::from_bytes(id), content, at: Timestamp::EPOCH };
    hub.append(message).await.expect("a memory in process does not fail");
}

/// A reader to the end; who is cut off comes back.
async fn follow(hub: Hub, mut session: Session) {
    while session.last() < MESSAGES {
        match session.next().await {
            Some(Frame::Message(message)) => session.ack(message.seq),
            _ => session = hub.subscribe(USER, Some(session.last())).await.expect("there is room"),
        }
    }
}

async fn fan_out() -> Duration {
    let hub = hub();
    let mut readers = Vec::new();
    for _ in 0..SESSIONS {
        let session = hub.subscribe(USER, Some(0)).await.expect("there is room");
        readers.push(tokio::spawn(follow(hub.clone(), session)));
    }
    let started = instant_now();
    for number in 1..=MESSAGES {
        append(&hub, number).await;
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.expect("a reader does not panic");
    }
    started.elapsed()
}

/// How long it takes from an append to its receipt, while others stall; they come back whenever they are cut off.
async fn latencies(stalled: usize) -> Vec<Duration> {
    let hub = hub();
    let mut held: Vec<Session> = Vec::new();
    let mut session = hub.subscribe(USER, None).await.expect("there is room");
    let mut took = Vec::new();
    for number in 1..=SAMPLES {
        if number % 64 == 1 {
            held.clear();
            for _ in 0..stalled {
                held.push(hub.subscribe(USER, None).await.expect("there is room"));
            }
        }
        let started = instant_now();
        append(&hub, number).await;
        session.next().await.expect("it keeps up");
        took.push(started.elapsed());
    }
    took.sort_unstable();
    took
}

fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index).copied().unwrap_or_default()
}
