//! A day of events through `tidings replay` with the rules of `examples/airline`, beside a bare parse of the same lines. Prints rates of
//! one run; `cargo bench -p tidings-cli --bench replay [-- EVENTS]`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tidings::{Event, clock::instant_now};

const DAY: f64 = 86_400.0;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("day.jsonl");
    write(&path, count).expect("there is room");
    let bare = timed(|| parse(&path));
    let replayed = timed(|| replay(&path));
    println!("a day of {count} events");
    println!("bare parse of its lines   {:>9.0} events/s", rate(count, bare));
    println!("replay, airline rules     {:>9.0} events/s", rate(count, replayed));
    println!("replay / bare parse       {:>9.2}", replayed.as_secs_f64() / bare.as_secs_f64());
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = instant_now();
    work();
    started.elapsed()
}

fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Runs of agents: calls, some of which fail, and their ends.
fn write(path: &Path, count: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..count {
        let (event_type, severity) = match number % 40 {
            0 => ("invocation.start", "info"),
            7 | 19 => ("tool.error", "error"),
            39 if number % 7 == 0 => ("mission.failed", "error"),
            39 => ("mission.complete", "info"),
            _ => ("custom.tool.call", "info"),
        };
        let event = json!({
            "event_type": event_type,
            "severity": severity,
            "timestamp": 1_767_571_200.0 + DAY * number as f64 / count as f64,
            "agent_id": format!("airline-agent-{}", number / 40 % 50),
            "user_id": format!("customer-{}", number / 40 % 997),
            "session_id": format!("s{}", number / 40),
            "data": {
                "tool": "get_reservation", "latency_ms": 100 + number % 700, "arguments": {"reservation": "ABC123"},
                "steps": 40, "tool_calls": 37, "tool_errors": 2, "error_rate": 0.05, "error": "not found",
            },
            "metadata": {"model": "example"},
        });
        writeln!(file, "{event}")?;
    }
    file.flush()
}

fn parse(path: &Path) {
    let lines = BufReader::new(File::open(path).expect("it was written")).split(b'\n');
    let events = lines.map(|line| {
        let value: Value = serde_json::from_slice(&line.expect("it is a file")).expect("it is JSON");
        Event::from_json(value, tidings::clock::system_now()).expect("it is an event")
    });
    events.for_each(drop);
}

fn replay(path: &Path) {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/airline/tidings.yaml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.arg("replay").arg(path).args(["-c", config, "--json"]).stdout(Stdio::null());
    assert!(command.status().expect("it starts").success());
}
