#![doc = include_str!("../README.md")]

pub mod cases;
pub mod config;
pub mod headers;
pub mod preset;
pub mod secret;
pub mod signature;
pub mod webhook;

pub use config::{Problem, Transform, WebhookConfig};
pub use preset::Preset;
pub use secret::generate_secret;
pub use webhook::{Webhook, WebhookError};
