//! The services and what each must be told to be reached. What a message looks like there is `service`'s business.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A service, and what it takes to reach somebody there. `Debug` shows its name alone.
///
/// A receiver that is left out (`chat_id`, `topic`, `user_key`) is the user's own address.
#[derive(Clone)]
#[non_exhaustive]
pub enum Target {
    /// Slack's incoming webhooks.
    Slack {
        /// The webhook's address; whoever has it can post.
        url: SecretString,
    },
    /// Discord's webhooks.
    Discord {
        /// The webhook's address; whoever has it can post.
        url: SecretString,
    },
    /// Microsoft Teams: a workflow's address, or a connector's.
    Teams {
        /// The webhook's address; whoever has it can post.
        url: SecretString,
    },
    /// Mattermost's incoming webhooks.
    Mattermost {
        /// The webhook's address; whoever has it can post.
        url: SecretString,
    },
    /// Google Chat's incoming webhooks.
    GoogleChat {
        /// The webhook's address with its key and token.
        url: SecretString,
    },
    /// A Telegram bot.
    Telegram {
        /// The bot's token.
        token: SecretString,
        /// The chat, by its number or as `@channel`.
        chat_id: Option<String>,
    },
    /// PagerDuty, by its Events API v2.
    PagerDuty {
        /// The integration's key.
        routing_key: SecretString,
    },
    /// Opsgenie, by its Alert API.
    Opsgenie {
        /// The integration's key.
        api_key: SecretString,
    },
    /// An ntfy server.
    Ntfy {
        /// The server's address, without the topic.
        url: SecretString,
        /// The topic; whoever knows it can read.
        topic: Option<String>,
        /// An access token, where the topic asks for one.
        token: Option<SecretString>,
    },
    /// A Gotify server.
    Gotify {
        /// The server's address.
        url: SecretString,
        /// The application's token.
        token: SecretString,
    },
    /// Pushover.
    Pushover {
        /// The application's token.
        token: SecretString,
        /// The key of the user or group.
        user_key: Option<SecretString>,
    },
}

/// What a setting is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Where to.
    Url,
    /// By what right.
    Credential,
    /// To whom.
    Receiver,
}

/// A setting by its name, its role and its value.
pub(crate) type Setting<'a> = (&'static str, Role, &'a str);

impl Target {
    /// The service's name as it is written in a configuration.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::Discord { .. } => "discord",
            Self::Teams { .. } => "teams",
            Self::Mattermost { .. } => "mattermost",
            Self::GoogleChat { .. } => "google_chat",
            Self::Telegram { .. } => "telegram",
            Self::PagerDuty { .. } => "pagerduty",
            Self::Opsgenie { .. } => "opsgenie",
            Self::Ntfy { .. } => "ntfy",
            Self::Gotify { .. } => "gotify",
            Self::Pushover { .. } => "pushover",
        }
    }

    /// The host of a service that has one for everybody.
    pub(crate) const fn api(&self) -> Option<&'static str> {
        match self {
            Self::Telegram { .. } => Some("https://api.telegram.org"),
            Self::PagerDuty { .. } => Some("https://events.pagerduty.com"),
            Self::Opsgenie { .. } => Some("https://api.opsgenie.com"),
            Self::Pushover { .. } => Some("https://api.pushover.net"),
            _ => None,
        }
    }

    /// Whether the address alone names the receiver, so that a user's address is another such address.
    pub(crate) const fn is_webhook(&self) -> bool {
        matches!(
            self,
            Self::Slack { .. }
                | Self::Discord { .. }
                | Self::Teams { .. }
                | Self::Mattermost { .. }
                | Self::GoogleChat { .. }
        )
    }

    /// All that was set.
    pub(crate) fn settings(&self) -> Vec<Setting<'_>> {
        let all = match self {
            Self::Slack { url }
            | Self::Discord { url }
            | Self::Teams { url }
            | Self::Mattermost { url }
            | Self::GoogleChat { url } => [address(url), None, None],
            Self::Telegram { token, chat_id } => {
                [credential("token", token), receiver("chat_id", chat_id.as_deref()), None]
            }
            Self::PagerDuty { routing_key } => [credential("routing_key", routing_key), None, None],
            Self::Opsgenie { api_key } => [credential("api_key", api_key), None, None],
            Self::Ntfy { url, topic, token } => {
                let token = token.as_ref().and_then(|token| credential("token", token));
                [address(url), receiver("topic", topic.as_deref()), token]
            }
            Self::Gotify { url, token } => [address(url), credential("token", token), None],
            Self::Pushover { token, user_key } => {
                let user = user_key.as_ref().map(ExposeSecret::expose_secret);
                [credential("token", token), receiver("user_key", user), None]
            }
        };
        all.into_iter().flatten().collect()
    }

    /// Whether messages there are for one of many receivers.
    pub(crate) const fn has_receivers(&self) -> bool {
        matches!(self, Self::Telegram { .. } | Self::Ntfy { .. } | Self::Pushover { .. })
    }

    /// The first setting of this role.
    pub(crate) fn setting(&self, role: Role) -> Option<&str> {
        self.settings().into_iter().find(|(_, found, _)| *found == role).map(|(_, _, value)| value)
    }
}

fn address(url: &SecretString) -> Option<Setting<'_>> {
    Some(("url", Role::Url, url.expose_secret()))
}

fn credential<'a>(key: &'static str, secret: &'a SecretString) -> Option<Setting<'a>> {
    Some((key, Role::Credential, secret.expose_secret()))
}

fn receiver<'a>(key: &'static str, name: Option<&'a str>) -> Option<Setting<'a>> {
    name.map(|name| (key, Role::Receiver, name))
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.name())
    }
}
