//! Rules: each by itself, and what they name elsewhere in the file. What a condition means is the trigger crate's business.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tidings_core::Priority;
use tidings_trigger::{AgentPattern, Condition, Diagnostic, Level};

use crate::{
    build::{channels::Channels, people::People, templates},
    inside,
    plan::{Audience, Recipient, RulePlan},
    problem::{Findings, ProblemSeverity, Spot},
    raw::Rule,
    read::{At, Given, items, value},
    suggest::shown,
    values::OneOrMany,
};

/// The word for the event's own user.
const OF_EVENT: &str = "$event";

/// What a rule can name elsewhere in the file.
pub(crate) struct Around<'a> {
    pub(crate) channels: &'a Channels,
    pub(crate) users: &'a People,
}

/// The rules in the file's order.
pub(crate) fn build(given: &Given<Vec<At<Rule>>>, around: &Around<'_>, findings: &mut Findings<'_>) -> Vec<RulePlan> {
    let mut names: HashMap<String, usize> = HashMap::new();
    items(given).filter_map(|(rule, spot)| one(rule, spot, &mut names, around, findings)).collect()
}

fn one(
    rule: &Rule,
    spot: &Spot,
    names: &mut HashMap<String, usize>,
    around: &Around<'_>,
    findings: &mut Findings<'_>,
) -> Option<RulePlan> {
    let name = name(&rule.name, spot, names, findings);
    let agent = agent(&rule.agent_id, findings);
    let condition = condition(&rule.condition, spot, findings);
    let channels = channels(&rule.channels, spot, around.channels, findings);
    let audience = audience(&rule.user_ids, spot, around.users, findings);
    let title = templates::of_rule(&rule.title, findings);
    let body = templates::of_rule(&rule.body, findings);
    let dedup_key = templates::of_rule(&rule.dedup_key, findings);
    Some(RulePlan {
        name: name?,
        agent,
        condition: condition?,
        channels: channels?,
        priority: value(&rule.priority).map_or(Priority::Medium, |name| name.0),
        cooldown: value(&rule.cooldown_seconds).map_or(Duration::from_secs(300), |span| span.0),
        audience: audience?,
        title,
        body,
        dedup_key,
        mandatory: value(&rule.mandatory).copied().unwrap_or(false),
        topic: value(&rule.topic).cloned(),
    })
}

/// The value of a required key; tells where it is left out.
pub(crate) fn required<'a, T>(
    given: &'a Given<T>,
    key: &str,
    help: &str,
    spot: &Spot,
    findings: &mut Findings<'_>,
) -> Option<(&'a T, &'a Spot)> {
    match given {
        None => {
            findings.error(spot, format!("`{key}` is missing")).help(help);
            None
        }
        Some(at) => Some((at.value.as_ref()?, &at.spot)),
    }
}

fn name(
    given: &Given<String>,
    spot: &Spot,
    names: &mut HashMap<String, usize>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let (name, spot) = required(given, "name", "give each rule a name of its own", spot, findings)?;
    own_name("rule", (name, spot), names, findings)
}

/// The name of a rule or the like, where it is one line and no other one's; `names` holds the line of each.
pub(crate) fn own_name(
    what: &str,
    (name, spot): (&str, &Spot),
    names: &mut HashMap<String, usize>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        findings.error(spot, format!("a {what}'s name is one line of text"));
        return None;
    }
    if let Some(line) = names.insert(name.to_owned(), spot.value.line) {
        let message = format!("the {what} in line {line} is called `{}` too", shown(name));
        findings.error(spot, message).help("rename one of them");
    }
    Some(name.to_owned())
}

fn agent(given: &Given<String>, findings: &mut Findings<'_>) -> AgentPattern {
    let Some((at, pattern)) = given.as_ref().and_then(|at| Some((at, at.value.as_ref()?))) else {
        return AgentPattern::Any;
    };
    if pattern.trim().is_empty() || pattern.trim() != pattern || pattern.chars().any(char::is_control) {
        findings.error(&at.spot, "not an agent: expected its id, `*`, or a glob").help("leave it out for every agent");
    }
    pattern.parse().unwrap_or(AgentPattern::Any)
}

