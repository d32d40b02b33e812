//! Chat and alerting services from a configuration.

use std::sync::Arc;

use secrecy::SecretString;
use tidings_chat::{Chat, ChatConfig, Target};
use tidings_config::{ChatPlan, ChatTarget};
use tidings_core::DynChannel;
use tidings_http::{Client, SafeUrl};

use super::template;
use crate::Error;

/// The channel of a plan.
pub(super) fn channel(plan: ChatPlan, client: &Client) -> Result<Arc<dyn DynChannel>, Error> {
    let mut config = ChatConfig::new(target(plan.service));
    config.api_url = plan.api_url.map(|url| url.url().to_string());
    config.text = plan.template.map(template::text);
    config.redact_sensitive = plan.redact_sensitive;
    config.allow_private_networks = plan.policy.private;
    Ok(Arc::new(Chat::new(config, client)?))
}

fn target(service: ChatTarget) -> Target {
    let secret = |url: SafeUrl| SecretString::from(url.url().to_string());
    match service {
        ChatTarget::Slack { url } => Target::Slack { url: secret(url) },
        ChatTarget::Discord { url } => Target::Discord { url: secret(url) },
        ChatTarget::Teams { url } => Target::Teams { url: secret(url) },
        ChatTarget::Mattermost { url } => Target::Mattermost { url: secret(url) },
        ChatTarget::GoogleChat { url } => Target::GoogleChat { url: secret(url) },
        ChatTarget::Telegram { token, chat_id } => Target::Telegram { token, chat_id },
        ChatTarget::PagerDuty { routing_key } => Target::PagerDuty { routing_key },
        ChatTarget::Opsgenie { api_key } => Target::Opsgenie { api_key },
        ChatTarget::Ntfy { url, topic, token } => Target::Ntfy { url: secret(url), topic, token },
        ChatTarget::Gotify { url, token } => Target::Gotify { url: secret(url), token },
        ChatTarget::Pushover { token, user_key } => Target::Pushover { token, user_key },
    }
}
