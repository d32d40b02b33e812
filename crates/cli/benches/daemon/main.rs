//! The daemon as its callers meet it, a process of its own: what it accepts beside what its store does alone, how long an event takes to
//! a socket, what 10,000 sockets and idleness cost, and Debian's Alertmanager on the same work. Prints figures.
//!
//! `cargo bench -p tidings-cli --bench daemon`, or with the names of parts: `accept latency sockets idle alertmanager
//! kills`; `--quick` runs a
//! little of each.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot go on")]

mod accept;
mod alertmanager;
mod client;
mod idle;
mod killed;
mod kills;
mod latency;
mod process;
mod receiver;
mod sockets;

use std::time::Duration;

/// A part by its name; told whether a little is enough.
type Part = (&'static str, fn(bool));

const PARTS: [Part; 6] = [
    ("accept", accept::run),
    ("latency", latency::run),
    ("sockets", sockets::run),
    ("idle", idle::run),
    ("alertmanager", alertmanager::run),
    ("kills", kills::run),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick" || argument == "--test");
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let all = !PARTS.iter().any(|(name, _)| named(name));
    for (name, run) in PARTS {
        if all || named(name) {
            println!("{name}");
            run(quick);
        }
    }
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The value that this share of all is not above.
pub(crate) fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}
