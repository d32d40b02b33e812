//! The reliability figures of delivery, small; `benches/reliability.rs` runs the same ones large and prints them. And what the text
//! beside the table promises of retries, fallbacks, quorum and order.

mod endings;
mod fallback;
mod figures;
mod in_flight;
mod order;
mod quorum;
