//! Settings of a chat channel, and all that is wrong with them at once. How they are written in YAML is the `config` crate's business.

use std::fmt;

use tidings_core::Problem;
use tidings_http::{Policy, SafeUrl};
use tidings_render::Text;

use crate::target::{Role, Target};

/// The longest credential in bytes; those of today have fewer than 200.
const CREDENTIAL: usize = 1024;
/// The longest name of a receiver in bytes; those of today have 64 at most.
const RECEIVER: usize = 256;

/// Settings of a [`crate::Chat`]. `Debug` shows neither an address nor a credential.
#[derive(Clone)]
pub struct ChatConfig {
    /// The service, and what it takes to reach somebody there.
    pub target: Target,
    /// Another base for a service with a host for everybody: that of a region, or one of your own. `https://api.eu.opsgenie.com`.
    pub api_url: Option<String>,
    /// Gives the text in place of a message's own; the title stays.
    pub text: Option<Text>,
    /// Whether the final text goes through the envelope's scrub; on by default.
    pub redact_sensitive: bool,
    /// Lets this channel alone reach private networks and loopback; off by default.
    pub allow_private_networks: bool,
}

impl ChatConfig {
    /// A channel to this service, everything else as by default.
    #[must_use]
    pub const fn new(target: Target) -> Self {
        Self { target, api_url: None, text: None, redact_sensitive: true, allow_private_networks: false }
    }

    /// Takes another base for the service's API.
    #[must_use]
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// Gives the text by a template or a closure.
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

    /// What this channel may reach, given what all may reach.
    #[must_use]
    pub fn policy(&self, common: &Policy) -> Policy {
        Policy { private: common.private || self.allow_private_networks, ..common.clone() }
    }

    /// Everything that is wrong, without any input or output.
    #[must_use]
    pub fn validate(&self, common: &Policy) -> Vec<Problem> {
        let base = self.base(common).err();
        let needless = (self.api_url.is_some() && self.target.api().is_none())
            .then(|| Problem::new("api_url", "the service has no host for everybody: give its address by `url`"));
        base.into_iter().chain(needless).chain(self.target.settings().into_iter().filter_map(wrong)).collect()
    }

    /// Where the service is: the address that was set, or that which everybody uses.
    pub(crate) fn base(&self, common: &Policy) -> Result<SafeUrl, Problem> {
        let (key, text) = match (self.target.api(), &self.api_url) {
            (None, _) => ("url", self.target.setting(Role::Url).unwrap_or_default()),
            (Some(api), None) => ("api_url", api),
            (Some(_), Some(other)) => ("api_url", other.as_str()),
        };
        let url =
            SafeUrl::parse(text, &self.policy(common)).map_err(|blocked| Problem::new(key, blocked.to_string()))?;
        let bare = url.url().query().is_none() && url.url().fragment().is_none();
        if bare || self.target.is_webhook() {
            Ok(url)
        } else {
            Err(Problem::new(key, "the service's base takes no `?` and no `#`: remove what follows"))
        }
    }
}

/// What is wrong with a credential or a receiver. Neither is told.
fn wrong((key, role, value): (&'static str, Role, &str)) -> Option<Problem> {
    let text = match role {
        Role::Url => return None,
        Role::Credential if value.is_empty() => "it is empty: give the one that the service shows",
        Role::Credential if value.len() > CREDENTIAL || !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "it takes printable ASCII without blanks, as the service shows it"
        }
        Role::Receiver if !is_receiver(value) => {
            "it takes 1 to 256 bytes without blanks and control characters: give it as the service shows it, or leave it out to reach \
             users by their own addresses alone"
        }
        Role::Credential | Role::Receiver => return None,
    };
    Some(Problem::new(key, text))
}

/// Whether this can name a receiver; whether it does is the service's to say.
pub(crate) fn is_receiver(text: &str) -> bool {
    (1..=RECEIVER).contains(&text.len()) && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

impl fmt::Debug for ChatConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatConfig")
            .field("target", &self.target)
            .field("api_url", &self.api_url.is_some())
            .field("text", &self.text)
            .field("redact_sensitive", &self.redact_sensitive)
            .field("allow_private_networks", &self.allow_private_networks)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &ChatConfig, expected: &[&str]) {
        let problems = config.validate(&Policy::default());
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, expected, "{config:?}");
        assert!(!format!("{problems:?} {config:?}").contains("hunter2"), "{problems:?}");
    }

    #[test]
    fn every_problem_is_told_at_once_and_without_secrets() {
        let telegram =
            |token: &str, chat: &str| Target::Telegram { token: token.into(), chat_id: Some(chat.to_owned()) };
        check(&ChatConfig::new(telegram("1:hunter2", "-100123")), &[]);
        check(&ChatConfig::new(telegram("1:hunter2", "")), &["chat_id"]);
        check(&ChatConfig::new(Target::Telegram { token: "1:hunter2".into(), chat_id: None }), &[]);
        check(
            &ChatConfig::new(telegram("hunter2\n", "hunter2 x")).api_url("http://localhost/hunter2"),
            &["api_url", "token", "chat_id"],
        );
        check(&ChatConfig::new(telegram("", "1")).api_url("https://a.example/?hunter2=1"), &["api_url", "token"]);
        let slack = |url: &str| ChatConfig::new(Target::Slack { url: url.into() });
        check(&slack("https://hooks.slack.com/services/hunter2?a=b"), &[]);
        check(&slack("https://hooks.slack.com/services/x").api_url("https://a.example"), &["api_url"]);
        check(&slack(""), &["url"]);
        check(&slack("").api_url("https://a.example"), &["url", "api_url"]);
        check(&slack("http://127.0.0.1/hunter2"), &["url"]);
        check(&slack("http://127.0.0.1/hunter2").allow_private_networks(true), &[]);
        check(&slack("http://169.254.169.254/hunter2").allow_private_networks(true), &["url"]);
        let ntfy =
            Target::Ntfy { url: "https://ntfy.sh/?x".into(), topic: Some("é a".into()), token: Some("".into()) };
        check(&ChatConfig::new(ntfy), &["url", "topic", "token"]);
    }
}
