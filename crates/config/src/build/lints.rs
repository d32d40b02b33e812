//! What would load and work, but could let a person down: a rule that reaches nobody, a critical one that hangs on one channel.

use std::collections::BTreeMap;

use tidings_core::Priority;
use tidings_policy::{SMS_FLOOR, minimum, switch};
use tidings_trigger::AgentPattern;

use crate::{
    plan::{Audience, PreferencesPlan, RulePlan},
    problem::{Findings, Spot},
    raw::File,
    read::{items, value},
};

/// With more users than this nobody's wishes are gone through for a lint.
const MOST_USERS: usize = 1000;

/// What is looked at.
pub(crate) struct Subject<'a> {
    pub(crate) file: &'a File,
    pub(crate) rules: &'a [RulePlan],
    pub(crate) fallbacks: &'a BTreeMap<String, Vec<String>>,
    pub(crate) preferences: &'a PreferencesPlan,
}

/// Tells every lint.
pub(crate) fn tell(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let spots: BTreeMap<&str, &Spot> =
        items(&subject.file.triggers).filter_map(|(rule, spot)| Some((value(&rule.name)?.as_str(), spot))).collect();
    for rule in subject.rules {
        if let Some(spot) = spots.get(rule.name.as_str()) {
            unreachable(rule, spot, subject, findings);
            alone(rule, spot, subject, findings);
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
    let agent = match &rule.agent {
        AgentPattern::Exact(agent) => Some(agent.as_str()),
        _ => None,
    };
    let operator = &preferences.operator;
    let passes = |user| {
        let least = minimum(operator, user, agent, channel);
        switch(operator, user, agent, channel).0 && least.is_none_or(|(least, _)| rule.priority >= least)
    };
    if preferences.users.len() > MOST_USERS {
        return true;
    }
    // A pattern of agents may meet an agent that has a block of its own, so nothing can be said.
    let blocks = |agents: bool| agent.is_none() && agents;
    passes(None)
        || preferences.users.values().any(|user| passes(Some(user)) || blocks(!user.agents.is_empty()))
        || blocks(!operator.agents.is_empty())
}

/// A rule that hangs on one channel which nothing stands in for.
fn alone(rule: &RulePlan, spot: &Spot, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let [channel] = rule.channels.as_slice() else { return };
    let held = subject.fallbacks.get(channel).is_some_and(|list| !list.is_empty());
    if held || matches!(channel.as_str(), "log" | "inbox") && rule.priority < Priority::Critical {
        return;
    }
    let whom = if rule.audience == Audience::Everyone { "every user" } else { "its users" };
    if rule.priority == Priority::Critical {
        let message = format!("critical, with `{channel}` alone: if it fails, {whom} miss it");
        findings.lint(spot, message).help("name a second channel, or a fallback");
    } else {
        findings.lint(spot, format!("`{channel}` has no fallback")).help(format!("fallbacks: {{{channel}: [...]}}"));
    }
}
