//! Figure 10 with the receivers apart: what the process holds while they answer with too much, too slowly or not at all, beside one
//! whose receiver answers well. How an attempt ends is judged in `reliability::receivers`.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_testkit::{Reply, http::Fault};

use super::{feed::Feed, life::Life, world::World};

/// So many attempts are under way at once, each of an agent of its own.
const AT_ONCE: usize = 16;
/// How long the receivers are watched.
const WATCHED: Duration = Duration::from_secs(3);
/// The most memory that a receiver may cost, in bytes.
pub const MOST: u64 = 10_000_000;

/// What a receiver does, by name.
#[must_use]
pub fn receivers() -> Vec<(&'static str, Reply)> {
    let fault = |fault| Reply::fault(fault);
    vec![
        ("a body of 200 MiB", fault(Fault::Announced(200 << 20))),
        ("a body of 200 MiB, 500", fault(Fault::Announced(200 << 20)).with_status(500)),
        ("an endless body", fault(Fault::Endless)),
        ("a body of 1 byte/s", fault(Fault::DripBody(Duration::from_secs(1)))),
        ("a head of 1 byte/s", fault(Fault::DripHead(Duration::from_secs(1)))),
        ("100k headers", fault(Fault::Headers(100_000))),
        ("no answer", fault(Fault::Hang)),
        ("a reset after the body", fault(Fault::Reset)),
    ]
}

/// By how many bytes the memory of a process grows at most while its sink answers so, and how many requests that took.
///
/// # Errors
/// What does not hold.
///
/// # Panics
/// If the machine does not let it run.
pub async fn growth(program: &str, reply: Reply) -> Result<(u64, usize), String> {
    let world = World::answering(program, reply).await;
    let mut life = Life::begin(world.program(), &world.setup(None), 0);
    life.started().await?;
    let before = life.peak_memory();
    let batches = [(0, (0..AT_ONCE).map(event).collect())];
    let mut feed = Feed::new(&batches, 1e9);
    feed.run(&mut life).await;
    feed.answered(&mut life, world.doors()).await?;
    tokio::time::sleep(WATCHED).await;
    let grown = life.peak_memory().saturating_sub(before);
    let requests = world.sink.as_ref().map_or(0, super::world::Receiver::count);
    drop(life.kill().await);
    if requests < AT_ONCE {
        return Err(format!("only {requests} requests came"));
    }
    Ok((grown, requests))
}

fn event(seq: usize) -> Value {
    json!({
        "event_type": "sample", "id": format!("e{seq}"), "source": "greedy", "agent_id": format!("agent-{seq}"),
        "data": {"seq": seq, "load": 0},
    })
}
