//! What would load and work, but could let a person down: a rule that reaches nobody, a critical one that hangs on one channel.

use std::collections::BTreeMap;

use tidings_core::Priority;
use tidings_policy::{Preferences, SMS_FLOOR, minimum, switch};
use tidings_trigger::AgentPattern;

use crate::{
    build::channels::Channels,
    plan::{Audience, PreferencesPlan, Recipient, RulePlan, UserPlan},
    problem::{Findings, Spot},
    raw::{File, Rule},
    read::{items, value},
    suggest::shown,
    tree::join,
};

/// With more users than this nobody's wishes are gone through for a lint.
const MOST_USERS: usize = 1000;
/// With more pairs of a rule and a user than this no missing address is looked for.
pub(crate) const MOST_PAIRS: usize = 1_000_000;
/// So many of those who cannot be reached are named.
const MOST_NAMED: usize = 3;
/// The types of channels that need an address of the user, and the key that gives it.
pub(crate) const BY_ADDRESS: [(&str, &str); 2] = [("email", "email"), ("sms", "phone")];

/// What is looked at.
pub(crate) struct Subject<'a> {
    pub(crate) file: &'a File,
    pub(crate) rules: &'a [RulePlan],
    pub(crate) channels: &'a Channels,
    pub(crate) users: &'a BTreeMap<String, UserPlan>,
    pub(crate) fallbacks: &'a BTreeMap<String, Vec<String>>,
    pub(crate) preferences: &'a PreferencesPlan,
}

/// Tells every lint.
pub(crate) fn tell(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let written: BTreeMap<&str, (&Rule, &Spot)> = items(&subject.file.triggers)
        .filter_map(|(rule, spot)| Some((value(&rule.name)?.as_str(), (rule, spot))))
        .collect();
    for rule in subject.rules {
        if let Some((raw, spot)) = written.get(rule.name.as_str()) {
            unreachable(rule, spot, subject, findings);
            alone(rule, spot, subject, findings);
            unaddressed(rule, raw, subject, findings);
        }
    }
}

/// A rule of which the operator's preferences mute every channel, and no user says otherwise.
fn unreachable(rule: &RulePlan, spot: &Spot, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let reaches = |channel: &String| rule.mandatory || reaches(rule, channel, subject.preferences);
    if rule.channels.iter().any(reaches) {
        return;
    }
    let sms_alone = rule.channels.iter().all(|channel| channel == "sms") && rule.priority < SMS_FLOOR;
    let help = match sms_alone {
        true => "sms is for priority high and critical; set `min_priority: {sms: ...}` or raise the priority",
        false => "switch one of its channels on, or make the rule `mandatory: true`",
    };
    findings.lint(spot, "the rule reaches nobody: preferences mute all of its channels").help(help);
}

fn reaches(rule: &RulePlan, channel: &str, preferences: &PreferencesPlan) -> bool {
    let agent = agent_of(rule);
    let operator = &preferences.operator;
    let passes = |user| passes(rule, channel, operator, user);
    if preferences.users.len() > MOST_USERS {
        return true;
    }
    // A pattern of agents may meet an agent that has a block of its own, so nothing can be said.
    let blocks = |agents: bool| agent.is_none() && agents;
    passes(None)
        || preferences.users.values().any(|user| passes(Some(user)) || blocks(!user.agents.is_empty()))
        || blocks(!operator.agents.is_empty())
}

fn agent_of(rule: &RulePlan) -> Option<&str> {
    match &rule.agent {
        AgentPattern::Exact(agent) => Some(agent.as_str()),
        _ => None,
    }
}

fn passes(rule: &RulePlan, channel: &str, operator: &Preferences, user: Option<&Preferences>) -> bool {
    let agent = agent_of(rule);
    let least = minimum(operator, user, agent, channel);
    switch(operator, user, agent, channel).0 && least.is_none_or(|(least, _)| rule.priority >= least)
}

/// Users whom a channel of the rule does not find, told once for each channel.
fn unaddressed(rule: &RulePlan, raw: &Rule, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.rules.len().saturating_mul(subject.users.len()) > MOST_PAIRS {
        return;
    }
    for (channel, spot) in items(&raw.channels) {
        let type_name = subject.channels.type_name(channel);
        let Some((_, key)) = BY_ADDRESS.into_iter().find(|(by_address, _)| *by_address == type_name) else { continue };
        let lost: Vec<&str> = told(rule, subject).filter(|user| subject.loses(rule, channel, user)).collect();
        let Some(first) = lost.first() else { continue };
        let message = format!("`{}` has no address for {}", shown(channel), listed(&lost));
        findings.lint(spot, message).help(format!("give `{}`", join(&join("users", first), key)));
    }
}

/// The first users by name, and how many more there are.
pub(crate) fn listed(users: &[&str]) -> String {
    let names: Vec<String> = users.iter().take(MOST_NAMED).map(|user| format!("`{}`", shown(user))).collect();
    let more = users.len().checked_sub(MOST_NAMED).filter(|more| *more > 0);
    names.join(", ") + &more.map(|more| format!(" and {more} more")).unwrap_or_default()
}

/// The users whom the rule names, or every one.
fn told<'a>(rule: &'a RulePlan, subject: &Subject<'a>) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    match &rule.audience {
        Audience::Everyone => Box::new(subject.users.keys().map(String::as_str)),
        Audience::Only(recipients) => Box::new(recipients.iter().filter_map(|recipient| match recipient {
            Recipient::User(id) => Some(id.as_str()),
            Recipient::OfEvent => None,
        })),
    }
}

impl Subject<'_> {
    /// Whether the channel needs no address of the user, or has one.
    pub(crate) fn finds(&self, channel: &str, user: &str) -> bool {
        let type_name = self.channels.type_name(channel);
        let needs = BY_ADDRESS.iter().any(|(by_address, _)| *by_address == type_name);
        let has_own = self.channels.declared(channel).is_some_and(|plan| plan.to.is_some());
        !needs || has_own || self.users.get(user).is_some_and(|plan| plan.address(channel, type_name).is_some())
    }

    /// Whether the rule's message does not reach this user, who wants it on the channel: no address, and no fallback either.
    fn loses(&self, rule: &RulePlan, channel: &str, user: &str) -> bool {
        let finds = |channel: &str| self.finds(channel, user);
        let held = || self.fallbacks.get(channel).is_some_and(|list| list.iter().any(|to| finds(to)));
        let wants = || {
            let own = self.preferences.users.get(user);
            rule.mandatory || passes(rule, channel, &self.preferences.operator, own)
        };
        !finds(channel) && wants() && !held()
    }
}

/// A rule that hangs on one channel which nothing stands in for.
fn alone(rule: &RulePlan, spot: &Spot, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let [channel] = rule.channels.as_slice() else { return };
    let held = subject.fallbacks.get(channel).is_some_and(|list| !list.is_empty());
    if held || matches!(channel.as_str(), "log" | "inbox") && rule.priority < Priority::Critical {
        return;
    }
    let whom = if rule.audience == Audience::Everyone { "every user misses it" } else { "its users miss it" };
    if rule.priority == Priority::Critical {
        let message = format!("critical, with `{channel}` alone: if it fails, {whom}");
        findings.lint(spot, message).help("name a second channel, or a fallback");
    } else {
        findings
            .lint(spot, format!("`{channel}` has no fallback"))
            .help(format!("add `fallbacks: {{{channel}: [...]}}`"));
    }
}
