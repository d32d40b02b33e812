//! Whether two parts of a configuration are the same, their secrets too. Which parts differ is `difference`'s to say; no secret is shown.

use std::mem::discriminant;

use secrecy::{ExposeSecret, SecretString};
use tidings_template::Template;

use crate::plan::{
    BusPlan, ChannelKind, ChannelPlan, ChatPlan, ChatTarget, EmailPlan, EmailTransport, GatewayPlan, HeartbeatPlan,
    NatsLogin, NatsPlan, RulePlan, SinkKind, SinkPlan, SmsPlan, SmsProvider, SmtpPlan, TwilioPlan, WebhookPlan,
};

/// What is the same though it holds secrets, or what has no equality of its own.
pub(crate) trait Same {
    fn is_same(&self, other: &Self) -> bool;
}

impl Same for SecretString {
    fn is_same(&self, other: &Self) -> bool {
        self.expose_secret() == other.expose_secret()
    }
}

impl Same for Template {
    fn is_same(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl<T: Same> Same for Option<T> {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.is_same(other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl<T: Same> Same for Box<T> {
    fn is_same(&self, other: &Self) -> bool {
        T::is_same(self, other)
    }
}

impl Same for Vec<(String, SecretString)> {
    fn is_same(&self, other: &Self) -> bool {
        let pairs = self.iter().zip(other);
        self.len() == other.len() && pairs.into_iter().all(|(one, other)| one.0 == other.0 && one.1.is_same(&other.1))
    }
}

impl Same for ChannelPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { type_name, kind, to, retry, timeout, redact_sensitive, redact_personal } = self;
        (type_name, to, retry, timeout) == (&other.type_name, &other.to, &other.retry, &other.timeout)
            && (*redact_sensitive, *redact_personal) == (other.redact_sensitive, other.redact_personal)
            && kind.is_same(&other.kind)
    }
}

impl Same for ChannelKind {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Log(one), Self::Log(other)) => one == other,
            (Self::Webhook(one), Self::Webhook(other)) => one.is_same(other),
            (Self::Email(one), Self::Email(other)) => one.is_same(other),
            (Self::Sms(one), Self::Sms(other)) => one.is_same(other),
            (Self::Chat(one), Self::Chat(other)) => one.is_same(other),
            (Self::Bus(one), Self::Bus(other)) => one.is_same(other),
            (one, other) => discriminant(one) == discriminant(other),
        }
    }
}

impl Same for SinkPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { name, filter, kind } = self;
        *name == other.name && *filter == other.filter && kind.is_same(&other.kind)
    }
}

impl Same for SinkKind {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Webhook(one), Self::Webhook(other)) => one.is_same(other),
            (Self::Log(one), Self::Log(other)) => one == other,
            (Self::Bus(one), Self::Bus(other)) => one.is_same(other),
            _ => false,
        }
    }
}

impl Same for WebhookPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { url, policy, headers, secret, max_retries, retry_delay, redact_sensitive, template } = self;
        (url, policy, max_retries, retry_delay) == (&other.url, &other.policy, &other.max_retries, &other.retry_delay)
            && *redact_sensitive == other.redact_sensitive
            && headers.is_same(&other.headers)
            && secret.is_same(&other.secret)
            && template.is_same(&other.template)
    }
}

impl Same for EmailPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { transport, from, template, redact_sensitive } = self;
        let is_same_transport = match (transport, &other.transport) {
            (EmailTransport::Smtp(one), EmailTransport::Smtp(other)) => one.is_same(other),
            (EmailTransport::Folder(one), EmailTransport::Folder(other)) => one == other,
            _ => false,
        };
        is_same_transport
            && (from, redact_sensitive) == (&other.from, &other.redact_sensitive)
            && template.is_same(&other.template)
    }
}

impl Same for SmtpPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { host, port, tls, username, password } = self;
        (host, port, tls, username) == (&other.host, &other.port, &other.tls, &other.username)
            && password.is_same(&other.password)
    }
}

