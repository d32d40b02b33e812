//! Sinks: which type takes which keys, and what they want of the events.

use std::collections::HashMap;

use tidings_core::taxonomy::EVENT_TYPES;
use tidings_policy::{EventFilter, EventPattern};

use crate::{
    build::{Site, bus, webhook},
    plan::{LogPlan, SinkKind, SinkPlan},
    problem::{Findings, Spot},
    raw::Sink,
    read::{At, Given, items, value},
    suggest::{nearest, shown},
};

/// The keys of every sink.
const COMMON: [&str; 4] = ["type", "name", "events", "min_severity"];
/// The types, and the keys that each takes beyond the common ones.
const TYPES: [(&str, &[&str]); 3] = [
    (
        "webhook",
        &[
            "url",
            "headers",
            "secret",
            "secret_file",
            "max_retries",
            "retry_delay",
            "redact_sensitive",
            "template",
            "allow_private_networks",
        ],
    ),
    ("log", &["logger_name", "redact_sensitive"]),
    (
        "bus",
        &[
            "url",
            "topic",
            "username",
            "password",
            "password_file",
            "token",
            "token_file",
            "jetstream",
            "redact_sensitive",
        ],
    ),
];

/// The sinks in the file's order.
pub(crate) fn build(given: &Given<Vec<At<Sink>>>, site: &Site<'_>, findings: &mut Findings<'_>) -> Vec<SinkPlan> {
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut sinks = Vec::new();
    for (index, (sink, spot)) in items(given).enumerate() {
        let built = one(sink, spot, site, findings);
        let fallback = || format!("{}-{}", value(&sink.r#type).map_or("sink", String::as_str), index + 1);
        let name = value(&sink.name).cloned().unwrap_or_else(fallback);
        unique(&name, sink, spot, &mut names, findings);
        if let Some((filter, kind)) = built {
            sinks.push(SinkPlan { name, filter, kind });
        }
    }
    sinks
}

fn unique(name: &str, sink: &Sink, spot: &Spot, names: &mut HashMap<String, usize>, findings: &mut Findings<'_>) {
    let spot = sink.name.as_ref().map_or(spot, |at| &at.spot);
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        findings.error(spot, "a sink's name is one line of text");
    } else if let Some(line) = names.insert(name.to_owned(), spot.value.line) {
        findings.error(spot, format!("the sink in line {line} is called `{}` too", shown(name))).help("rename one");
    }
}

fn one(sink: &Sink, spot: &Spot, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<(EventFilter, SinkKind)> {
    let filter = filter(sink, findings);
    let Some(at) = &sink.r#type else {
        findings.error(spot, "`type` is missing").help("webhook, log or bus");
        return None;
    };
    let name = at.value.as_deref()?;
    let Some((name, keys)) = TYPES.into_iter().find(|(known, _)| *known == name) else {
        unknown_type(name, &at.spot, findings);
        return None;
    };
    foreign_keys(sink, name, keys, findings);
    let kind = match name {
        "webhook" => SinkKind::Webhook(Box::new(webhook::build(&webhook::Keys::of_sink(sink, spot), site, findings)?)),
        "log" => SinkKind::Log(log(&sink.logger_name, &sink.redact_sensitive, findings)),
        _ => SinkKind::Bus(bus::build(&bus::Keys::of_sink(sink), site, findings)?),
    };
    Some((filter?, kind))
}

fn unknown_type(name: &str, spot: &Spot, findings: &mut Findings<'_>) {
    let help = match name {
        "callback" => "a callback sink can only be given in code".to_owned(),
        _ => findings.did_you_mean(name, TYPES.map(|(name, _)| name)),
    };
    findings.error(spot, format!("unknown sink type `{}`", shown(name))).help(help);
}

fn foreign_keys(sink: &Sink, name: &str, keys: &[&str], findings: &mut Findings<'_>) {
    for (key, spot) in sink.given() {
        if !COMMON.contains(&key) && !keys.contains(&key) {
            let all: Vec<&str> = COMMON.into_iter().chain(keys.iter().copied()).collect();
            let message = format!("`{key}` does not belong to a sink of type {name}");
            findings.error(&spot.at_key(), message).help(format!("it takes {}", all.join(", ")));
        }
    }
}

/// What the sink wants; `None` where that could not be read, since a filter with a part missing would take too much.
fn filter(sink: &Sink, findings: &mut Findings<'_>) -> Option<EventFilter> {
    let before = findings.errors();
    let events = patterns(&sink.events, findings);
    let unread = sink.min_severity.as_ref().is_some_and(|at| at.value.is_none());
    let min_severity = value(&sink.min_severity).map(|name| name.0);
    (findings.errors() == before && !unread).then_some(())?;
    Some(EventFilter { events: events?, min_severity })
}

fn patterns(given: &Given<Vec<At<String>>>, findings: &mut Findings<'_>) -> Option<Vec<EventPattern>> {
    let Some(at) = given else { return Some(Vec::new()) };
    let list = at.value.as_ref()?;
    if list.is_empty() {
        findings.error(&at.spot, "the list is empty: the sink would get nothing").help("leave it out for all events");
        return None;
    }
    // Every one is looked at, so that every bad one is told.
    let read: Vec<_> = list.iter().map(|item| pattern(item, findings)).collect();
    read.into_iter().collect()
}

fn pattern(item: &At<String>, findings: &mut Findings<'_>) -> Option<EventPattern> {
    let text = item.value.as_ref()?;
    let known = EVENT_TYPES.map(|(name, _)| name);
    let Ok(pattern) = text.parse::<EventPattern>() else {
        let message = format!("`{}` is no event name: words joined by dots, or a glob such as tool.*", shown(text));
        let near = nearest(text, known);
        findings
            .error(&item.spot, message)
            .help(near.map_or("all events: leave `events` out".to_owned(), |near| format!("did you mean `{near}`?")));
        return None;
    };
    let met = known.iter().any(|name| pattern.matches(name));
    if !met && !text.starts_with("custom.") {
        let problem = findings.warn(&item.spot, format!("no known event is called `{}`", shown(text)));
        match nearest(text, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("fine if your own code emits it"),
        }
    }
    Some(pattern)
}

/// A log sink or a log channel.
pub(crate) fn log(logger: &Given<String>, redact: &Given<bool>, findings: &mut Findings<'_>) -> LogPlan {
    if let Some(at) = logger.as_ref().filter(|at| at.value.as_ref().is_some_and(|name| name.trim().is_empty())) {
        findings.error(&at.spot, "the logger's name is empty");
    }
    LogPlan {
        logger_name: value(logger).cloned().unwrap_or_else(|| "promptise.events".to_owned()),
        redact_sensitive: value(redact).copied().unwrap_or(true),
    }
}
