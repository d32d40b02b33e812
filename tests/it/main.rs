//! Tests that belong to no crate alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed, and says where")]

mod airline;
mod architecture;
mod article;
mod channels;
mod incidents;
mod isolation;
mod kill;
mod promptise;
mod reliability;
mod requests;
