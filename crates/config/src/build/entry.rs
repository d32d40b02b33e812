//! One entry under `channels`: its type, the keys that every type has, and whether the rest belongs to it. What the rest means is left to
//! the types.

use std::{ops::RangeInclusive, time::Duration};

use secrecy::ExposeSecret;
use tidings_core::Address;

use crate::{
    address,
    build::{Site, bus, chat, delivery, email, people, sinks, sms, types, webhook},
    plan::{ChannelKind, ChannelPlan},
    problem::{Findings, Spot},
    raw::Channel,
    read::{Given, value},
    suggest::shown,
    values::Span,
};

/// How long one attempt may take at the least and at the most.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);

/// The channel; `None` where something of it is wrong or could not be read.
pub(crate) fn build(
    name: &str,
    channel: &Channel,
    spot: &Spot,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<ChannelPlan> {
    if name.trim().is_empty() || name.trim() != name {
        findings.error(&spot.at_key(), "a channel's name is text without blanks around it");
    }
    let type_name = match &channel.r#type {
        Some(at) => at.value.as_deref()?,
        None => name,
    };
    let Some((type_name, keys)) = types::of(type_name) else {
        unknown_type(type_name, channel, spot, findings);
        return None;
    };
    foreign_keys(channel, type_name, keys, findings);
    let to = receiver(channel, type_name, findings);
    let timeout = timeout(&channel.timeout, findings);
    let retry = channel.retry.as_ref().map(|at| delivery::retry(at, findings));
    let kind = kind(type_name, channel, spot, site, findings)?;
    Some(ChannelPlan {
        type_name: type_name.to_owned(),
        kind,
        to,
        retry,
        timeout,
        redact_sensitive: value(&channel.redact_sensitive).copied().unwrap_or(true),
        redact_personal: value(&channel.redact_personal).copied().unwrap_or(true),
    })
}

fn kind(
    type_name: &str,
    channel: &Channel,
    spot: &Spot,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<ChannelKind> {
    Some(match type_name {
        "webhook" => {
            ChannelKind::Webhook(Box::new(webhook::build(&webhook::Keys::of_channel(channel, spot), site, findings)?))
        }
        "log" => {
            if let Some(at) = &channel.logger_name {
                let message = "a channel writes to the target `tidings.notifications`: `logger_name` is a sink's";
                findings.warn(&at.spot.at_key(), message).help("take it away, or add a sink of type log");
            }
            ChannelKind::Log(sinks::log(&channel.logger_name, &channel.redact_sensitive, findings))
        }
        "push" => ChannelKind::Push,
        "inbox" => ChannelKind::Inbox,
        "email" => ChannelKind::Email(Box::new(email::build(channel, spot, site, findings)?)),
        "sms" => ChannelKind::Sms(Box::new(sms::build(channel, spot, site, findings)?)),
        "bus" => {
            if channel.url.is_none() {
                let help = "give the server; in this process, subscribe to a sink of type bus";
                findings.error(&spot.at_key(), "`url` is missing").help(help);
            }
            ChannelKind::Bus(bus::build(&bus::Keys::of_channel(channel), site, findings)?)
        }
        "callback" => {
            findings.error(&spot.at_key(), "a callback channel can only be given in code");
            return None;
        }
        _ => ChannelKind::Chat(Box::new(chat::build(type_name, channel, spot, site, findings)?)),
    })
}

fn unknown_type(type_name: &str, channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) {
    let types = types::TYPES.map(|(name, _)| name);
    let url = channel.url.as_ref();
    match (&channel.r#type, url) {
        (Some(at), _) => {
            let message = format!("unknown channel type `{}`", shown(type_name));
            let help = findings.did_you_mean(type_name, types);
            findings.error(&at.spot, message).help(help);
        }
        // With variables that are left alone, the address may say what it is.
        (None, Some(at)) if at.value.is_none() => {}
        (None, Some(at)) if at.value.as_ref().is_some_and(|url| address::has_other_scheme(url.0.expose_secret())) => {
            let parsed = at.value.as_ref().map(|url| url.0.expose_secret().parse::<address::Address>());
            if let Some(Err(error)) = parsed {
                findings.error(&at.spot, error.message()).help(error.help());
            }
        }
        (None, _) => {
            let message = format!("`{}` is no channel type, and the channel names none", shown(type_name));
            let help = format!("add `type:`; {}", findings.did_you_mean(type_name, types));
            findings.error(&spot.at_key(), message).help(help);
        }
    }
}

fn foreign_keys(channel: &Channel, type_name: &str, keys: &[&str], findings: &mut Findings<'_>) {
    for (key, spot) in channel.given() {
        if !types::COMMON.contains(&key) && !keys.contains(&key) {
            let all: Vec<&str> = types::COMMON.into_iter().chain(keys.iter().copied()).collect();
            let message = format!("`{key}` does not belong to a channel of type {type_name}");
            findings.error(&spot.at_key(), message).help(format!("it takes {}", all.join(", ")));
        }
    }
}

/// Who gets what is meant for users without an address.
fn receiver(channel: &Channel, type_name: &str, findings: &mut Findings<'_>) -> Option<Address> {
    let at = channel.to.as_ref()?;
    let to = at.value.as_deref()?;
    if let Some(message) = people::wrong_for(type_name, to) {
        findings.error(&at.spot, message);
        return None;
    }
    // Of another type the key is refused already.
    matches!(type_name, "email" | "sms").then(|| Address::new(to))
}

fn timeout(given: &Given<Span>, findings: &mut Findings<'_>) -> Option<Duration> {
    let at = given.as_ref()?;
    let span = at.value?.0;
    if !TIMEOUT.contains(&span) {
        findings.error(&at.spot, "must be from 1s to 5m");
        return None;
    }
    Some(span)
}
