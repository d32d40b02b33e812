//! Bodies that chat services read: raw event JSON would be refused there. Each service has a file with its limits and escapes; the
//! request around the body is the channel's.

mod discord;
mod google_chat;
mod limits;
mod neutral;
mod service;
mod slack;
mod teams;

use serde_json::Value;

pub use self::{
    limits::{clip_bytes, clip_units},
    neutral::message as without_calls,
    service::Service,
};
use crate::Message;

impl Service {
    /// The body for this message: within the service's limits, with calls to everybody broken.
    #[must_use]
    pub fn body(self, message: Message) -> Value {
        let message = neutral::message(message);
        match self {
            Self::Slack => slack::body(&message),
            Self::Discord => discord::body(&message),
            Self::Teams => teams::body(&message),
            Self::GoogleChat => google_chat::body(&message),
        }
    }
}

#[cfg(test)]
mod tests;
