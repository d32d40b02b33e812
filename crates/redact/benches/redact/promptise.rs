//! Promptise's own redactor of its webhooks over the same events, timed inside of Python.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tidings_core::Event;

const MEASURE: &str = "
import json, statistics, sys, time
from promptise.events import default_pii_sanitizer as redact
figures = []
for event in json.load(sys.stdin):
    size = len(json.dumps(event, separators=(',', ':'), ensure_ascii=False).encode())
    rounds = []
    for _ in range(15):
        started = time.perf_counter()
        for _ in range(20):
            redact(event)
        rounds.append((time.perf_counter() - started) / 20)
    figures.append(statistics.median(rounds) * 1e6 / (size / 1000))
print(json.dumps(figures))
";

/// Its microseconds per kilobyte on each of these events; `None` without a Python that has it.
pub(crate) fn measure(events: &[&Event]) -> Option<Vec<f64>> {
    let mut child = Command::new(python()?)
        .args(["-c", MEASURE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let input: Vec<Value> = events.iter().map(|event| json!(event)).collect();
    serde_json::to_writer(child.stdin.take().expect("it is piped"), &input).expect("python reads its input");
    let output = child.wait_with_output().expect("python ends");
    assert!(output.status.success(), "python failed");
    Some(serde_json::from_slice(&output.stdout).expect("python answers with figures"))
}

/// The Python that has `promptise`.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("TIDINGS_PYTHON").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    named.or_else(|| Some(cache?.join("tidings/promptise-1.10.1/bin/python"))).filter(|path| path.exists())
}
