//! A channel: what all kinds share, and which kind it is. What belongs to one kind alone stands in that kind's file.

use std::time::Duration;

use tidings_core::Address;

use crate::plan::{BusPlan, ChatPlan, EmailPlan, SmsPlan, WebhookPlan};

/// One channel.
#[derive(Clone, Debug)]
pub struct ChannelPlan {
    /// Its type's name, as `email`.
    pub type_name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Who gets what is meant for users without an address; `None`: nobody.
    pub to: Option<Address>,
    /// The waits before each retry; `None`: those of `delivery.retry`. At most 20.
    pub retry: Option<Vec<Duration>>,
    /// The longest that one attempt may take, 1 s to 5 min; `None`: 15 s.
    pub timeout: Option<Duration>,
    /// Whether secrets are taken out; default true.
    pub redact_sensitive: bool,
    /// Whether personal data are taken out too, where secrets are; default true.
    pub redact_personal: bool,
}

impl ChannelPlan {
    /// A channel without keys of its own.
    pub(crate) fn plain(type_name: &str, kind: ChannelKind) -> Self {
        Self {
            type_name: type_name.to_owned(),
            kind,
            to: None,
            retry: None,
            timeout: None,
            redact_sensitive: true,
            redact_personal: true,
        }
    }
}

/// What a channel is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChannelKind {
    /// Lines in the log.
    Log(LogPlan),
    /// Signed requests to an address.
    Webhook(Box<WebhookPlan>),
    /// Mail.
    Email(Box<EmailPlan>),
    /// Text messages.
    Sms(Box<SmsPlan>),
    /// Messages of a chat or an alerting service.
    Chat(Box<ChatPlan>),
    /// Messages to the live sessions of a user.
    Push,
    /// The last messages of a user, to be read later.
    Inbox,
    /// An event bus; as a channel always a server.
    Bus(BusPlan),
    /// The program provides it.
    Code,
    /// Named without an entry although its type needs one, which was warned of: what goes there is dead, and says why.
    Unset,
}

/// Lines in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlan {
    /// The tracing target; default `promptise.events`.
    pub logger_name: String,
    /// Whether secrets and personal data are taken out; default true.
    pub redact_sensitive: bool,
}
