#![doc = include_str!("../README.md")]

mod key;
mod seen;
mod window;

pub use key::{default_key, explicit_key};
pub use window::{Admit, Dedup};
