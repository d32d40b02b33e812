//! Events a second by HTTP in batches of 100, beside what the same store accepts directly in the same run.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings::{
    Event, Severity,
    clock::{instant_now, system_now},
    store::{
        Offer, Store,
        sqlite::{Options, SqliteStore},
    },
};

use crate::{
    client::Client,
    median,
    process::{self, Process},
};

/// How many ask at a time, and how many events each batch has.
const CALLERS: usize = 8;
const BATCH: usize = 100;

pub(crate) fn run(quick: bool) {
    let (rounds, batches) = if quick { (1, 20) } else { (5, 250) };
    let events = CALLERS * batches * BATCH;
    println!("  {CALLERS} callers, batches of {BATCH}, {events} events a round, {rounds} rounds");
    let (mut ratios, mut direct, mut http, mut costs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let alone = directly(round, batches);
        let (daemon, cost) = by_http(round, batches);
        ratios.push(daemon / alone);
        direct.push(alone);
        http.push(daemon);
        costs.push(cost);
    }
    println!("  the store alone   {:>10.0} events/s", median(direct));
    println!(
        "  by HTTP           {:>10.0} events/s, {:.1} µs of the processor each, rules and plan included",
        median(http),
        median(costs)
    );
    println!("  ratio             {:>10.2}", median(ratios));
}

fn event(caller: usize, number: usize) -> serde_json::Value {
    json!({
        "event_type": "custom.tool.call", "severity": "info", "agent_id": format!("agent-{caller}"),
        "session_id": format!("session-{}", number / 50),
        "data": {"tool": "search", "latency_ms": number % 2_000, "call": number},
    })
}

fn directly(round: usize, batches: usize) -> f64 {
    let folder = tempfile::tempdir_in(process::place()).unwrap();
    let (store, _) = SqliteStore::open(&folder.path().join("tidings.db"), &Options::default(), system_now()).unwrap();
    let store = Arc::new(store);
    let offers: Vec<Vec<Vec<Offer>>> = (0..CALLERS).map(|caller| offers(round, caller, batches)).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = instant_now();
    runtime.block_on(async {
        let callers = offers.into_iter().map(|batches| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for batch in batches {
                    store.accept(&batch, system_now()).await.unwrap();
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
    });
    (CALLERS * batches * BATCH) as f64 / started.elapsed().as_secs_f64()
}

fn offers(round: usize, caller: usize, batches: usize) -> Vec<Vec<Offer>> {
    let offer = |number: usize| {
        let event = Event::new("custom.tool.call")
            .severity(Severity::Info)
            .agent(format!("agent-{caller}"))
            .session(format!("session-{}", number / 50))
            .data(event(caller, number)["data"].clone());
        let event = Event { id: Some(format!("{round}-{caller}-{number}")), ..event };
        Offer { id: event.identity(0), event: Arc::new(event), repeatable: true }
    };
    (0..batches).map(|batch| (0..BATCH).map(|place| offer(batch * BATCH + place)).collect()).collect()
}

fn by_http(round: usize, batches: usize) -> (f64, f64) {
    let daemon = Process::daemon(RULES);
    let bodies: Vec<Vec<String>> = (0..CALLERS)
        .map(|caller| {
            let batch = |batch: usize| {
                let mut events: Vec<_> = (0..BATCH).map(|place| event(caller, batch * BATCH + place)).collect();
                for (place, event) in events.iter_mut().enumerate() {
                    event["id"] = json!(format!("{round}-{caller}-{}", batch * BATCH + place));
                }
                serde_json::to_string(&events).unwrap()
            };
            (0..batches).map(batch).collect()
        })
        .collect();
    let address = daemon.address;
    let before = daemon.cpu();
    let started = instant_now();
    std::thread::scope(|scope| {
        for bodies in &bodies {
            scope.spawn(move || {
                let mut client = Client::new(address);
                for body in bodies {
                    client.post("/v1/events", body);
                }
            });
        }
    });
    let took = started.elapsed();
    // What is accepted is still to be judged.
    daemon.rest();
    std::thread::sleep(Duration::from_millis(100));
    let events = (CALLERS * batches * BATCH) as f64;
    (events / took.as_secs_f64(), (daemon.cpu() - before) * 1e6 / events)
}

/// Rules that look at every event and fire at none.
const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox]}
  - {name: slow, condition: latency_ms > 100000, channels: [inbox]}
users: {me: {}}
";
