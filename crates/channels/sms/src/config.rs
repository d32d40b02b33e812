//! Settings of the SMS channel, and all that is wrong with them at once. How they are written in YAML is the `config` crate's business.

use std::{fmt, sync::Arc};

use tidings_core::Problem;
use tidings_http::Policy;
use tidings_render::Text;

use crate::{MemorySuppressions, Provider, Suppressions, Writer};

/// The most parts that a cap may allow.
const MOST_PARTS: usize = 10;

/// Settings of a [`crate::Sms`]. `Debug` shows no account, token, URL or number of a receiver.
#[derive(Clone)]
pub struct SmsConfig {
    /// Who carries the texts.
    pub provider: Provider,
    /// The most parts of one text, 1 to 10: each is paid for. 2 by default.
    pub max_parts: usize,
    /// Gives the whole text; without it, title and body.
    pub text: Option<Text>,
    /// Whether the final text goes through the envelope's scrub; on by default.
    pub redact_sensitive: bool,
    /// Lets this channel alone reach private networks and loopback; off by default.
    pub allow_private_networks: bool,
    /// Who has said STOP; in memory by default, which a restart forgets.
    pub suppressions: Arc<dyn Suppressions>,
}

impl SmsConfig {
    /// Texts over this provider, everything else as by default.
    #[must_use]
    pub fn new(provider: impl Into<Provider>) -> Self {
        Self {
            provider: provider.into(),
            max_parts: 2,
            text: None,
            redact_sensitive: true,
            allow_private_networks: false,
            suppressions: Arc::new(MemorySuppressions::default()),
        }
    }

    /// The most parts of one text, 1 to 10.
    #[must_use]
    pub const fn max_parts(mut self, parts: usize) -> Self {
        self.max_parts = parts;
        self
    }

    /// Gives the whole text. One that takes more parts than the cap is refused, not cut.
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.text = Some(text);
        self
    }

    /// Sends what it is given as it is.
    #[must_use]
    pub const fn redact_sensitive(mut self, redact: bool) -> Self {
        self.redact_sensitive = redact;
        self
    }

    /// Lets this channel reach private networks and loopback; never metadata or link-local addresses.
    #[must_use]
    pub const fn allow_private_networks(mut self, allow: bool) -> Self {
        self.allow_private_networks = allow;
        self
    }

    /// Keeps who has said STOP in this list; share it with the callback's route.
    #[must_use]
    pub fn suppressions(mut self, list: Arc<dyn Suppressions>) -> Self {
        self.suppressions = list;
        self
    }

    /// What writes this channel's texts: what they would be is known without a provider.
    #[must_use]
    pub fn writer(&self) -> Writer {
        let writer = Writer::new(self.max_parts);
        match &self.text {
            Some(text) => writer.text(text.clone()),
            None => writer,
        }
    }

    /// What this channel may reach, given what all may reach.
    #[must_use]
    pub fn policy(&self, common: &Policy) -> Policy {
        Policy { private: common.private || self.allow_private_networks, ..common.clone() }
    }

    /// Everything that is wrong, without any input or output.
    #[must_use]
    pub fn validate(&self, common: &Policy) -> Vec<Problem> {
        let text = format!("a text has 1 to {MOST_PARTS} parts");
        let parts = (!(1..=MOST_PARTS).contains(&self.max_parts)).then(|| Problem::new("max_parts", text));
        self.provider.validate(&self.policy(common)).into_iter().chain(parts).collect()
    }
}

impl fmt::Debug for SmsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsConfig")
            .field("provider", &self.provider)
            .field("max_parts", &self.max_parts)
            .field("text", &self.text.is_some())
            .field("redact_sensitive", &self.redact_sensitive)
            .field("allow_private_networks", &self.allow_private_networks)
            .field("suppressions", &self.suppressions)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sender, Twilio};

    #[test]
    fn debug_shows_no_secret_and_problems_come_at_once() {
        let twilio = Twilio::new("hunter2", "hunter2 hunter2", Sender::Service("hunter2".to_owned()));
        let config =
            SmsConfig::new(twilio.status_callback("hunter2").api_url("https://hunter2.example.com")).max_parts(11);
        config.suppressions.suppress("+15550101").unwrap();
        let problems = config.validate(&Policy::default());
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["account_sid", "auth_token", "messaging_service_sid", "status_callback", "max_parts"]);
        let told = format!("{config:?} {}", Problem::told(&problems));
        assert!(!told.contains("hunter2") && !told.contains("5550101"), "{told}");
    }
}
