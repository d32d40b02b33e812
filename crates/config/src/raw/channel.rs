//! A channel as it is written: one flat section for all types, so that a wrong key keeps its place; or one address alone.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    address::{self, Address},
    problem::Spot,
    read::{At, Named, Read, Reader, raw},
    tree::{Node, Value},
    values::{OneOrSpans, Secret, Span},
};

/// An entry under `channels`.
#[derive(Debug, Default)]
pub(crate) struct ChannelEntry {
    /// The keys; of an address alone, the address as `url`.
    pub(crate) keys: Channel,
}

fn is_address(url: &Secret) -> bool {
    address::has_known_scheme(url.0.expose_secret())
}

impl Read for ChannelEntry {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        let mut keys = match &node.value {
            Value::Text(_) => Channel { url: Some(At::node(node, spot.clone(), reader)), ..Channel::default() },
            _ => Channel::read(node, spot, reader)?,
        };
        let bare = matches!(node.value, Value::Text(_));
        let read = match keys.url.take_if(|at| at.value.as_ref().is_some_and(|url| bare || is_address(url))) {
            Some(at) => keys.fill(&at, reader),
            None => Some(()),
        };
        read.map(|()| Self { keys })
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::default())
    }
}

raw! {
    /// A channel that rules can name. Which keys it takes depends on its type.
    Channel {
        /// What kind of channel it is. By default what the address in `url` tells, else its name.
        r#type: String,
        /// webhook, sms by http, slack, discord, teams, mattermost, google_chat, ntfy, gotify: the address, `http` or `https`. twilio,
        /// telegram, pagerduty, opsgenie, pushover: another base than the service's own. bus: the server, `nats` or `tls`. Without
        /// a type: an address that says everything, as `slack://…`.
        url: Secret,
        /// webhook, sms: headers that are added.
        headers: Named<Secret>,
        /// webhook: the key of the signature.
        secret: Secret,
        /// webhook: a file that holds the secret, relative to this one.
        secret_file: String,
        /// webhook, sms by http: a template that gives the body. email, twilio and chat channels: one that gives the text.
        template: String,
        /// webhook, sms and chat channels: whether private networks and loopback may be reached. Default false.
        allow_private_networks: bool,
        /// Whether secrets are taken out. Default true.
        redact_sensitive: bool,
        /// Whether personal data are taken out too, where secrets are. Default true.
        redact_personal: bool,
        /// log: the tracing target. Default `promptise.events`.
        logger_name: String,
        /// email: the mail server.
        smtp_host: String,
        /// email: its port.
        smtp_port: u64,
        /// email: how the connection is secured: `starttls`, `implicit` or `none`.
        tls: String,
        /// email, bus: the user at the server. email: with a password, by default the address in `from`.
        username: String,
        /// email, bus: the password there.
        password: Secret,
        /// email, bus: a file that holds the password, relative to this one.
        password_file: String,
        /// email: the sender's address. sms: the sender's number.
        from: String,
        /// email, sms: who gets what is meant for users without an address. By default nobody.
        to: String,
        /// email: a folder that gets the messages as files instead.
        folder: String,
        /// sms: `twilio` or `http`.
        provider: String,
        /// sms: the account at Twilio.
        account_sid: String,
        /// sms: the token of that account.
        auth_token: Secret,
        /// sms: a file that holds that token, relative to this one.
        auth_token_file: String,
        /// sms: the messaging service that sends, instead of a number.
        messaging_service_sid: String,
        /// sms: where Twilio tells what became of a message.
        status_callback: Secret,
        /// sms: the most parts of one message, 1 to 10. Default 2.
        max_parts: u64,
        /// sms: the file of the numbers that said STOP. By default one beside the store; without a store they are forgotten at the end
        /// of the process. Channels of several files honour all of them.
        suppressions_file: String,
        /// telegram, ntfy, gotify, pushover, bus: the token.
        token: Secret,
        /// telegram, ntfy, gotify, pushover, bus: a file that holds the token, relative to this one.
        token_file: String,
        /// telegram: the chat. Left out: each user's own address on the channel.
        chat_id: String,
        /// pagerduty: the integration's key.
        routing_key: Secret,
        /// opsgenie: the key.
        api_key: Secret,
        /// ntfy: the topic; left out: each user's own address on the channel. bus: what the subjects begin with, by default `tidings`.
        topic: String,
        /// bus: whether the server must have stored a message before it counts. Default false.
        jetstream: bool,
        /// pushover: the receiver. Left out: each user's own address on the channel.
        user_key: Secret,
        /// The waits before each retry, or `long`. By default those of `delivery.retry`.
        retry: OneOrSpans,
        /// The longest that one attempt may take, 1 s to 5 min. Default 15 s.
        timeout: Span,
    }
}