impl Same for SmsPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { provider, max_parts, template, suppressions_file, redact_sensitive, policy } = self;
        let is_same_provider = match (provider, &other.provider) {
            (SmsProvider::Twilio(one), SmsProvider::Twilio(other)) => one.is_same(other),
            (SmsProvider::Gateway(one), SmsProvider::Gateway(other)) => one.is_same(other),
            _ => false,
        };
        is_same_provider
            && (max_parts, suppressions_file, policy) == (&other.max_parts, &other.suppressions_file, &other.policy)
            && *redact_sensitive == other.redact_sensitive
            && template.is_same(&other.template)
    }
}

impl Same for TwilioPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { account_sid, auth_token, sender, status_callback, api_url } = self;
        (account_sid, sender, status_callback, api_url)
            == (&other.account_sid, &other.sender, &other.status_callback, &other.api_url)
            && auth_token.is_same(&other.auth_token)
    }
}

impl Same for GatewayPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { url, headers, body, content } = self;
        (url, content) == (&other.url, &other.content) && headers.is_same(&other.headers) && body.is_same(&other.body)
    }
}

impl Same for ChatPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { service, api_url, template, redact_sensitive, policy } = self;
        service.is_same(&other.service)
            && (api_url, redact_sensitive, policy) == (&other.api_url, &other.redact_sensitive, &other.policy)
            && template.is_same(&other.template)
    }
}

impl Same for ChatTarget {
    fn is_same(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && parts(self) == parts(other)
    }
}

/// What a service is reached by.
fn parts(service: &ChatTarget) -> Vec<Option<&str>> {
    match service {
        ChatTarget::Slack { url }
        | ChatTarget::Discord { url }
        | ChatTarget::Teams { url }
        | ChatTarget::Mattermost { url }
        | ChatTarget::GoogleChat { url } => vec![Some(url.url().as_str())],
        ChatTarget::Telegram { token, chat_id } => vec![Some(token.expose_secret()), chat_id.as_deref()],
        ChatTarget::PagerDuty { routing_key: key } | ChatTarget::Opsgenie { api_key: key } => {
            vec![Some(key.expose_secret())]
        }
        ChatTarget::Ntfy { url, topic, token } => {
            vec![Some(url.url().as_str()), topic.as_deref(), token.as_ref().map(ExposeSecret::expose_secret)]
        }
        ChatTarget::Gotify { url, token } => vec![Some(url.url().as_str()), Some(token.expose_secret())],
        ChatTarget::Pushover { token, user_key } => {
            vec![Some(token.expose_secret()), user_key.as_ref().map(ExposeSecret::expose_secret)]
        }
    }
}

impl Same for BusPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { nats, redact_sensitive } = self;
        *redact_sensitive == other.redact_sensitive && nats.is_same(&other.nats)
    }
}

impl Same for NatsPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { url, topic, login, jetstream } = self;
        let is_same_login = match (login, &other.login) {
            (NatsLogin::Anonymous, NatsLogin::Anonymous) => true,
            (NatsLogin::Token(one), NatsLogin::Token(other)) => one.is_same(other),
            (
                NatsLogin::Password { username, password },
                NatsLogin::Password { username: other, password: other_password },
            ) => username == other && password.is_same(other_password),
            _ => false,
        };
        is_same_login && (url, topic, jetstream) == (&other.url, &other.topic, &other.jetstream)
    }
}

impl Same for RulePlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self {
            name,
            agent,
            condition,
            channels,
            priority,
            cooldown,
            audience,
            title,
            body,
            dedup_key,
            mandatory,
            topic,
        } = self;
        (name, agent, channels, priority) == (&other.name, &other.agent, &other.channels, &other.priority)
            && (cooldown, audience, mandatory, topic)
                == (&other.cooldown, &other.audience, &other.mandatory, &other.topic)
            && condition.source() == other.condition.source()
            && title.is_same(&other.title)
            && body.is_same(&other.body)
            && dedup_key.is_same(&other.dedup_key)
    }
}

impl Same for HeartbeatPlan {
    fn is_same(&self, other: &Self) -> bool {
        let Self { url, every } = self;
        *every == other.every && url.is_same(&other.url)
    }
}
