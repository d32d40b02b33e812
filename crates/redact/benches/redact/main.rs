//! Microseconds per kilobyte on clean and on dirty events, ours and Promptise's in the same run, and what ours finds and damages in
//! the corpus. `cargo bench -p tidings-redact`.

#![expect(clippy::print_stdout, reason = "printing its figures is what it is for")]

use std::{hint::black_box, time::Duration};

use tidings_core::{Event, Scrub, clock::instant_now};
use tidings_redact::Redactor;

mod corpus;
mod events;
mod promptise;

const ROUNDS: usize = 15;
const TIMES: u32 = 200;

fn main() {
    let redactor = Redactor::default();
    let cases = [("clean", events::clean()), ("dirty", events::dirty())];
    println!("medians of {ROUNDS} rounds of {TIMES}, in µs/KB");
    let mut ours = Vec::new();
    for (name, event) in &cases {
        let wire = event.to_wire();
        let values = each(wire.len(), || drop(black_box(redactor.redact_event(black_box(event)))));
        let bytes = each(wire.len(), || drop(black_box(redactor.scrub(black_box(&wire)))));
        println!("{name} event ({} bytes): by its values {values:>7.2}, its bytes {bytes:>7.2}", wire.len());
        ours.push(values);
    }
    let given: Vec<&Event> = cases.iter().map(|(_, event)| event).collect();
    match promptise::measure(&given) {
        Some(theirs) => {
            for (((name, _), theirs), ours) in cases.iter().zip(theirs).zip(&ours) {
                println!("{name} event, Promptise 1.10.1: {theirs:>7.1}, which is {:.0} times ours", theirs / ours);
            }
        }
        None => println!("SKIPPED: no Python with promptise; scripts/test installs it, TIDINGS_PYTHON names another"),
    }
    corpus::report(&redactor);
}

/// The median of the rounds, in microseconds per kilobyte.
fn each(bytes: usize, mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = instant_now();
            (0..TIMES).for_each(|_| work());
            started.elapsed()
        })
        .collect();
    rounds.sort();
    rounds[ROUNDS / 2].as_secs_f64() * 1e6 / f64::from(TIMES) / (bytes as f64 / 1000.0)
}