impl Channel {
    /// Puts in the keys that an address stands for. One that is given beside it is told: which of them counts would be a guess.
    fn fill(&mut self, at: &At<Secret>, reader: &mut Reader<'_>) -> Option<()> {
        let address: Address = match at.value.as_ref()?.0.expose_secret().parse() {
            Ok(address) => address,
            Err(error) => {
                let error: address::AddressError = error;
                reader.findings.error(&at.spot, error.message()).help(error.help());
                return None;
            }
        };
        for key in address.keys() {
            if let Some((_, spot)) = self.given().into_iter().find(|(given, _)| *given == key) {
                let spot = spot.at_key();
                reader.findings.error(&spot, format!("`{key}` stands in the address already")).help("keep one of them");
            }
        }
        self.check_type(&address, reader)?;
        self.r#type = Some(At { value: Some(address.type_name().to_owned()), spot: at.spot.clone(), literal: true });
        let Address { keys, headers, .. } = address;
        for (key, text) in keys {
            self.put(key, text, at);
        }
        if !headers.is_empty() {
            let header = |(name, value)| (name, at_same(at, Secret(value)));
            self.headers = Some(at_same(at, Named(headers.into_iter().map(header).collect())));
        }
        Some(())
    }

    fn check_type(&self, address: &Address, reader: &mut Reader<'_>) -> Option<()> {
        let Some(given) = &self.r#type else { return Some(()) };
        if given.value.as_deref()? == address.type_name() {
            return Some(());
        }
        let message = format!("the address is one of type {}", address.type_name());
        reader.findings.error(&given.spot, message).help("take `type` away");
        None
    }

    /// Only what an address can say has a place here.
    fn put(&mut self, key: &str, text: SecretString, at: &At<Secret>) {
        let secret = match key {
            "url" => &mut self.url,
            "token" => &mut self.token,
            "routing_key" => &mut self.routing_key,
            "api_key" => &mut self.api_key,
            "user_key" => &mut self.user_key,
            "password" => &mut self.password,
            "auth_token" => &mut self.auth_token,
            _ => return self.put_plain(key, text.expose_secret(), at),
        };
        *secret = Some(at_same(at, Secret(text)));
    }

    fn put_plain(&mut self, key: &str, text: &str, at: &At<Secret>) {
        let plain = match key {
            "smtp_port" => {
                self.smtp_port = text.parse().ok().map(|port| at_same(at, port));
                return;
            }
            "smtp_host" => &mut self.smtp_host,
            "tls" => &mut self.tls,
            "username" => &mut self.username,
            "from" => &mut self.from,
            "to" => &mut self.to,
            "chat_id" => &mut self.chat_id,
            "topic" => &mut self.topic,
            "provider" => &mut self.provider,
            "account_sid" => &mut self.account_sid,
            "messaging_service_sid" => &mut self.messaging_service_sid,
            _ => return,
        };
        *plain = Some(at_same(at, text.to_owned()));
    }
}

/// A value that came out of another one, at its place.
fn at_same<T>(at: &At<Secret>, value: T) -> At<T> {
    At { spot: at.spot.clone(), value: Some(value), literal: at.literal }
}
