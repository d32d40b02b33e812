//! A channel as it is written: one flat section for all types, so that a wrong key keeps its place.

use crate::{
    read::{At, Named, raw},
    values::{Secret, Span},
};

raw! {
    /// A channel that rules can name. Which keys it takes depends on its type.
    Channel {
        /// What kind of channel it is. By default its name.
        r#type: String,
        /// webhook, sms and chat channels: the address, `http` or `https`.
        url: Secret,
        /// webhook, sms: headers that are added.
        headers: Named<Secret>,
        /// webhook: the key of the signature.
        secret: Secret,
        /// webhook: a file that holds the secret, relative to this one.
        secret_file: String,
        /// webhook, sms and chat channels: a template that gives the body.
        template: String,
        /// webhook and chat channels: whether private networks and loopback may be reached. Default false.
        allow_private_networks: bool,
        /// Whether secrets and personal data are taken out. Default true.
        redact_sensitive: bool,
        /// log: the tracing target. Default `promptise.events`.
        logger_name: String,
        /// email: the mail server.
        smtp_host: String,
        /// email: its port.
        smtp_port: u64,
        /// email: how the connection is secured: `starttls`, `implicit` or `none`.
        tls: String,
        /// email: the user at the mail server.
        username: String,
        /// email: the password there.
        password: Secret,
        /// email: the sender's address. sms: the sender's number.
        from: String,
        /// email: a folder that gets the messages as files instead.
        folder: String,
        /// sms: `twilio` or `http`.
        provider: String,
        /// sms: the account at Twilio.
        account_sid: String,
        /// sms: the token of that account.
        auth_token: Secret,
        /// sms: the messaging service that sends, instead of a number.
        messaging_service_sid: String,
        /// telegram, ntfy, gotify, pushover: the token.
        token: Secret,
        /// telegram: the chat.
        chat_id: String,
        /// pagerduty: the integration's key.
        routing_key: Secret,
        /// opsgenie: the key.
        api_key: Secret,
        /// ntfy, bus: the topic.
        topic: String,
        /// pushover: the receiver.
        user_key: Secret,
        /// The waits before each retry. By default those of `delivery.retry`.
        retry: Vec<At<Span>>,
        /// The longest that one attempt may take. Default 15 s.
        timeout: Span,
    }
}
