//! Metrics that rules read and no event has brought: a misspelt name stays silent for ever, so somebody must say it. When it is
//! worth saying is decided by the rule set, from the rule's account.

use std::{collections::HashSet, hash::BuildHasher};

use foldhash::fast::RandomState;
use tidings_core::Event;

use super::RuleSpec;
use crate::{diagnostic::nearest, path::Field};

/// The most names of metrics that are remembered to compare with.
const NAME_LIMIT: usize = 256;
/// How many events are looked at one by one for their names; from there on every 64th.
const CLOSELY: u64 = 1024;

/// A metric that a rule waits for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnseenMetric {
    /// The rule's position in the list that the set was made of.
    pub rule: usize,
    /// The name in the event's data: the first key of its path.
    pub metric: String,
    /// The most similar name that events have brought.
    pub nearest: Option<String>,
}

/// Which names were never seen. Once all were, it costs nothing.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    hasher: RandomState,
    /// The hashes of the names that rules wait for: two names of the same hash are not to be expected.
    waited: HashSet<u64, RandomState>,
    seen: HashSet<Box<str>, RandomState>,
    events: u64,
}

impl Unseen {
    pub(super) fn new(rules: &[RuleSpec]) -> Self {
        let hasher = RandomState::default();
        let mut waited: HashSet<_, _> = rules.iter().flat_map(metrics).map(|name| hasher.hash_one(name)).collect();
        waited.shrink_to_fit();
        Self { waited, hasher, ..Self::default() }
    }

    /// Takes note of the names in an event's data.
    pub(super) fn see(&mut self, event: &Event) {
        if self.waited.is_empty() {
            return;
        }
        self.events += 1;
        let learns = self.events <= CLOSELY || self.events.is_multiple_of(64);
        for name in event.data.keys() {
            self.waited.remove(&self.hasher.hash_one(name.as_str()));
            if learns && self.seen.len() < NAME_LIMIT && !self.seen.contains(name.as_str()) {
                self.seen.insert(name.as_str().into());
            }
        }
    }

    /// Goes on with the names that another set has seen: of those that it waited for, and of those that it remembers.
    pub(super) fn take_over(&mut self, before: Self, (old, new): (&[RuleSpec], &[RuleSpec])) {
        let come = |name: &str| !before.waited.contains(&before.hasher.hash_one(name));
        let known: HashSet<&str> = old.iter().flat_map(metrics).filter(|name| come(name)).collect();
        for name in new.iter().flat_map(metrics).filter(|name| known.contains(name) || before.seen.contains(*name)) {
            self.waited.remove(&self.hasher.hash_one(name));
        }
        self.seen.extend(before.seen);
        self.events += before.events;
    }

    /// The metrics of a rule that no event has brought, each once.
    pub(super) fn of(&self, position: usize, rule: &RuleSpec) -> Vec<UnseenMetric> {
        let mut names: Vec<&str> =
            metrics(rule).filter(|name| self.waited.contains(&self.hasher.hash_one(*name))).collect();
        names.sort_unstable();
        names.dedup();
        let unseen = |name: &str| UnseenMetric {
            rule: position,
            metric: name.to_owned(),
            nearest: nearest(name, self.seen.iter().map(|seen| &**seen)).map(str::to_owned),
        };
        names.into_iter().map(unseen).collect()
    }
}

/// The first keys of the paths that a rule reads from an event's data.
fn metrics(rule: &RuleSpec) -> impl Iterator<Item = &str> {
    let paths = rule.condition.expression().paths.iter();
    paths.filter(|path| path.field == Field::Data).filter_map(|path| path.keys.first().map(|key| &**key))
}
