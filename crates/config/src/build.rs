//! From raw sections to the plan: what must hold of values and between sections. How values are read is left to `read`.

mod bus;
mod channels;
mod chat;
mod delivery;
mod destinations;
mod email;
mod entry;
mod gateway;
mod headers;
mod keys;
mod lints;
mod people;
mod preferences;
mod process;
mod receivers;
pub(crate) mod rules;
mod secrets;
mod server;
mod sinks;
mod sms;
mod templates;
mod types;
mod webhook;
mod wishes;

use std::time::Duration;

use tidings_http::Policy;

use crate::{
    load::{Mode, Options},
    plan::Plan,
    problem::{Findings, Spot},
    raw::{Events, File},
    read::value,
};

pub(crate) use channels::BUILT_IN;
pub(crate) use people::wrong_for;

/// What every builder may look at.
pub(crate) struct Site<'a> {
    pub(crate) options: &'a Options<'a>,
    pub(crate) destinations: &'a Policy,
}

/// The whole plan. Where something is wrong, that is told and the part is left out.
pub(crate) fn plan(file: &File, options: &Options<'_>, findings: &mut Findings<'_>) -> Plan {
    let destinations = destinations::build(&file.allow_destinations, findings);
    let site = Site { options, destinations: &destinations };
    let events = value(&file.events);
    let channels = channels::build(&file.channels, &site, findings);
    let users = people::build(&file.users, &channels, findings);
    let preferences = preferences::build(&file.preferences, &channels, &users, findings);
    let fallbacks = delivery::fallbacks(&file.fallbacks, &channels, findings);
    let rules = rules::build(&file.triggers, &rules::Around { channels: &channels, users: &users }, findings);
    channels.warn_unset(file, findings);
    let sinks = events.map(|events| sinks::build(&events.sinks, &site, findings)).unwrap_or_default();
    says_something(file, options, findings);
    let store = process::build(file, findings);
    let server = server::build(value(&file.server), findings);
    not_yet(file, findings);
    let subject = lints::Subject {
        file,
        rules: &rules,
        channels: &channels,
        users: &users.plans,
        fallbacks: &fallbacks,
        preferences: &preferences,
    };
    lints::tell(&subject, findings);
    wishes::tell(&subject, options.now, findings);
    receivers::check(&subject, site.options, findings);
    Plan {
        sinks,
        channels: channels.into_plan(&rules, &fallbacks, &preferences),
        rules,
        fallbacks,
        users: users.plans,
        preferences,
        dedup_window: span(value(&file.dedup).and_then(|dedup| value(&dedup.window)), 300),
        max_queue_size: events.map_or(1000, |events| queue_size(events, findings)),
        shutdown_timeout: span(events.and_then(|events| value(&events.shutdown_timeout)), 10),
        slow_tool_threshold: events.and_then(|events| value(&events.slow_tool_threshold)).map(|span| span.0),
        delivery: delivery::build(&file.delivery, findings),
        store,
        server,
        destinations,
    }
}

fn span(given: Option<&crate::values::Span>, default_seconds: u64) -> Duration {
    given.map_or(Duration::from_secs(default_seconds), |span| span.0)
}

fn queue_size(events: &Events, findings: &mut Findings<'_>) -> usize {
    const ALLOWED: std::ops::RangeInclusive<u64> = 1..=1_000_000;
    let Some(given) = &events.max_queue_size else { return 1000 };
    match given.value {
        Some(size) if ALLOWED.contains(&size) => usize::try_from(size).unwrap_or(1000),
        Some(_) => {
            findings.error(&given.spot, "must be from 1 to 1,000,000");
            1000
        }
        None => 1000,
    }
}

/// A file that asks for nothing is a mistake: for the defaults one gives no file. One for a daemon says how it is reached: where it has
/// no rule, the daemon has one of its own.
fn says_something(file: &File, options: &Options<'_>, findings: &mut Findings<'_>) {
    let sinks = value(&file.events).is_some_and(|events| events.sinks.as_ref().is_some_and(holds_any));
    let rules = file.triggers.as_ref().is_some_and(holds_any);
    if sinks || rules || file.server.is_some() {
        return;
    }
    let help = match options.mode {
        Mode::Own => "add `events.sinks` or `triggers`; for the defaults, give no file",
        Mode::Agent => "add `events.sinks` or `triggers` to the agent's file",
    };
    findings.error(&Spot::file(), "the file has no sink and no rule").help(help);
}

/// Whether the list holds anything, or is too wrong to say.
fn holds_any<T>(list: &crate::read::At<Vec<T>>) -> bool {
    list.value.as_ref().is_none_or(|items| !items.is_empty())
}

/// Warns of what is read and checked, but does nothing yet.
fn not_yet(file: &File, findings: &mut Findings<'_>) {
    let sections = [
        value(&file.store).and_then(|store| store.url.as_ref()).map(|at| &at.spot),
        file.proxy.as_ref().map(|at| &at.spot),
    ];
    for spot in sections.into_iter().flatten() {
        warn_not_yet(spot, findings);
    }
}

/// Warns that a key is read and checked, but does nothing yet.
fn warn_not_yet(spot: &Spot, findings: &mut Findings<'_>) {
    findings.warn(&spot.at_key(), "is read and checked, but not yet acted on");
}
