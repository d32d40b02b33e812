#![doc = include_str!("../README.md")]

mod answer;
pub mod chat;
pub mod config;
mod order;
mod secret;
mod service;
mod subject;
pub mod target;

pub use chat::{Chat, ChatError};
pub use config::ChatConfig;
pub use target::Target;
pub use tidings_core::Problem;
