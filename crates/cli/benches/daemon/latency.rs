//! From the request of an event to its message on a WebSocket, at 100 events a second, beside the disk's own `fdatasync`.

use std::{fs::OpenOptions, io::Write, time::Duration};

use serde_json::{Value, json};
use tidings::clock::instant_now;

use crate::{
    client::Client,
    process::{self, Process},
    quantile,
};

const EVERY: Duration = Duration::from_millis(10);

const RULES: &str = "
triggers:
  - {name: each, condition: 'event_type == \"custom.tick\"', channels: [push], cooldown_seconds: 0s, dedup_key: '{{ data.number }}'}
users: {me: {}}
delivery: {storm: false}
";

pub(crate) fn run(quick: bool) {
    let count = if quick { 100 } else { 2_000 };
    let daemon = Process::daemon(RULES);
    let mut client = Client::new(daemon.address);
    let mut socket = client.socket("me");
    socket.read();
    let (mut whole, mut answered) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut syncs = Vec::new();
    let started = instant_now();
    for number in 0..count {
        let due = EVERY * u32::try_from(number).unwrap();
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        let body = json!({"event_type": "custom.tick", "agent_id": "a", "data": {"number": number}}).to_string();
        let sent = instant_now();
        client.post("/v1/events", &body);
        answered.push(sent.elapsed());
        let message: Value = serde_json::from_str(&socket.read()).unwrap();
        whole.push(sent.elapsed());
        socket.acknowledge(message["seq"].as_u64().unwrap());
        if number % 20 == 19 {
            syncs.push(sync(&daemon));
        }
    }
    for list in [&mut whole, &mut answered, &mut syncs] {
        list.sort_unstable();
    }
    println!("  {count} events at 100/s, one at a time; fdatasync of 4 kB beside the store, {} times", syncs.len());
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (sync, answer, socket) = (quantile(&syncs, share), quantile(&answered, share), quantile(&whole, share));
        println!("  {name}   fdatasync {sync:>9.2?}   POST answered {answer:>9.2?}   on the socket {socket:>9.2?}");
    }
    let bar = Duration::from_millis(1) + 2 * quantile(&syncs, 0.5);
    println!(
        "  bar of p50: 1 ms and two syncs, {bar:.2?}: {}",
        if quantile(&whole, 0.5) <= bar { "held" } else { "missed" }
    );
}

/// One sync of a file on the same disk, by the same call that the store uses.
fn sync(daemon: &Process) -> Duration {
    let path = process::place().join(daemon.folder.path()).join("sync");
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(&[7; 4096]).unwrap();
    let started = instant_now();
    file.sync_data().unwrap();
    started.elapsed()
}
