//! The reliability figures of delivery, small; `benches/reliability.rs` runs the same ones large and prints them.

mod figures;
