//! Messages of a chat or an alerting service: which service, and what it is reached by.

use secrecy::SecretString;
use tidings_http::{Policy, SafeUrl};
use tidings_template::Template;

/// A chat or an alerting service.
#[derive(Clone, Debug)]
pub struct ChatPlan {
    /// The service, with what it is reached by.
    pub service: ChatTarget,
    /// Another base for a service of a fixed address: an EU region, one's own installation.
    pub api_url: Option<SafeUrl>,
    /// What gives the text; `None`: title and body.
    pub template: Option<Template>,
    /// Whether secrets are taken out; default true.
    pub redact_sensitive: bool,
    /// What may be reached beyond the public internet.
    pub policy: Policy,
}

/// The service, with what it is reached by. A receiver that is left out is the user's address; every user who can be told has one then.
#[derive(Clone, Debug)]
pub enum ChatTarget {
    /// Slack's incoming webhook.
    Slack {
        /// Its address; the path is the secret.
        url: SafeUrl,
    },
    /// Discord's webhook.
    Discord {
        /// Its address; the path is the secret.
        url: SafeUrl,
    },
    /// A workflow of Microsoft Teams.
    Teams {
        /// Its address; path and query are the secret.
        url: SafeUrl,
    },
    /// Mattermost's incoming webhook.
    Mattermost {
        /// Its address; the path is the secret.
        url: SafeUrl,
    },
    /// Google Chat's incoming webhook.
    GoogleChat {
        /// Its address; the query is the secret.
        url: SafeUrl,
    },
    /// A bot of Telegram.
    Telegram {
        /// The bot's token.
        token: SecretString,
        /// The chat.
        chat_id: Option<String>,
    },
    /// PagerDuty's events.
    PagerDuty {
        /// The integration's key.
        routing_key: SecretString,
    },
    /// Opsgenie's alerts.
    Opsgenie {
        /// The integration's key.
        api_key: SecretString,
    },
    /// A topic of ntfy.
    Ntfy {
        /// The server; default `https://ntfy.sh`.
        url: SafeUrl,
        /// The topic.
        topic: Option<String>,
        /// The access token, where the server wants one.
        token: Option<SecretString>,
    },
    /// An application of Gotify.
    Gotify {
        /// The server.
        url: SafeUrl,
        /// The application's token.
        token: SecretString,
    },
    /// An application of Pushover.
    Pushover {
        /// The application's token.
        token: SecretString,
        /// The receiver's key.
        user_key: Option<SecretString>,
    },
}

impl ChatTarget {
    /// The key of the receiver that was left out, where one was.
    #[must_use]
    pub const fn missing_receiver(&self) -> Option<&'static str> {
        match self {
            Self::Telegram { chat_id: None, .. } => Some("chat_id"),
            Self::Ntfy { topic: None, .. } => Some("topic"),
            Self::Pushover { user_key: None, .. } => Some("user_key"),
            _ => None,
        }
    }
}
