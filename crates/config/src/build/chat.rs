//! Chat and alerting services: what each is reached by. Whether a receiver that is left out is missed is left to `receivers`.

use secrecy::{ExposeSecret, SecretString};
use tidings_http::{Policy, SafeUrl};

use crate::{
    build::{Site, keys, secrets, secrets::SecretKey, templates, webhook},
    plan::{ChatPlan, ChatTarget},
    problem::{Findings, Spot},
    raw::Channel,
    read::{Given, value},
    values::Secret,
};

/// The public server of ntfy.
const NTFY: &str = "https://ntfy.sh";

/// The service; `None` where something of it is wrong or could not be read.
pub(crate) fn build(
    type_name: &str,
    channel: &Channel,
    spot: &Spot,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<ChatPlan> {
    let private = value(&channel.allow_private_networks).copied().unwrap_or(false);
    let policy = Policy { private, ..site.destinations.clone() };
    let template = templates::of_webhook(&channel.template, findings);
    let parts = Parts { channel, spot, site, policy: &policy };
    let service = parts.target(type_name, findings);
    let has_base = matches!(type_name, "telegram" | "pagerduty" | "opsgenie" | "pushover");
    let api_url = if has_base { base(&channel.url, &policy, findings)? } else { None };
    let redact_sensitive = value(&channel.redact_sensitive).copied().unwrap_or(true);
    Some(ChatPlan { service: service?, api_url, template, redact_sensitive, policy })
}

/// Another base than a service's own. The outer `None`: given, but not good.
pub(crate) fn base(given: &Given<Secret>, policy: &Policy, findings: &mut Findings<'_>) -> Option<Option<SafeUrl>> {
    let (Some(at), Some(url)) = (given, webhook::optional(given, policy, findings)?) else { return Some(None) };
    if url.url().query().is_some() || url.url().fragment().is_some() {
        findings.error(&at.spot, "the base of a service's addresses has neither `?` nor `#`");
        return None;
    }
    Some(Some(url))
}

struct Parts<'a> {
    channel: &'a Channel,
    spot: &'a Spot,
    site: &'a Site<'a>,
    policy: &'a Policy,
}

impl Parts<'_> {
    fn target(&self, type_name: &str, findings: &mut Findings<'_>) -> Option<ChatTarget> {
        Some(match type_name {
            "slack" => ChatTarget::Slack { url: self.secret_url(findings)? },
            "discord" => ChatTarget::Discord { url: self.secret_url(findings)? },
            "teams" => ChatTarget::Teams { url: self.secret_url(findings)? },
            "mattermost" => ChatTarget::Mattermost { url: self.secret_url(findings)? },
            "google_chat" => ChatTarget::GoogleChat { url: self.secret_url(findings)? },
            "pagerduty" => ChatTarget::PagerDuty { routing_key: self.key("routing_key", findings)? },
            "opsgenie" => ChatTarget::Opsgenie { api_key: self.key("api_key", findings)? },
            _ => return self.with_token(type_name, findings),
        })
    }

    /// The services of which several keys are read: all of them, so that all that is wrong is told.
    fn with_token(&self, type_name: &str, findings: &mut Findings<'_>) -> Option<ChatTarget> {
        let Channel { token, token_file, .. } = self.channel;
        let key = SecretKey { name: "token", inline: token, file: Some(token_file) };
        if type_name == "ntfy" {
            let token = secrets::optional(&key, self.site, findings);
            let topic = keys::text(&self.channel.topic, findings);
            let url = self.ntfy(findings);
            return Some(ChatTarget::Ntfy { url: url?, topic: topic?, token: token? });
        }
        let token = secrets::needed(&key, self.spot, self.site, findings);
        Some(match type_name {
            "gotify" => {
                let url = self.url(findings);
                ChatTarget::Gotify { url: url?, token: token? }
            }
            "telegram" => {
                let chat_id = keys::text(&self.channel.chat_id, findings);
                ChatTarget::Telegram { token: bot_token(token?, self.channel, findings)?, chat_id: chat_id? }
            }
            _ => {
                let key = SecretKey { name: "user_key", inline: &self.channel.user_key, file: None };
                let user_key = secrets::optional(&key, self.site, findings);
                ChatTarget::Pushover { token: token?, user_key: user_key? }
            }
        })
    }

    fn url(&self, findings: &mut Findings<'_>) -> Option<SafeUrl> {
        webhook::address(&self.channel.url, self.spot, self.policy, findings)
    }

    /// The address of a webhook: whoever knows it can write there.
    fn secret_url(&self, findings: &mut Findings<'_>) -> Option<SafeUrl> {
        secrets::lint_inline(&self.channel.url, findings);
        self.url(findings)
    }

    fn ntfy(&self, findings: &mut Findings<'_>) -> Option<SafeUrl> {
        match &self.channel.url {
            Some(_) => base(&self.channel.url, self.policy, findings)?,
            None => SafeUrl::parse(NTFY, self.policy).ok(),
        }
    }

    fn key(&self, name: &'static str, findings: &mut Findings<'_>) -> Option<SecretString> {
        let inline = if name == "api_key" { &self.channel.api_key } else { &self.channel.routing_key };
        secrets::needed(&SecretKey { name, inline, file: None }, self.spot, self.site, findings)
    }
}

/// A bot's token stands in the path of every request, so it must not be able to end it.
fn bot_token(token: SecretString, channel: &Channel, findings: &mut Findings<'_>) -> Option<SecretString> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
    if token.expose_secret().bytes().all(plain) {
        return Some(token);
    }
    let spots = [channel.token.as_ref().map(|at| &at.spot), channel.token_file.as_ref().map(|at| &at.spot)];
    if let Some(spot) = spots.into_iter().flatten().next() {
        findings.error(spot, "not a bot's token: expected digits, a colon, and letters, as the bot's maker gave it");
    }
    None
}
