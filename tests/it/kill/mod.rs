//! A process that is really killed, at every step and at random points, and what must hold afterwards. Fewer points than the
//! program `benches/kill.rs` takes, which prints the figures.

mod crash;
mod figures;
mod later;

/// The process that is killed.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kept");
