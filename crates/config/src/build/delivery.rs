//! How deliveries are repeated, and what is tried where one fails.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use tidings_policy::StormLimit;

use crate::{
    build::channels::Channels,
    duration,
    plan::DeliveryPlan,
    problem::{Findings, Spot},
    raw::Delivery,
    read::{At, Given, Named, named, value},
    suggest::shown,
    values::{OffOrStorm, OneOrSpans},
};

/// 30 s, 2 min, 10 min.
const DEFAULT: [u64; 3] = [30, 120, 600];
/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.
const LONG: [u64; 7] = [5, 300, 1800, 7200, 18000, 36000, 36000];
/// The most waits that a list can hold.
const MOST_WAITS: usize = 20;
/// The most messages of a storm limit: each is remembered, for every rule and user.
const MOST_MESSAGES: u32 = 10_000;
/// The shortest and the longest window of a storm limit.
const STORM_WINDOW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(24 * 3600));

/// The section, with its defaults filled in.
pub(crate) fn build(given: &Given<Delivery>, findings: &mut Findings<'_>) -> DeliveryPlan {
    let delivery = value(given);
    let day = Duration::from_secs(24 * 3600);
    DeliveryPlan {
        retry: delivery.and_then(|d| d.retry.as_ref()).map_or_else(|| seconds(&DEFAULT), |at| retry(at, findings)),
        critical_quorum: delivery.map_or(2, |delivery| quorum(delivery, findings)),
        expire_after: delivery.and_then(|d| value(&d.expire_after)).map_or(day, |span| span.0),
        storm: delivery
            .and_then(|d| value(&d.storm))
            .map_or_else(|| Some(StormLimit::default()), |at| storm(at, findings)),
    }
}

/// The storm limit; what is left out or wrong is the default's.
fn storm(given: &OffOrStorm, findings: &mut Findings<'_>) -> Option<StormLimit> {
    let mut limit = StormLimit::default();
    let storm = match given {
        OffOrStorm::Switch(on) => return on.then_some(limit),
        OffOrStorm::Storm(storm) => storm,
    };
    if let Some((count, at)) = storm.messages.as_ref().and_then(|at| Some((at.value?, at))) {
        match u32::try_from(count) {
            Ok(count) if (1..=MOST_MESSAGES).contains(&count) => limit.messages = count,
            _ => findings.error(&at.spot, "must be from 1 to 10,000").help("to have no limit, write `storm: false`"),
        }
    }
    if let Some((span, at)) = storm.window.as_ref().and_then(|at| Some((at.value?.0, at))) {
        match (STORM_WINDOW.0..=STORM_WINDOW.1).contains(&span) {
            true => limit.window = span,
            false => findings.error(&at.spot, "must be from 1s to 24h").help("10m is the default"),
        }
    }
    Some(limit)
}

fn seconds(list: &[u64]) -> Vec<Duration> {
    list.iter().copied().map(Duration::from_secs).collect()
}

/// The waits before each retry.
pub(crate) fn retry(at: &At<OneOrSpans>, findings: &mut Findings<'_>) -> Vec<Duration> {
    match &at.value {
        Some(OneOrSpans::Preset(name)) if name == "long" => seconds(&LONG),
        Some(OneOrSpans::Preset(_)) => {
            findings.error(&at.spot, format!("expected `long` or a list, each item {}", duration::EXPECTED));
            seconds(&DEFAULT)
        }
        Some(OneOrSpans::Spans(list)) => {
            if list.len() > MOST_WAITS {
                findings.error(&at.spot, format!("more than {MOST_WAITS} retries"));
            }
            list.iter().filter_map(|at| at.value).map(|span| span.0).collect()
        }
        None => seconds(&DEFAULT),
    }
}

