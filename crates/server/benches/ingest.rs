//! What the way over HTTP costs: events a second in batches of 100, handed to the notifier directly and sent over loopback, in one run, each
//! into a store of its own. Prints figures; run it with `cargo bench -p tidings-server --bench ingest`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{net::SocketAddr, path::Path, time::Duration};

use tidings::{
    Builder, Event, Notifier, Timestamp,
    config::{self, Environment, Options, Plan, StorePlan},
};
use tidings_core::clock::instant_now;
use tidings_server::{App, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const BATCH: usize = 100;
const BATCHES: usize = 100;
/// Senders side by side; each waits for its answer.
const SENDERS: usize = 4;
const RULES: &str = "
triggers: [{name: never, condition: 'error_rate > 2', channels: [inbox]}]
users: {me: {}}
";

#[tokio::main]
async fn main() {
    let mut ratios = Vec::new();
    println!("{SENDERS} senders, batches of {BATCH}, {} events a run", SENDERS * BATCHES * BATCH);
    for _ in 0..5 {
        let (direct, http) = (rate(&direct().await), rate(&over_http().await));
        println!("direct {direct:>9.0} /s   http {http:>9.0} /s   ratio {:.2}", http / direct);
        ratios.push(http / direct);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("median ratio {:.2}", ratios.get(ratios.len() / 2).copied().unwrap_or_default());
}

fn rate(took: &Duration) -> f64 {
    (SENDERS * BATCHES * BATCH) as f64 / took.as_secs_f64()
}

fn plan(folder: &Path) -> Plan {
    let options = Options { environment: Environment::Untouched, ..Options::default() };
    let (mut plan, _) = config::load(RULES, &options).expect("the rules are good");
    plan.store = Some(StorePlan { path: folder.join("tidings.db"), retention: Duration::from_secs(86_400) });
    plan
}

async fn notifier(plan: Plan) -> Notifier {
    let built = Builder::from_plan(plan).and_then(Builder::build).expect("the plan is good");
    built.start().await.expect("it starts")
}

/// A batch that nobody has sent before, as JSON.
fn batch(sender: usize, number: usize) -> String {
    let event = |index: usize| {
        serde_json::json!({
            "event_type": "tool.call", "agent_id": format!("agent-{}", index % 7), "session_id": "s-1", "timestamp": 1_700_000_000,
            "id": format!("{sender}-{number}-{index}"),
            "data": {"tool": "search", "latency_ms": 120 + index, "error_rate": 0.01, "arguments": {"query": "flights to Lisbon", "limit": 20}},
        })
    };
    serde_json::Value::Array((0..BATCH).map(event).collect()).to_string()
}

fn events(text: &str) -> Vec<Event> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).expect("it is JSON");
    items.into_iter().map(|item| Event::from_json(item, Timestamp::EPOCH).expect("it is an event")).collect()
}

async fn direct() -> Duration {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let notifier = notifier(plan(folder.path())).await;
    let prepared = (0..SENDERS).map(|sender| (0..BATCHES).map(|number| events(&batch(sender, number))).collect());
    let prepared: Vec<Vec<Vec<Event>>> = prepared.collect();
    let started = instant_now();
    let mut senders = JoinSet::new();
    for batches in prepared {
        let notifier = notifier.clone();
        senders.spawn(async move {
            for batch in batches {
                notifier.accept(batch).await.expect("it is taken");
            }
        });
    }
    senders.join_all().await;
    let took = started.elapsed();
    notifier.stop().await;
    took
}

async fn over_http() -> Duration {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let plan = plan(folder.path());
    let app = App::new(notifier(plan.clone()).await, plan);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    let serving = tokio::spawn(serve(listener, app.clone()));
    let prepared = (0..SENDERS).map(|sender| (0..BATCHES).map(|number| batch(sender, number)).collect());
    let prepared: Vec<Vec<String>> = prepared.collect();
    let started = instant_now();
    let mut senders = JoinSet::new();
    for batches in prepared {
        senders.spawn(send(address, batches));
    }
    senders.join_all().await;
    let took = started.elapsed();
    app.begin_stop();
    serving.await.expect("it does not panic").expect("it ends");
    took
}

/// Sends batch after batch over one connection.
async fn send(address: SocketAddr, batches: Vec<String>) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    for batch in batches {
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            batch.len()
        );
        stream.write_all(&[head.as_bytes(), batch.as_bytes()].concat()).await.expect("it is sent");
        let mut answer = Vec::new();
        // The counts are the answer's last words.
        while !answer.ends_with(b"\"refused\":0}") {
            assert!(stream.read_buf(&mut answer).await.expect("it is answered") > 0, "the connection ends");
        }
    }
}
