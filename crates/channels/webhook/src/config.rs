//! Settings of a webhook, and all that is wrong with them at once. How they are written in YAML is the `config` crate's
//! business.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use tidings_core::{Payload, Problem, SendError};
use tidings_http::{Policy, SafeUrl};
use tidings_render::chat::Service;

use crate::{headers, secret};

/// Gives the body in place of the message's JSON; it is redacted and signed afterwards.
pub type Transform = Arc<dyn Fn(&Payload) -> Result<Vec<u8>, SendError> + Send + Sync>;

/// Settings of a [`crate::Webhook`]. `Debug` shows neither the URL nor a header's value nor a secret.
#[derive(Clone)]
pub struct WebhookConfig {
    /// Where to; may hold a secret.
    pub url: String,
    /// Headers besides our own, names and values.
    pub headers: Vec<(String, String)>,
    /// The secrets that sign, the current one first; during a rotation both sign. None: one is generated.
    pub secrets: Vec<SecretString>,
    /// Whether the final bytes go through the envelope's scrub; on by default.
    pub redact_sensitive: bool,
    /// Gives the body; without it the message's JSON, or a chat service's body.
    pub transform: Option<Transform>,
    /// Lets this webhook alone reach private networks and loopback; off by default.
    pub allow_private_networks: bool,
}

impl WebhookConfig {
    /// A webhook to this address, everything else as by default.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            secrets: Vec::new(),
            redact_sensitive: true,
            transform: None,
            allow_private_networks: false,
        }
    }

    /// Adds a secret: the first one is the current one.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Gives the body by a closure.
    #[must_use]
    pub fn transform(mut self, give: impl Fn(&Payload) -> Result<Vec<u8>, SendError> + Send + Sync + 'static) -> Self {
        self.transform = Some(Arc::new(give));
        self
    }

    /// Lets this webhook reach private networks and loopback; never metadata or link-local addresses.
    #[must_use]
    pub const fn allow_private_networks(mut self, allow: bool) -> Self {
        self.allow_private_networks = allow;
        self
    }

    /// Sends what it is given as it is.
    #[must_use]
    pub const fn redact_sensitive(mut self, redact: bool) -> Self {
        self.redact_sensitive = redact;
        self
    }

    /// What this webhook may reach, given what all may reach.
    #[must_use]
    pub fn policy(&self, common: &Policy) -> Policy {
        Policy { private: common.private || self.allow_private_networks, ..common.clone() }
    }

    /// Everything that is wrong, without any input or output.
    #[must_use]
    pub fn validate(&self, common: &Policy) -> Vec<Problem> {
        let url = SafeUrl::parse(&self.url, &self.policy(common)).err();
        let url = url.map(|blocked| Problem::new("url", blocked.to_string()));
        let empty = self.secrets.iter().any(|secret| secret.expose_secret().is_empty());
        let secret =
            empty.then(|| Problem::new("secret", "the secret is empty: give one, or leave it out to have one made"));
        url.into_iter().chain(headers::read(&self.headers).1).chain(secret).collect()
    }

    /// What is accepted but worth a word: weak secrets, and an address that gets a chat service's body.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let weak = self.secrets.iter().filter_map(secret::warning).map(|text| Problem::new("secret", text));
        let service = self.service().map(|service| {
            let text = format!(
                "{} addresses get a body that {} reads instead of the event's JSON; `template` gives another",
                service.name(),
                service.name()
            );
            Problem::new("url", text)
        });
        weak.chain(service).collect()
    }

    /// The chat service whose body the address gets; none where a transform gives the body.
    #[must_use]
    pub fn service(&self) -> Option<Service> {
        if self.transform.is_some() {
            return None;
        }
        url::Url::parse(&self.url).ok().as_ref().and_then(Service::for_url)
    }
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("WebhookConfig")
            .field("headers", &names)
            .field("secrets", &self.secrets.len())
            .field("redact_sensitive", &self.redact_sensitive)
            .field("transform", &self.transform.is_some())
            .field("allow_private_networks", &self.allow_private_networks)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_told_at_once() {
        let config = WebhookConfig::new("http://localhost/").header("Host", "x").header("X-A", "\n").secret("");
        let problems = config.validate(&Policy::default());
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["url", "headers.Host", "headers.X-A", "secret"]);
        assert!(config.clone().allow_private_networks(true).validate(&Policy::default()).len() == 3);
    }

    #[test]
    fn presets_and_weak_secrets_are_worth_a_word() {
        let config = WebhookConfig::new("https://hooks.slack.com/services/T0/B0/x").secret("short");
        let keys: Vec<_> = config.warnings().into_iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["secret", "url"]);
        assert!(config.transform(|_| Ok(Vec::new())).warnings().len() == 1);
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = WebhookConfig::new("https://a.example/hunter2").secret("hunter2").header("X-Token", "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
