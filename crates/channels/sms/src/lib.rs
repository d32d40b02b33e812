#![doc = include_str!("../README.md")]

pub mod callback;
pub mod config;
pub mod number;
pub mod provider;
pub mod segments;
pub mod sms;
pub mod suppression;
pub mod text;

pub use config::SmsConfig;
pub use number::is_e164;
pub use provider::{Body, Gateway, Outgoing, Provider, Sender, Twilio};
pub use segments::{Encoding, Segments};
pub use sms::{Sms, SmsError};
pub use suppression::{FileSuppressions, MemorySuppressions, Suppressions};
pub use text::{Preview, Writer};
pub use tidings_core::Problem;
