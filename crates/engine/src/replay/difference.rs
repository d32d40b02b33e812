//! Two replays of the same events, held against one another: in numbers, and in what only one of them tells anybody.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tidings_core::{Notification, NotificationId, Priority};

use super::{
    Happening, What,
    tally::{Moment, Tally},
};

/// So many of what only one side tells are told by name.
pub const NAMED: usize = 20;
/// Of so many it is remembered what they say; of more only that there are so many.
const REMEMBERED: usize = 10_000;

/// Every number of the second less that of the first; what is not there is 0.
#[must_use]
pub fn difference_of(a: &Tally, b: &Tally) -> Value {
    difference(&json!(a), &json!(b))
}

fn difference(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => Value::Object(differences(a, b)),
        (Value::Object(a), _) => Value::Object(differences(a, &Map::new())),
        (_, Value::Object(b)) => Value::Object(differences(&Map::new(), b)),
        (a, b) => json!(signed(b) - signed(a)),
    }
}

/// Words, such as the configuration's name, have no difference.
fn differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Map<String, Value> {
    let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
    let pairs = names.map(|name| (name, a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null)));
    let counted = pairs.filter(|(_, a, b)| [a, b].iter().any(|value| value.is_object() || value.is_number()));
    counted.map(|(name, a, b)| (name.clone(), difference(a, b))).collect()
}

fn signed(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A notification that one side tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnlyTold {
    /// When.
    pub at: Moment,
    /// Whom.
    pub user: String,
    /// Which rule says it.
    pub rule: Option<String>,
    /// Of which agent.
    pub agent: Option<String>,
    /// What it says.
    pub title: String,
    /// How urgently.
    pub priority: Priority,
}

/// One that the other side has not told so far.
#[derive(Debug)]
struct Open {
    side: usize,
    arrival: u64,
    /// `None`: there are too many to remember.
    told: Option<Box<OnlyTold>>,
}

/// What only one of two sides tells: what both tell is forgotten.
#[derive(Debug, Default)]
pub struct Only {
    open: HashMap<NotificationId, Open>,
    counts: [u64; 2],
    arrivals: u64,
    remembered: usize,
}

impl Only {
    /// A side tells something, be it by itself or in a digest. Digests are no matter: what is in them is.
    pub fn note(&mut self, side: usize, seen: &Happening<'_>) {
        let is_told = match seen.what {
            What::Sent { gathered, .. } => *gathered == 0,
            What::Gathered { .. } => true,
            _ => false,
        };
        let Some(told) = seen.notification.filter(|_| is_told) else { return };
        match self.open.get(&told.notification_id) {
            Some(open) if open.side == side => {}
            Some(_) => self.forget(told.notification_id),
            None => self.add(side, told, Moment::of(seen.at)),
        }
    }

    fn forget(&mut self, id: NotificationId) {
        let Some(open) = self.open.remove(&id) else { return };
        self.remembered -= usize::from(open.told.is_some());
        if let Some(count) = self.counts.get_mut(open.side) {
            *count -= 1;
        }
    }

    fn add(&mut self, side: usize, told: &Notification, at: Moment) {
        let says = || OnlyTold {
            at,
            user: told.user_id.clone(),
            rule: told.rule.clone(),
            agent: told.agent_id.clone(),
            title: told.title.clone(),
            priority: told.priority,
        };
        let said = (self.remembered < REMEMBERED).then(|| Box::new(says()));
        self.remembered += usize::from(said.is_some());
        self.arrivals += 1;
        self.open.insert(told.notification_id, Open { side, arrival: self.arrivals, told: said });
        if let Some(count) = self.counts.get_mut(side) {
            *count += 1;
        }
    }

    /// How many only this side tells.
    #[must_use]
    pub fn count(&self, side: usize) -> u64 {
        self.counts.get(side).copied().unwrap_or_default()
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self, side: usize) -> Vec<&OnlyTold> {
        let mine = self.open.values().filter(|open| open.side == side);
        let mut known: Vec<_> = mine.filter_map(|open| Some((open.arrival, open.told.as_deref()?))).collect();
        known.sort_unstable_by_key(|(arrival, _)| *arrival);
        known.into_iter().map(|(_, told)| told).take(NAMED).collect()
    }

    /// Both as JSON.
    #[must_use]
    pub fn told(&self, side: usize) -> Value {
        json!({"count": self.count(side), "first": self.first(side)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_compared_and_what_is_not_there_is_zero() {
        let check = |a: &Value, b: &Value, expected: &Value| assert_eq!(difference(a, b), *expected);
        check(&json!({"n": 1, "name": "x"}), &json!({"n": 3, "name": "y"}), &json!({"n": 2}));
        let (old, new) = (json!({"rules": {"old": {"n": 2}}}), json!({"rules": {"new": {"n": 5}}}));
        check(&old, &new, &json!({"rules": {"old": {"n": -2}, "new": {"n": 5}}}));
    }
}