fn condition(given: &Given<String>, spot: &Spot, findings: &mut Findings<'_>) -> Option<Condition> {
    let help = "say when the rule fires: error_rate > 0.05";
    let (source, _) = required(given, "condition", help, spot, findings)?;
    let at = given.as_ref()?;
    match Condition::compile(source) {
        Ok(condition) => {
            tell(condition.warnings(), at, source, findings);
            Some(condition)
        }
        Err(diagnostics) => {
            tell(&diagnostics, at, source, findings);
            None
        }
    }
}

/// Tells what is wrong inside a condition, at its place in the file where that can be followed.
fn tell(diagnostics: &[Diagnostic], at: &At<String>, source: &str, findings: &mut Findings<'_>) {
    for diagnostic in diagnostics {
        let start = diagnostic.span.start;
        let spot = if at.literal { inside::spot(findings, &at.spot, source, start) } else { at.spot.clone() };
        let severity = match diagnostic.severity {
            Level::Error => ProblemSeverity::Error,
            Level::Warning => ProblemSeverity::Warning,
        };
        let problem = findings.add(severity, &spot, diagnostic.label.clone());
        if let Some(help) = &diagnostic.help {
            problem.help(help.clone());
        }
    }
}

fn channels(
    given: &Given<Vec<At<String>>>,
    spot: &Spot,
    known: &Channels,
    findings: &mut Findings<'_>,
) -> Option<Vec<String>> {
    let (list, list_spot) = required(given, "channels", "name at least one: [email]", spot, findings)?;
    if list.is_empty() {
        findings.error(list_spot, "the list is empty: nobody would be told").help("name at least one channel");
        return None;
    }
    let (mut channels, mut seen) = (Vec::new(), HashSet::new());
    for (name, spot) in items(given) {
        if !known.check(name, spot, findings) {
            continue;
        }
        if !seen.insert(name) {
            findings.warn(spot, format!("`{}` is named twice", shown(name)));
            continue;
        }
        channels.push(name.clone());
    }
    (!channels.is_empty()).then_some(channels)
}

fn audience(given: &Given<OneOrMany>, spot: &Spot, users: &People, findings: &mut Findings<'_>) -> Option<Audience> {
    let Some(at) = given else {
        if users.is_empty() {
            let help = "declare `users:`, name `user_ids`, or write `user_ids: $event`";
            findings.error(spot, "nobody would be told: no `user_ids`, and no users are declared").help(help);
        }
        return Some(Audience::Everyone);
    };
    match at.value.as_ref()? {
        OneOrMany::One(word) if word == OF_EVENT => Some(Audience::Only(vec![Recipient::OfEvent])),
        OneOrMany::One(_) => {
            findings.error(&at.spot, "expected a list of user ids, or $event").help("put the id in brackets: [id]");
            None
        }
        OneOrMany::Many(list) if list.is_empty() => {
            findings.error(&at.spot, "the list is empty: nobody would be told").help("leave it out for every user");
            None
        }
        OneOrMany::Many(list) => recipients(list, users, findings).map(Audience::Only),
    }
}

fn recipients(list: &[At<String>], users: &People, findings: &mut Findings<'_>) -> Option<Vec<Recipient>> {
    let (mut recipients, mut seen) = (Vec::new(), HashSet::new());
    for at in list {
        let id = at.value.as_ref()?;
        if !seen.insert(id) {
            findings.warn(&at.spot, format!("`{}` is named twice", shown(id)));
            continue;
        }
        let recipient = if id == OF_EVENT { Recipient::OfEvent } else { Recipient::User(id.clone()) };
        if id.trim().is_empty() || id.chars().any(char::is_control) {
            findings.error(&at.spot, "not a user's id");
        } else if recipient != Recipient::OfEvent
            && let Some(help) = users.unknown(id, findings)
        {
            findings.error(&at.spot, format!("unknown user `{}`", shown(id))).help(help);
        }
        recipients.push(recipient);
    }
    Some(recipients)
}
