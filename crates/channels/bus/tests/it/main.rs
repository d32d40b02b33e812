//! The bus as a program meets it: in the process with many at once, and over NATS with a real server and with a peer that misbehaves.
#![cfg_attr(feature = "nats", expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails"))]

mod process;

#[cfg(feature = "nats")]
mod conformance;
#[cfg(feature = "nats")]
mod faults;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
mod restart;
#[cfg(feature = "nats")]
mod server;
