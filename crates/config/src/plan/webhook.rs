//! A webhook, as a sink or as a channel. Its defaults are filled in by the builder.

use std::{fmt, time::Duration};

use secrecy::SecretString;
use tidings_http::{Policy, SafeUrl};
use tidings_template::Template;

use super::{ChannelKind, Plan, SinkKind};

/// Signed requests to an address.
#[derive(Clone)]
pub struct WebhookPlan {
    /// The address; it passed the destination guard under `policy`.
    pub url: SafeUrl,
    /// What this webhook may reach.
    pub policy: Policy,
    /// Headers that are added, in the file's order.
    pub headers: Vec<(String, SecretString)>,
    /// The key of the signature; `None`: one is to be generated.
    pub secret: Option<SecretString>,
    /// How often a failed request is repeated; default 3.
    pub max_retries: u32,
    /// The wait before the first retry; default 1 s.
    pub retry_delay: Duration,
    /// Whether secrets and personal data are taken out; default true.
    pub redact_sensitive: bool,
    /// What gives the body.
    pub template: Option<Template>,
}

impl Plan {
    /// Lets webhooks that name no secret go on signing with the one that those of the same name sign with now, which was made up for them.
    pub fn inherit_secrets(&mut self, running: &Self) {
        for sink in &mut self.sinks {
            let before = running.sinks.iter().find(|before| before.name == sink.name);
            if let (SinkKind::Webhook(own), Some(SinkKind::Webhook(before))) =
                (&mut sink.kind, before.map(|before| &before.kind))
            {
                own.inherit_secret(before);
            }
        }
        for (name, channel) in &mut self.channels {
            let before = running.channels.get(name).map(|before| &before.kind);
            if let (ChannelKind::Webhook(own), Some(ChannelKind::Webhook(before))) = (&mut channel.kind, before) {
                own.inherit_secret(before);
            }
        }
    }
}

impl WebhookPlan {
    fn inherit_secret(&mut self, before: &Self) {
        if self.secret.is_none() {
            self.secret.clone_from(&before.secret);
        }
    }
}

/// Shows neither the address's path nor secrets nor the values of headers.
impl fmt::Debug for WebhookPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookPlan")
            .field("url", &self.url)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("secret", &self.secret.as_ref().map(|_| "…"))
            .field("max_retries", &self.max_retries)
            .field("retry_delay", &self.retry_delay)
            .field("redact_sensitive", &self.redact_sensitive)
            .finish_non_exhaustive()
    }
}
