//! Channels that rules can name: those of the file, those that need no entry, and those that the program provides.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    build::{Site, later, sinks, warn_not_yet, webhook},
    plan::{ChannelKind, ChannelPlan, LogPlan, RulePlan},
    problem::{Findings, Spot},
    raw::Channel,
    read::{Given, Named, value},
    suggest::shown,
};

/// Channels that need no entry.
pub(crate) const BUILT_IN: [&str; 5] = ["push", "email", "sms", "log", "inbox"];

/// The keys of every channel.
const COMMON: [&str; 4] = ["type", "redact_sensitive", "retry", "timeout"];
/// What a chat service takes.
const CHAT: &[&str] = &["url", "template", "allow_private_networks"];
/// The types, and the keys that each takes beyond the common ones.
const TYPES: [(&str, &[&str]); 19] = [
    ("push", &[]),
    ("inbox", &[]),
    ("log", &["logger_name"]),
    ("webhook", &["url", "headers", "secret", "secret_file", "template", "allow_private_networks"]),
    ("email", &["smtp_host", "smtp_port", "tls", "username", "password", "from", "folder", "template"]),
    (
        "sms",
        &[
            "provider",
            "account_sid",
            "auth_token",
            "messaging_service_sid",
            "from",
            "url",
            "headers",
            "template",
            "allow_private_networks",
        ],
    ),
    ("bus", &["url", "topic"]),
    ("slack", CHAT),
    ("discord", CHAT),
    ("teams", CHAT),
    ("mattermost", CHAT),
    ("google_chat", CHAT),
    ("telegram", &["token", "chat_id", "template"]),
    ("pagerduty", &["routing_key"]),
    ("opsgenie", &["api_key"]),
    ("ntfy", &["url", "topic", "token", "allow_private_networks"]),
    ("gotify", &["url", "token", "allow_private_networks"]),
    ("pushover", &["token", "user_key"]),
    ("callback", &[]),
];

/// Every channel that can be named.
#[derive(Debug)]
pub(crate) struct Channels {
    declared: BTreeMap<String, ChannelPlan>,
    /// Declared, but too wrong to be built: naming it is no second mistake.
    broken: BTreeSet<String>,
}

/// The channels of the file and of the program.
pub(crate) fn build(given: &Given<Named<Channel>>, site: &Site<'_>, findings: &mut Findings<'_>) -> Channels {
    let mut channels = Channels { declared: BTreeMap::new(), broken: BTreeSet::new() };
    for name in site.options.code_channels {
        let plan = ChannelPlan::plain("callback", ChannelKind::Code);
        channels.declared.insert((*name).to_owned(), plan);
    }
    for (name, at) in value(given).into_iter().flat_map(|named| &named.0) {
        if site.options.code_channels.contains(&name.as_str()) {
            findings.error(&at.spot.at_key(), "the program provides a channel of this name").help("rename one of them");
        }
        let built = at.value.as_ref().and_then(|channel| one(name, channel, &at.spot, site, findings));
        match built {
            Some(plan) => drop(channels.declared.insert(name.clone(), plan)),
            None => drop(channels.broken.insert(name.clone())),
        }
    }
    channels
}

fn one(
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
    let Some((type_name, keys)) = TYPES.into_iter().find(|(known, _)| *known == type_name) else {
        unknown_type(type_name, channel, spot, findings);
        return None;
    };
    foreign_keys(channel, type_name, keys, findings);
    let kind = match type_name {
        "webhook" => {
            warn_keys(channel, findings);
            ChannelKind::Webhook(Box::new(webhook::build(&webhook::Keys::of_channel(channel, spot), site, findings)?))
        }
        "log" => {
            warn_keys(channel, findings);
            ChannelKind::Log(sinks::log(&channel.logger_name, &channel.redact_sensitive, findings))
        }
        "callback" => {
            findings.error(&spot.at_key(), "a callback channel can only be given in code");
            return None;
        }
        _ => later::build(type_name, channel, spot, site, findings),
    };
    Some(ChannelPlan::plain(type_name, kind))
}

fn unknown_type(type_name: &str, channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) {
    let types = TYPES.map(|(name, _)| name);
    match &channel.r#type {
        Some(at) => {
            let message = format!("unknown channel type `{}`", shown(type_name));
            let help = findings.did_you_mean(type_name, types);
            findings.error(&at.spot, message).help(help);
        }
        None => {
            let message = format!("`{}` is no channel type, and the channel names none", shown(type_name));
            let help = format!("add `type:`; {}", findings.did_you_mean(type_name, types));
            findings.error(&spot.at_key(), message).help(help);
        }
    }
}

fn foreign_keys(channel: &Channel, type_name: &str, keys: &[&str], findings: &mut Findings<'_>) {
    for (key, spot) in channel.given() {
        if !COMMON.contains(&key) && !keys.contains(&key) {
            let all: Vec<&str> = COMMON.into_iter().chain(keys.iter().copied()).collect();
            let message = format!("`{key}` does not belong to a channel of type {type_name}");
            findings.error(&spot.at_key(), message).help(format!("it takes {}", all.join(", ")));
        }
    }
}

/// Warns of keys that a channel which works does not act on yet.
fn warn_keys(channel: &Channel, findings: &mut Findings<'_>) {
    let spots = [channel.retry.as_ref().map(|at| &at.spot), channel.timeout.as_ref().map(|at| &at.spot)];
    spots.into_iter().flatten().for_each(|spot| warn_not_yet(spot, findings));
}

impl Channels {
    /// Whether a rule, a preference or a fallback may name it.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.declared.contains_key(name) || BUILT_IN.contains(&name) || self.broken.contains(name)
    }

    /// Tells a name that is not known.
    pub(crate) fn check(&self, name: &str, spot: &Spot, findings: &mut Findings<'_>) -> bool {
        if self.knows(name) {
            return true;
        }
        let known = self.declared.keys().map(String::as_str).chain(BUILT_IN);
        let message = format!("unknown channel `{}`", shown(name));
        let near = findings.did_you_mean(name, known);
        findings.error(spot, message).help(format!("{near}, or declare it under `channels:`"));
        false
    }

    /// The declared channels, and those that rules name without an entry.
    pub(crate) fn into_plan(
        self,
        rules: &[RulePlan],
        fallbacks: &BTreeMap<String, Vec<String>>,
    ) -> BTreeMap<String, ChannelPlan> {
        let mut plans = self.declared;
        let named = rules.iter().flat_map(|rule| &rule.channels);
        for name in named.chain(fallbacks.values().flatten()) {
            if BUILT_IN.contains(&name.as_str()) && !plans.contains_key(name) {
                let kind = match name.as_str() {
                    "log" => {
                        ChannelKind::Log(LogPlan { logger_name: "promptise.events".to_owned(), redact_sensitive: true })
                    }
                    _ => ChannelKind::Unset,
                };
                plans.insert(name.clone(), ChannelPlan::plain(name, kind));
            }
        }
        plans
    }

    /// The channel's type; that of one without an entry is its name.
    pub(crate) fn type_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.declared.get(name).map_or(name, |plan| plan.type_name.as_str())
    }

    /// Whether the channel has no entry and does nothing yet. An entry is warned of where it stands.
    pub(crate) fn is_idle(&self, name: &str) -> bool {
        let declared = self.declared.contains_key(name) || self.broken.contains(name);
        !declared && BUILT_IN.contains(&name) && name != "log"
    }
}
