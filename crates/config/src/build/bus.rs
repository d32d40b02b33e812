//! An event bus, as a sink or as a channel: in this process, or a NATS server. The server comes from the process's own config, so its
//! host is not judged; its scheme is.

use secrecy::ExposeSecret;

use crate::{
    build::{Site, keys, secrets, secrets::SecretKey},
    host,
    plan::{BusPlan, NatsLogin, NatsPlan},
    problem::{Findings, Spot},
    raw::{Channel, Sink},
    read::{At, Given, value},
    values::Secret,
};

/// What subjects begin with, by default.
const TOPIC: &str = "tidings";
/// The keys that mean nothing without a server.
const OF_SERVER: [&str; 7] = ["topic", "username", "password", "password_file", "token", "token_file", "jetstream"];

/// The keys of a bus, wherever they are written.
pub(crate) struct Keys<'a> {
    url: &'a Given<Secret>,
    topic: &'a Given<String>,
    username: &'a Given<String>,
    password: SecretKey<'a>,
    token: SecretKey<'a>,
    jetstream: &'a Given<bool>,
    redact: &'a Given<bool>,
    given: Vec<(&'static str, &'a Spot)>,
}

/// The keys of a sink or of a channel, which are called the same.
macro_rules! keys_of {
    ($name:ident, $raw:ty) => {
        pub(crate) fn $name(raw: &'a $raw) -> Self {
            Self {
                url: &raw.url,
                topic: &raw.topic,
                username: &raw.username,
                password: SecretKey { name: "password", inline: &raw.password, file: Some(&raw.password_file) },
                token: SecretKey { name: "token", inline: &raw.token, file: Some(&raw.token_file) },
                jetstream: &raw.jetstream,
                redact: &raw.redact_sensitive,
                given: raw.given(),
            }
        }
    };
}

impl<'a> Keys<'a> {
    keys_of!(of_sink, Sink);
    keys_of!(of_channel, Channel);
}

/// The bus; `None` where something of it is wrong or could not be read.
pub(crate) fn build(keys: &Keys<'_>, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<BusPlan> {
    let redact_sensitive = value(keys.redact).copied().unwrap_or(true);
    let Some(at) = keys.url else {
        for (key, spot) in keys.given.iter().filter(|(key, _)| OF_SERVER.contains(key)) {
            findings.error(&spot.at_key(), format!("`{key}` is a server's, and `url` is missing"));
        }
        return Some(BusPlan { nats: None, redact_sensitive });
    };
    let url = address(at, findings);
    let topic = topic(keys.topic, findings);
    let login = login(keys, site, findings);
    let jetstream = value(keys.jetstream).copied().unwrap_or(false);
    let nats = NatsPlan { url: url?, topic: topic?, login: login?, jetstream };
    Some(BusPlan { nats: Some(Box::new(nats)), redact_sensitive })
}

/// `nats://host:port` or `tls://host:port`.
fn address(at: &At<Secret>, findings: &mut Findings<'_>) -> Option<String> {
    let url = at.value.as_ref()?.0.expose_secret();
    let rest = url.strip_prefix("nats://").or_else(|| url.strip_prefix("tls://"));
    let Some(rest) = rest else {
        findings.error(&at.spot, "not the address of a bus: expected nats://host:4222, or tls://host:4222");
        return None;
    };
    if rest.contains('@') {
        let help = "put them into `username` and `password`, or `token`";
        findings.error(&at.spot, "the address holds a user or a token").help(help);
        return None;
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if host::host_and_port(rest).is_none() {
        findings.error(&at.spot, "not the address of a bus: behind the scheme stand host and port alone");
        return None;
    }
    Some(url.to_owned())
}

fn topic(given: &Given<String>, findings: &mut Findings<'_>) -> Option<String> {
    let Some(at) = given else { return Some(TOPIC.to_owned()) };
    let topic = at.value.as_ref()?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '*' && c != '>';
    if topic.len() <= 128 && topic.split('.').all(|word| !word.is_empty() && word.chars().all(plain)) {
        return Some(topic.clone());
    }
    findings.error(&at.spot, "not a topic: expected words joined by dots, without blanks, `*` and `>`");
    None
}

fn login(keys: &Keys<'_>, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<NatsLogin> {
    let username = keys::text(keys.username, findings);
    let password = secrets::optional(&keys.password, site, findings);
    let token = secrets::optional(&keys.token, site, findings);
    let spot = keys.url.as_ref().map(|at| &at.spot)?;
    match (keys.username.is_some(), keys.password.is_given(), keys.token.is_given()) {
        (false, false, false) => Some(NatsLogin::Anonymous),
        (false, false, true) => token?.map(NatsLogin::Token),
        (true, true, false) => Some(NatsLogin::Password { username: username??, password: password?? }),
        (_, _, true) => {
            findings.error(spot, "a token and a user are both given").help("keep one of them");
            None
        }
        (named, _, _) => {
            let key = if named { "password" } else { "username" };
            findings.error(spot, format!("`{key}` is missing")).help("a user has a name and a password");
            None
        }
    }
}
