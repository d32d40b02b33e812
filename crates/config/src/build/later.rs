//! Channel types that are not yet acted on: what can be checked of them already. What all types share is checked by `channels`.

use tidings_http::Policy;

use crate::{
    build::{Site, headers, people, secrets, templates, warn_not_yet, webhook},
    plan::ChannelKind,
    problem::{Findings, Spot},
    raw::Channel,
    read::{Given, value},
};

/// The types that cannot be used without an address.
const WITH_ADDRESS: [&str; 8] = ["webhook", "slack", "discord", "teams", "mattermost", "google_chat", "ntfy", "gotify"];
/// The other keys that a type cannot do without.
const NEEDED: [(&str, &[&str]); 5] = [
    ("telegram", &["token", "chat_id"]),
    ("pagerduty", &["routing_key"]),
    ("opsgenie", &["api_key"]),
    ("gotify", &["token"]),
    ("pushover", &["token", "user_key"]),
];

/// Checks the keys of a channel, and says that it does nothing yet.
pub(crate) fn build(
    type_name: &str,
    channel: &Channel,
    spot: &Spot,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> ChannelKind {
    let private = value(&channel.allow_private_networks).copied().unwrap_or(false);
    let policy = Policy { private, ..site.destinations.clone() };
    if channel.url.is_some() && type_name != "bus" || WITH_ADDRESS.contains(&type_name) {
        drop(webhook::address(&channel.url, spot, &policy, findings));
    }
    drop(templates::of_webhook(&channel.template, findings));
    drop(headers::build(&channel.headers, findings));
    for secret in [&channel.password, &channel.auth_token, &channel.token, &channel.routing_key, &channel.api_key] {
        secrets::lint_inline(secret, findings);
    }
    let needed = NEEDED.iter().filter(|(name, _)| *name == type_name).flat_map(|(_, keys)| *keys);
    need(needed.copied(), channel, spot, findings);
    match type_name {
        "email" => email(channel, findings),
        "sms" => sms(channel, spot, findings),
        _ => {}
    }
    warn_not_yet(spot, findings);
    ChannelKind::Unset
}

/// Tells each key that is not given.
fn need<'a>(keys: impl Iterator<Item = &'a str>, channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) {
    let given: Vec<&str> = channel.given().into_iter().map(|(key, _)| key).collect();
    for key in keys.filter(|key| !given.contains(key)) {
        findings.error(&spot.at_key(), format!("`{key}` is missing"));
    }
}

fn email(channel: &Channel, findings: &mut Findings<'_>) {
    if let Some(at) = channel.smtp_port.as_ref().filter(|at| at.value.is_some_and(|port| !(1..=65535).contains(&port)))
    {
        findings.error(&at.spot, "a port is from 1 to 65535");
    }
    one_of(&channel.tls, &["starttls", "implicit", "none"], findings);
    if let Some(at) = channel.from.as_ref().filter(|at| at.value.as_deref().is_some_and(|from| !is_sender(from))) {
        findings.error(&at.spot, "not a sender: expected name@example.com, or Name <name@example.com>");
    }
}

fn is_sender(from: &str) -> bool {
    let address = from.strip_suffix('>').and_then(|from| from.rsplit_once('<')).map_or(from, |(_, address)| address);
    people::is_mail(address) && !from.chars().any(char::is_control)
}

fn sms(channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) {
    one_of(&channel.provider, &["twilio", "http"], findings);
    match value(&channel.provider).map(String::as_str) {
        Some("twilio") => {
            need(["account_sid", "auth_token"].into_iter(), channel, spot, findings);
            if channel.from.is_none() && channel.messaging_service_sid.is_none() {
                let help = "give the number that sends, or the messaging service";
                findings.error(&spot.at_key(), "`from` and `messaging_service_sid` are missing").help(help);
            }
        }
        Some("http") => need(["url"].into_iter(), channel, spot, findings),
        _ => {}
    }
}

fn one_of(given: &Given<String>, words: &[&str], findings: &mut Findings<'_>) {
    if let Some(at) = given.as_ref().filter(|at| at.value.as_deref().is_some_and(|word| !words.contains(&word))) {
        findings.error(&at.spot, format!("expected one of {}", words.join(", ")));
    }
}
