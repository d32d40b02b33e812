//! Figure 10: receivers that answer with too much, too slowly, or not at all.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings::{ErrorKind, Sink};
use tidings_engine::Notifier;
use tidings_layers::Stack;
use tidings_testkit::{HttpPeer, Reply, Script, http::Fault};

use super::{
    Row, event,
    hooks::{Stopwatch, client, hook},
    lab::{Backend, Lab},
    plan,
};

/// The deadline of an attempt.
const DEADLINE: Duration = Duration::from_millis(700);
/// What sockets between two processes may hold: a peer has sent so much although nobody has read it.
const SOCKETS: u64 = 16 << 20;
/// So much more memory would mean that somebody keeps what he reads; other tests run in the same process.
const GROWTH: u64 = 150 << 20;

/// How a receiver behaves, and how an attempt ends.
fn receivers() -> Vec<(&'static str, Reply, Option<ErrorKind>)> {
    let fault = |fault| Reply::fault(fault);
    vec![
        ("a body of 200 MiB", fault(Fault::Announced(200 << 20)), None),
        ("a body of 200 MiB, 500", fault(Fault::Announced(200 << 20)).with_status(500), Some(ErrorKind::Status(500))),
        ("an endless body", fault(Fault::Endless), None),
        ("a body of 1 byte/s", fault(Fault::DripBody(Duration::from_secs(1))), None),
        ("a head of 1 byte/s", fault(Fault::DripHead(Duration::from_secs(1))), Some(ErrorKind::Timeout)),
        ("100k headers", fault(Fault::Headers(100_000)), Some(ErrorKind::Reset)),
        ("no answer", fault(Fault::Hang), Some(ErrorKind::Timeout)),
        ("half a body", fault(Fault::Truncated), None),
        ("a reset after the body", fault(Fault::Reset), Some(ErrorKind::Reset)),
    ]
}

/// Runs every receiver with one attempt, and one that never reads with a message too large for its sockets.
///
/// # Panics
/// If an attempt does not end by its deadline, or as it should, or memory grows without measure.
pub async fn run(backend: Backend) -> Vec<Row> {
    let client = client(DEADLINE);
    let mut rows = Vec::new();
    for (name, reply, expected) in receivers() {
        let peer = HttpPeer::start(Script::always(reply)).await.expect("there is a port");
        rows.push(one(backend, name, &peer, expected, &client).await);
    }
    let deaf = HttpPeer::start_deaf().await.expect("there is a port");
    rows.push(one(backend, "never reads", &deaf, Some(ErrorKind::Timeout), &client).await);
    rows
}

async fn one(
    backend: Backend,
    name: &str,
    peer: &HttpPeer,
    expected: Option<ErrorKind>,
    client: &tidings::http::Client,
) -> Row {
    let stopwatch = Stopwatch::new(hook(&peer.url("/"), client));
    let channel = Stack::new("hook").timeout(DEADLINE * 20).around(Arc::new(stopwatch.clone()));
    let lab = Lab::start(backend, Notifier::builder().sink(Sink::channel("hook", channel, plan([]), 16))).await;
    let before = resident();
    // Ten at once, of ten agents; each with more to say than sockets hold.
    let large = "x".repeat(8 << 20);
    let count = if name == "never reads" { 2 } else { 10 };
    let text = if name == "never reads" { large.as_str() } else { "" };
    let said = |agent| event(agent, 0).data(json!({"n": 0, "text": text}));
    lab.accept((0..count).map(said).collect()).await;
    let grown = resident().saturating_sub(before);
    let attempts = stopwatch.attempts();
    assert_eq!(attempts.len() as u64, count, "{name}");
    for attempt in &attempts {
        assert_eq!(attempt.error, expected, "{name}");
    }
    let sent = peer.bytes_sent() / count;
    assert!(sent <= SOCKETS, "{name}: {sent} bytes went to each");
    assert!(grown <= GROWTH, "{name}: {grown} bytes more");
    let longest = attempts.iter().map(|attempt| attempt.took).max().unwrap_or_default();
    lab.stop_within(Duration::ZERO).await;
    let found = format!(
        "ended after at most {longest:.1?} ({}); {} kB sent to each, sockets included; RSS {:+.1} MB",
        expected.map_or("delivered", ErrorKind::as_str),
        sent / 1_000,
        grown as f64 / 1e6
    );
    let row = Row::new(10, format!("{name}, deadline {DEADLINE:?}, {count} attempts, {backend:?}"), found);
    row.limit(longest <= DEADLINE * 2, "an attempt took more than two deadlines")
}

/// The memory that this process has resident, in bytes; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}

/// A receiver that takes the body and breaks off is asked again under the same id.
///
/// # Panics
/// If not.
pub async fn reset_after_the_body(backend: Backend) {
    let script = Script::sequence([Reply::fault(Fault::Reset), Reply::fault(Fault::Reset), Reply::status(200)]);
    let peer = HttpPeer::start(script).await.expect("there is a port");
    let channel = hook(&peer.url("/"), &client(Duration::from_secs(15)));
    let lab = Lab::start(backend, Notifier::builder().sink(Sink::channel("hook", channel, plan([1, 1, 1]), 16))).await;
    lab.accept(vec![event(1, 0)]).await;
    assert!(lab.pass_until_done(Duration::from_secs(1), Duration::from_secs(60)).await);
    let requests = peer.requests();
    let id = |place: usize| requests[place].header("x-promptise-delivery").map(str::to_owned);
    assert!(id(0).is_some() && id(0) == id(1) && id(1) == id(2), "{requests:?}");
    assert_eq!(requests.len(), 3);
    assert!(lab.stop().await.is_clean());
}
