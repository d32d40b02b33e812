#![doc = include_str!("../README.md")]

pub mod chat;
pub mod digest;
pub mod message;
pub mod scrubbed;

pub use digest::Window;
pub use message::{Message, Text, clean, clip};
