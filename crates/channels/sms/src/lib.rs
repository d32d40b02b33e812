#![doc = include_str!("../README.md")]

pub mod number;
pub mod segments;

pub use number::is_e164;
pub use segments::{Encoding, Segments};
