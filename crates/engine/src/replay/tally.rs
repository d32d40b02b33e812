//! What a replay comes to, in numbers: in all, by rule, user, channel and hour. How they are shown is their reader's business.

mod counts;
mod critical;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tidings_core::{Event, Priority, Timestamp};

use super::{Happening, What};
use crate::account::Account;

pub use counts::{Counts, Suppressed};
pub use critical::Critical;

/// Stands where a digest has no rule of its own.
pub const DIGESTS: &str = "(digests)";
const HOUR: i64 = 3_600;

/// The numbers of one replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// The configuration's name.
    pub config: String,
    /// What was read.
    pub events: Events,
    /// The time of the first event; `None` without any.
    pub from: Option<Moment>,
    /// The time at which the replay ended.
    pub until: Option<Moment>,
    /// All of it.
    pub total: Counts,
    /// Of it what is critical, the firings of critical rules among it.
    pub critical: Counts,
    /// What became of what is critical.
    pub critical_told: Critical,
    /// By rule.
    pub rules: BTreeMap<String, Counts>,
    /// By user; what happens to a rule alone is nobody's.
    pub users: BTreeMap<String, Counts>,
    /// By channel, the messages sent.
    pub channels: BTreeMap<String, u64>,
    /// By the hour's beginning, in UTC; hours in which nothing happened are left out.
    pub hours: BTreeMap<Moment, Counts>,
    /// By sink, the events that it wants.
    pub sinks: BTreeMap<String, u64>,
    /// The rules whose notifications are critical.
    #[serde(skip)]
    critical_rules: BTreeSet<String>,
}

/// Events that were read: read = replayed + duplicate + refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// Lines that say something.
    pub read: u64,
    /// Those that went through the rules.
    pub replayed: u64,
    /// Those that came before.
    pub duplicate: u64,
    /// Those that are no events.
    pub refused: u64,
}

/// A point in time, in seconds, that is told as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// The second of a time.
    #[must_use]
    pub const fn of(time: Timestamp) -> Self {
        Self(time.as_secs())
    }

    /// The beginning of its hour in UTC.
    #[must_use]
    pub const fn hour_of(time: Timestamp) -> Self {
        Self(time.as_secs().div_euclid(HOUR) * HOUR)
    }
}

/// `2026-01-31T12:00:00Z`
impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Tally {
    /// Nothing yet, of this configuration with these critical rules.
    #[must_use]
    pub fn of(config: String, critical_rules: BTreeSet<String>) -> Self {
        Self { config, critical_rules, ..Self::default() }
    }

    /// An event is about to be replayed.
    pub fn see(&mut self, event: &Event) {
        // The times of a file may run in any order.
        let at = Moment::of(event.timestamp);
        self.from = Some(self.from.map_or(at, |from| from.min(at)));
    }

    /// Counts something that happened.
    pub fn note(&mut self, seen: &Happening<'_>) {
        let is_critical = match seen.notification {
            Some(told) => told.priority == Priority::Critical,
            None => seen.rule.is_some_and(|rule| self.critical_rules.contains(rule)),
        };
        let rule = entry(&mut self.rules, seen.rule.unwrap_or(DIGESTS));
        let user = seen.user.map(|user| entry(&mut self.users, user));
        let hour = self.hours.entry(Moment::hour_of(seen.at)).or_default();
        let critical = is_critical.then_some(&mut self.critical);
        let counts = [Some(&mut self.total), Some(rule), Some(hour), user, critical];
        counts.into_iter().flatten().for_each(|counts| counts.note(seen.what));
        if let What::Sent { channels, .. } = seen.what {
            channels.iter().for_each(|channel| *entry(&mut self.channels, channel) += 1);
        }
    }

    /// Takes over what the account says of events and sinks.
    pub fn close(&mut self, account: &Account, until: Timestamp) {
        let events = account.events;
        let (read, duplicate, refused) = (events.offered, events.duplicate, events.refused);
        self.events = Events { read, replayed: events.planned, duplicate, refused };
        self.sinks = account.sinks.iter().map(|(name, sink)| (name.clone(), sink.matched)).collect();
        self.until = self.from.map(|from| Moment::of(until).max(from));
        self.critical_told = Critical::of(&self.critical, self.critical.suppressed.by_wish());
    }
}

/// Which part of the second's messages the first sends; `None` where the second sends none.
#[must_use]
pub fn share(tallies: &[Tally]) -> Option<f64> {
    let [a, b] = tallies else { return None };
    (b.total.messages > 0).then(|| a.total.messages as f64 / b.total.messages as f64)
}

/// What stands under a name; the name is copied only if it is new.
fn entry<'m, V: Default>(map: &'m mut BTreeMap<String, V>, name: &str) -> &'m mut V {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), V::default());
    }
    map.get_mut(name).expect("because it was put in where it was not there")
}
