//! Debian's Alertmanager beside the daemon on the same work: alerts that are accepted, and alerts that each become one webhook.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};
use tidings::clock::instant_now;

use crate::{
    client::Client,
    process::{self, Process},
    receiver::Receiver,
};

const BATCH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn run(quick: bool) {
    let count = if quick { 500 } else { 10_000 };
    println!("  {count} of each, in batches of {BATCH}; microseconds of the processor each, resident memory after");
    tell("Tidings, accepted", &accepted(&ours("http://127.0.0.1:9/", false), &our_body, "/v1/events", count), count);
    let receiver = Receiver::start();
    tell(
        "Tidings, one webhook each",
        &sent(&ours(&url(&receiver), true), (&our_body, "/v1/events"), &receiver, count),
        count,
    );
    let Some(program) = program() else {
        println!("  SKIPPED: there is no prometheus-alertmanager; `apt-get install prometheus-alertmanager` gives one");
        return;
    };
    tell("Alertmanager, accepted", &accepted(&peer(&program, None), &their_body, "/api/v2/alerts", count), count);
    let receiver = Receiver::start();
    let peer = peer(&program, Some(&url(&receiver)));
    tell("Alertmanager, one webhook each", &sent(&peer, (&their_body, "/api/v2/alerts"), &receiver, count), count);
}

struct Cost {
    cpu: f64,
    resident: u64,
    took: Duration,
}

fn tell(name: &str, cost: &Cost, count: usize) {
    let each = cost.cpu * 1e6 / count as f64;
    let rate = count as f64 / cost.took.as_secs_f64();
    println!("  {name:<32} {each:>8.1} µs   {:>6.0} MB   {rate:>8.0}/s", cost.resident as f64 / 1e6);
}

fn url(receiver: &Receiver) -> String {
    format!("http://{}/", receiver.address)
}

type Body<'a> = &'a dyn Fn(usize) -> Value;

/// Posts everything.
fn feed(process: &Process, (body, path): (Body<'_>, &str), count: usize) {
    let mut client = Client::new(process.address);
    for first in (0..count).step_by(BATCH) {
        let batch: Vec<Value> = (first..first + BATCH).map(body).collect();
        client.post(path, &serde_json::to_string(&batch).unwrap());
    }
}

fn accepted(process: &Process, body: Body<'_>, path: &str, count: usize) -> Cost {
    process.rest();
    let (before, started) = (process.cpu(), instant_now());
    feed(process, (body, path), count);
    let took = started.elapsed();
    process.rest();
    Cost { cpu: process.cpu() - before, resident: process.resident(), took }
}

fn sent(process: &Process, work: (Body<'_>, &str), receiver: &Receiver, count: usize) -> Cost {
    process.rest();
    let (before, started) = (process.cpu(), instant_now());
    feed(process, work, count);
    while receiver.count() < count as u64 {
        assert!(started.elapsed() < PATIENCE, "{} of {count} came", receiver.count());
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = started.elapsed();
    process.rest();
    Cost { cpu: process.cpu() - before, resident: process.resident(), took }
}

/// The daemon with a webhook for each event, or with one that wants none of them.
fn ours(url: &str, wants: bool) -> Process {
    let wanted = if wants { "tool.error" } else { "budget.exceeded" };
    Process::daemon(&format!(
        "events:\n  sinks:\n    - {{type: webhook, url: \"{url}\", events: [{wanted}], allow_private_networks: true, secret: a-secret-of-a-benchmark}}\n\
         triggers: [{{name: never, condition: 'event_type == \"mission.failed\"', channels: [inbox]}}]\nusers: {{me: {{}}}}\n\
         allow_destinations: [{{cidr: 127.0.0.1/32, ports: [{}]}}]\n",
        url.trim_end_matches('/').rsplit(':').next().unwrap(),
    ))
}

fn our_body(number: usize) -> Value {
    json!({"id": number.to_string(), "event_type": "tool.error", "severity": "error", "agent_id": format!("agent-{number}"),
        "data": {"tool": "search", "error": "timeout", "summary": "a tool failed"}})
}

fn their_body(number: usize) -> Value {
    json!({"labels": {"alertname": "tool.error", "severity": "error", "agent_id": format!("agent-{number}")},
        "annotations": {"tool": "search", "error": "timeout", "summary": "a tool failed"}})
}

fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut places = folders.unwrap_or_default().into_iter().map(|folder| folder.join("prometheus-alertmanager"));
    places.find(|place| place.is_file())
}

/// The peer; each alert is a group of its own, told at once where there is a receiver.
fn peer(program: &Path, url: Option<&str>) -> Process {
    let folder = tempfile::tempdir_in(process::place()).unwrap();
    let address = process::free();
    let receiver = url
        .map_or_else(String::new, |url| format!("\n    webhook_configs: [{{url: \"{url}\", send_resolved: false}}]"));
    let config = format!(
        "route: {{receiver: out, group_by: ['...'], group_wait: 0s, group_interval: 5m, repeat_interval: 4h}}\nreceivers:\n  - name: out{receiver}\n"
    );
    fs::write(folder.path().join("alertmanager.yml"), config).unwrap();
    let mut command = Command::new(program);
    command.arg("--config.file=alertmanager.yml").arg("--storage.path=data").arg("--cluster.listen-address=");
    command.arg(format!("--web.listen-address={address}"));
    Process::start(command, address, folder)
}
