//! The store in a file from outside.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod arrows;
mod damage;
mod fsck;
mod opening;
#[cfg(unix)]
mod reading;
mod surviving;
