//! What must have become of every notification: given up once on the channel that takes nothing, taken once on each of the others that
//! its rule leads to, and complete or not as the rule wants it. Whether it should have been told at all is `verdict`'s business.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    arrivals::{Arrival, arrivals},
    protocol::Report,
    world::World,
};

/// What becomes of a rule's notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fate {
    /// The channels that are asked, and the one delivery on each.
    asked: &'static [&'static str],
    /// Whether one of them is there only because another one gave up.
    falls_back: bool,
    /// Whether enough of them take it.
    enough: bool,
}

/// The channel that takes nothing.
const DESK: &str = "desk";

fn fate(rule: &str) -> Fate {
    match rule {
        "lost" => Fate { asked: &[DESK, "pager"], falls_back: true, enough: true },
        "fire" => Fate { asked: &[DESK, "pager", "phone"], falls_back: true, enough: true },
        "alone" => Fate { asked: &[DESK, "pager"], falls_back: false, enough: false },
        _ => Fate { asked: &["pager"], falls_back: false, enough: true },
    }
}

/// One notification: its rule, and under which deliveries it came to which channel.
#[derive(Debug, Default)]
struct Notified {
    rule: String,
    deliveries: BTreeMap<&'static str, BTreeSet<String>>,
}

/// How often what became of notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    notifications: u64,
    dead: u64,
    fallbacks: u64,
    incomplete: u64,
}

/// Checks every notification that came anywhere, and that store and log count no other; beside them so many deliveries to sinks became
/// too old.
///
/// # Errors
/// What does not hold.
pub(super) fn check(world: &World, report: &Report, expired: u64) -> Result<(), String> {
    let mut tally = Tally::default();
    for (id, notified) in all(world) {
        let fate = fate(&notified.rule);
        let asked: Vec<_> = notified.deliveries.keys().copied().collect();
        let ids: BTreeSet<_> = notified.deliveries.values().flatten().collect();
        if asked != fate.asked || ids.len() != asked.len() || notified.deliveries.values().any(|ids| ids.len() != 1) {
            return Err(format!("notification {id} should be {fate:?}: {notified:?}"));
        }
        tally.notifications += 1;
        tally.dead += u64::from(asked.contains(&DESK));
        tally.fallbacks += u64::from(fate.falls_back);
        tally.incomplete += u64::from(!fate.enough);
    }
    let logged = |step: &str| report.steps.get(step).copied().unwrap_or_default();
    let census = &report.census;
    let told = Tally {
        notifications: logged("complete") + logged("incomplete"),
        dead: logged("dead"),
        fallbacks: logged("fallback"),
        incomplete: logged("incomplete"),
    };
    let (dead, incomplete, notifications) = (census.dead, census.incomplete, census.notifications);
    let kept = Tally { notifications, dead, incomplete, fallbacks: tally.fallbacks };
    let ended = (census.failed, census.expired, logged("expired"));
    if (told, kept, ended) == (tally, tally, (0, expired, expired)) {
        return Ok(());
    }
    Err(format!("receivers saw {tally:?}, {expired} expired; the log tells {told:?}: {:?} {census:?}", report.steps))
}

fn all(world: &World) -> BTreeMap<String, Notified> {
    let mut all = BTreeMap::<String, Notified>::new();
    let asked = [(DESK, world.desk.asked()), ("pager", world.pager.taken()), ("phone", world.phone.taken())];
    for (channel, requests) in asked {
        for Arrival { delivery, body, .. } in arrivals(&requests) {
            let notified = all.entry(body["notification_id"].to_string()).or_default();
            notified.rule = body["metadata"]["rule"].as_str().unwrap_or_default().to_owned();
            notified.deliveries.entry(channel).or_default().insert(delivery);
        }
    }
    all
}
