#![doc = include_str!("../README.md")]

pub mod chat;
pub mod digest;
pub mod message;

pub use digest::Window;
pub use message::{Message, Text, clean, clip};
