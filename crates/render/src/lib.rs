#![doc = include_str!("../README.md")]

pub mod chat;
pub mod message;

pub use message::{Message, Text, clean, clip};
