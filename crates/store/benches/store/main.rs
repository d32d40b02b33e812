//! The SQLite store beside a bare append-only file in the same run: accepts, whole lives of deliveries, reopening, questions to the
//! log. Prints a table; `--quick` runs a little of everything.
//!
//! A disk's sync differs from machine to machine, so that all of it runs twice: as it is, and with every sync made to cost 1 ms.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot go on")]

mod bare;
mod figures;
mod load;
mod shim;

use std::process::ExitCode;

/// What a child of this program is told to do: fill a store and die without closing it.
pub(crate) const FILL: &str = "--fill";
/// What a child is told that runs with slow syncs.
const SLOW: &str = "--slow";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let quick = has("--quick") || has("--test");
    if let Some(place) = arguments.iter().position(|argument| argument == FILL) {
        return load::fill_and_die(&arguments[place + 1..]);
    }
    if has(SLOW) {
        figures::writing(quick);
        return ExitCode::SUCCESS;
    }
    if has("--reading") {
        figures::reading(quick);
        return ExitCode::SUCCESS;
    }
    println!("every sync as the disk has it");
    figures::writing(quick);
    println!("every sync at least 1 ms");
    match shim::run_with_slow_syncs(&[SLOW, if quick { "--quick" } else { "" }]) {
        Ok(()) => {}
        Err(why) => println!("  SKIPPED: {why}"),
    }
    println!("reading");
    figures::reading(quick);
    ExitCode::SUCCESS
}
