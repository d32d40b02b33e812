//! Bodies that chat services read, chosen by the address: raw event JSON would be refused there. Each service has a file with
//! its limits and escapes; the request around the body is that of every webhook.

mod discord;
mod message;
mod slack;
mod teams;

use serde_json::Value;
use tidings_core::Payload;
use tidings_http::ChatService;
use url::Url;

use self::message::Message;

/// A chat service whose incoming webhooks want a body of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preset {
    /// Slack's incoming webhooks.
    Slack,
    /// Discord's webhooks.
    Discord,
    /// Microsoft Teams: workflows and connectors.
    Teams,
}

impl Preset {
    /// The preset of this address; `None` for a receiver that takes plain JSON.
    #[must_use]
    pub fn for_url(url: &Url) -> Option<Self> {
        match ChatService::for_url(url)? {
            ChatService::Slack => Some(Self::Slack),
            ChatService::Discord => Some(Self::Discord),
            ChatService::Teams => Some(Self::Teams),
            _ => None,
        }
    }

    /// The service's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Teams => "Teams",
        }
    }

    /// The body: within the service's limits, with mentions of everyone neutralised.
    #[must_use]
    pub fn render(self, payload: &Payload) -> Vec<u8> {
        let message = Message::of(payload);
        let body: Value = match self {
            Self::Slack => slack::body(&message),
            Self::Discord => discord::body(&message),
            Self::Teams => teams::body(&message),
        };
        body.to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests;
