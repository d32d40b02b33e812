//! Channels that rules can name: those of the file, those that need no entry, and those that the program provides.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    build::{Site, entry},
    plan::{ChannelKind, ChannelPlan, LogPlan, PreferencesPlan, RulePlan},
    problem::{Findings, Spot},
    raw::{ChannelEntry, File},
    read::{Given, Named, items, named, value},
    suggest::shown,
};

/// Channels that can be named without an entry.
pub(crate) const BUILT_IN: [&str; 5] = ["push", "email", "sms", "log", "inbox"];

/// Those of them that do nothing without one, and the smallest that makes them work.
const UNSET: [(&str, &str); 2] = [
    ("email", "email: {smtp_host: ..., from: ...}"),
    ("sms", "sms: {provider: twilio, account_sid: ..., auth_token: ..., from: ...}"),
];

/// The smallest entry that makes this channel work, where it does nothing without one.
pub(crate) fn unset(name: &str) -> Option<&'static str> {
    UNSET.into_iter().find(|(unset, _)| *unset == name).map(|(_, smallest)| smallest)
}

/// Every channel that can be named.
#[derive(Debug)]
pub(crate) struct Channels {
    declared: BTreeMap<String, ChannelPlan>,
    /// Declared, but too wrong to be built: naming it is no second mistake.
    broken: BTreeSet<String>,
}

/// The channels of the file and of the program.
pub(crate) fn build(given: &Given<Named<ChannelEntry>>, site: &Site<'_>, findings: &mut Findings<'_>) -> Channels {
    let mut channels = Channels { declared: BTreeMap::new(), broken: BTreeSet::new() };
    for name in site.options.code_channels {
        let plan = ChannelPlan::plain("callback", ChannelKind::Code);
        channels.declared.insert((*name).to_owned(), plan);
    }
    for (name, at) in value(given).into_iter().flat_map(|named| &named.0) {
        if site.options.code_channels.contains(&name.as_str()) {
            findings.error(&at.spot.at_key(), "the program provides a channel of this name").help("rename one of them");
        }
        let built = at.value.as_ref().and_then(|keys| entry::build(name, &keys.keys, &at.spot, site, findings));
        match built {
            Some(plan) => drop(channels.declared.insert(name.clone(), plan)),
            None => drop(channels.broken.insert(name.clone())),
        }
    }
    channels
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
        let built_in = BUILT_IN.into_iter().filter(|name| !self.declared.contains_key(*name));
        let known = self.declared.keys().map(String::as_str).chain(built_in);
        let message = format!("unknown channel `{}`", shown(name));
        let near = findings.did_you_mean(name, known);
        findings.error(spot, message).help(format!("{near}, or declare it under `channels:`"));
        false
    }

    /// The declared channels, and those that rules, fallbacks and digests name without an entry.
    pub(crate) fn into_plan(
        self,
        rules: &[RulePlan],
        fallbacks: &BTreeMap<String, Vec<String>>,
        preferences: &PreferencesPlan,
    ) -> BTreeMap<String, ChannelPlan> {
        let mut plans = self.declared;
        let named = rules.iter().flat_map(|rule| &rule.channels);
        let named = named.chain(fallbacks.values().flatten()).map(String::as_str);
        for name in named.chain(preferences.digest_channels()) {
            if BUILT_IN.contains(&name) && !plans.contains_key(name) {
                let kind = match name {
                    "log" => {
                        ChannelKind::Log(LogPlan { logger_name: "promptise.events".to_owned(), redact_sensitive: true })
                    }
                    "push" => ChannelKind::Push,
                    "inbox" => ChannelKind::Inbox,
                    _ => ChannelKind::Unset,
                };
                plans.insert(name.to_owned(), ChannelPlan::plain(name, kind));
            }
        }
        plans
    }

    /// The channel's type; that of one without an entry is its name.
    pub(crate) fn type_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.declared.get(name).map_or(name, |plan| plan.type_name.as_str())
    }

    /// The channel's plan, where it has an entry that could be read.
    pub(crate) fn declared(&self, name: &str) -> Option<&ChannelPlan> {
        self.declared.get(name)
    }

    /// Whether the file or the program has a channel of this name, even one that is too wrong to be built.
    pub(crate) fn is_written(&self, name: &str) -> bool {
        self.declared.contains_key(name) || self.broken.contains(name)
    }

    /// Warns of each channel that does nothing without an entry and has none, where it is named first.
    pub(crate) fn warn_unset(&self, file: &File, findings: &mut Findings<'_>) {
        let by_rules = items(&file.triggers).flat_map(|(rule, _)| items(&rule.channels));
        let by_fallbacks =
            named(&file.fallbacks).flat_map(|(_, list, _)| list).filter_map(|at| Some((at.value.as_ref()?, &at.spot)));
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (name, spot) in by_rules.chain(by_fallbacks) {
            let Some(smallest) = unset(name) else { continue };
            if self.is_written(name) || !told.insert(name) {
                continue;
            }
            let message = format!("the channel `{name}` is not set up: what goes there is dead, and says so");
            findings.warn(spot, message).help(format!("add `channels: {{{smallest}}}`"));
        }
    }
}
