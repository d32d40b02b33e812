#![doc = include_str!("../README.md")]

pub mod cases;
pub mod config;
pub mod headers;
pub mod secret;
pub mod signature;
pub mod webhook;

pub use config::{Transform, WebhookConfig};
pub use secret::generate_secret;
pub use tidings_core::Problem;
pub use webhook::{Webhook, WebhookError};