fn quorum(delivery: &Delivery, findings: &mut Findings<'_>) -> u8 {
    let Some(at) = value(&delivery.critical).and_then(|critical| critical.quorum.as_ref()) else { return 2 };
    match at.value {
        Some(count @ 1..=8) => u8::try_from(count).unwrap_or(2),
        Some(_) => {
            findings.error(&at.spot, "must be from 1 to 8");
            2
        }
        None => 2,
    }
}

/// By channel, what is tried where it fails. A cycle is told once, at the channel of it that is written first.
pub(crate) fn fallbacks(
    given: &Given<Named<Vec<At<String>>>>,
    channels: &Channels,
    findings: &mut Findings<'_>,
) -> BTreeMap<String, Vec<String>> {
    let mut next: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (from, at) in value(given).into_iter().flat_map(|named| &named.0) {
        channels.check(from, &at.spot.at_key(), findings);
        let (mut list, mut seen) = (Vec::new(), HashSet::new());
        let read = at.value.iter().flatten().filter_map(|item| Some((item.value.as_ref()?, &item.spot)));
        for (to, spot) in read {
            channels.check(to, spot, findings);
            if seen.insert(to) {
                list.push(to.clone());
            } else {
                findings.warn(spot, format!("`{}` is named twice", shown(to)));
            }
        }
        next.insert(from.clone(), list);
    }
    let open = with_ends_cut(&next);
    for (from, _, spot) in named(given).filter(|(from, _, _)| open.contains(*from)) {
        tell_cycle(from, spot, &mut next, findings);
    }
    next
}

/// The channels that are left when those that lead nowhere further are cut off again and again: without a cycle, none.
fn with_ends_cut(next: &BTreeMap<String, Vec<String>>) -> HashSet<String> {
    let mut ways: HashMap<&str, usize> = next.iter().map(|(from, list)| (from.as_str(), list.len())).collect();
    let mut back: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in next.iter().flat_map(|(from, list)| list.iter().map(move |to| (from, to))) {
        back.entry(to).or_default().push(from);
    }
    let targets = back.keys().copied().filter(|to| !ways.contains_key(to));
    let mut ends: Vec<&str> =
        targets.chain(ways.iter().filter(|(_, count)| **count == 0).map(|(from, _)| *from)).collect();
    while let Some(end) = ends.pop() {
        ways.remove(end);
        for from in back.get(end).into_iter().flatten().copied() {
            let count = ways.entry(from).or_insert(1);
            *count -= 1;
            if *count == 0 {
                ends.push(from);
            }
        }
    }
    ways.into_keys().map(str::to_owned).collect()
}

/// Tells a cycle through `from` and cuts it, so that the same cycle is not told again from its other channels.
fn tell_cycle(from: &str, spot: &Spot, next: &mut BTreeMap<String, Vec<String>>, findings: &mut Findings<'_>) {
    let Some(cycle) = cycle_through(from, next) else { return };
    let steps: Vec<String> = cycle.iter().map(|name| shown(name)).collect();
    let message = format!("the fallbacks go in a circle: {}", steps.join(" -> "));
    findings.error(&spot.at_key(), message).help("take one of these steps away");
    if let (Some(list), Some(second)) = (next.get_mut(from), cycle.get(1)) {
        list.retain(|name| name != second);
    }
}

/// The way from a channel back to itself, where there is one. Each channel is visited once.
fn cycle_through(from: &str, next: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = vec![from];
    while let Some(here) = open.pop() {
        for to in next.get(here).into_iter().flatten() {
            if to == from {
                return Some(way(from, here, &came_from));
            }
            if !came_from.contains_key(to.as_str()) {
                came_from.insert(to, here);
                open.push(to);
            }
        }
    }
    None
}

fn way(from: &str, last: &str, came_from: &BTreeMap<&str, &str>) -> Vec<String> {
    let mut steps = vec![from.to_owned()];
    let mut here = last;
    while here != from {
        steps.push(here.to_owned());
        here = came_from.get(here).copied().unwrap_or(from);
    }
    steps.push(from.to_owned());
    steps.reverse();
    steps
}
