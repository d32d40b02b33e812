#![doc = include_str!("../README.md")]

mod answer;
pub mod chat;
mod clients;
pub mod config;
mod form;
mod order;
mod service;
mod subject;
pub mod target;

pub use chat::{Chat, ChatError};
pub use config::ChatConfig;
pub use target::Target;
pub use tidings_core::Problem;
