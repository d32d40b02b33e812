//! What the store in memory keeps beside events and deliveries: how far rules and sinks are, versions of the rules, addresses that
//! are disabled.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tidings_core::{EventId, Timestamp};

use super::remembered::Remembered;
use crate::model::{Admission, Cooldown, Disabled, FiringClaim, KeptState, RuleSetVersion, StateRow};

/// How many versions of the rules are kept; the oldest go first.
const VERSIONS: usize = 100;

/// When a rule fired last for an agent, and by what.
#[derive(Clone, Copy, Debug)]
struct Fired {
    at: Timestamp,
    by: EventId,
    /// When its cooldown is surely over, by the wall clock: rules may go by another one.
    over: Timestamp,
}

/// Cooldowns, states, versions.
#[derive(Debug, Default)]
pub(super) struct Rules {
    fired: Remembered<(Arc<str>, String), Fired>,
    states: BTreeMap<(String, String), Vec<u8>>,
    versions: Vec<RuleSetVersion>,
}

impl Rules {
    /// Takes the cooldown for a firing unless another event holds it.
    pub(super) fn admit(&mut self, claim: &FiringClaim, by: EventId, now: Timestamp) -> Admission {
        let admission = self.admission(claim, by);
        if admission == Admission::Granted {
            let fired = Fired { at: claim.at, by, over: now + claim.cooldown };
            self.fired.put((Arc::clone(&claim.rule), claim.agent.clone()), fired);
        }
        admission
    }

    /// Whether it may fire; nothing is taken.
    pub(super) fn admission(&self, claim: &FiringClaim, by: EventId) -> Admission {
        match self.fired.get(&(Arc::clone(&claim.rule), claim.agent.clone())) {
            Some(last) if last.by != by && claim.at >= last.at && claim.at.since(last.at) < claim.cooldown => {
                Admission::Cooling { since: last.at }
            }
            _ => Admission::Granted,
        }
    }

    pub(super) fn cooldowns(&self, since: Timestamp) -> Vec<Cooldown> {
        let fired = self.fired.iter().filter(|(_, fired)| fired.at >= since);
        let cooldown = |((rule, agent), fired): (&(Arc<str>, String), &Fired)| Cooldown {
            rule: rule.to_string(),
            agent: agent.clone(),
            at: fired.at,
        };
        fired.map(cooldown).collect()
    }

    pub(super) fn put_state(&mut self, row: &StateRow) {
        let key = (row.rule.clone(), row.key.clone());
        if row.state.is_empty() {
            self.states.remove(&key);
        } else {
            self.states.insert(key, row.state.clone());
        }
    }

    pub(super) fn states(&self) -> Vec<KeptState> {
        let kept = |((rule, key), state): (&(String, String), &Vec<u8>)| KeptState {
            row: StateRow { rule: rule.clone(), key: key.clone(), state: state.clone() },
            shift: 0,
        };
        self.states.iter().map(kept).collect()
    }

    /// Notes a version, unless it says what the last one does; gives its first event.
    pub(super) fn put_version(&mut self, version: &RuleSetVersion) -> u64 {
        if let Some(last) = self.versions.last().filter(|last| last.content == version.content) {
            return last.from;
        }
        self.versions.push(version.clone());
        if self.versions.len() > VERSIONS {
            self.versions.remove(0);
        }
        version.from
    }

    pub(super) fn version(&self, event: u64) -> Option<RuleSetVersion> {
        self.versions.iter().rev().find(|version| version.from <= event).cloned()
    }

    /// Forgets cooldowns that were over before this, at most so many; says how many.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> u64 {
        self.fired.purge(limit, |fired| fired.over < before)
    }
}

/// How far in-process sinks are, each with the time when it last moved.
#[derive(Debug, Default)]
pub(super) struct Cursors(HashMap<String, (u64, Timestamp)>);

impl Cursors {
    pub(super) fn get(&self, sink: &str) -> Option<u64> {
        self.0.get(sink).map(|(number, _)| *number)
    }

    pub(super) fn advance(&mut self, sink: &str, number: u64, now: Timestamp) {
        match self.0.get_mut(sink) {
            Some(cursor) => *cursor = (number.max(cursor.0), now),
            None => drop(self.0.insert(sink.to_owned(), (number, now))),
        }
    }

    /// Up to which event all sinks have read that moved since then: one that has not for so long is gone.
    pub(super) fn read_by_all(&self, since: Timestamp) -> u64 {
        let moving = self.0.values().filter(|(_, moved)| *moved >= since);
        moving.map(|(number, _)| *number).min().unwrap_or(u64::MAX)
    }
}

/// Addresses to which nothing is sent.
#[derive(Debug, Default)]
pub(super) struct Gone(BTreeMap<(String, Option<String>), Disabled>);

impl Gone {
    /// Notes an address, unless it is noted.
    pub(super) fn add(&mut self, endpoint: &str, address: Option<&str>, since: Timestamp, reason: String) {
        let (endpoint, address) = (endpoint.to_owned(), address.map(str::to_owned));
        let key = (endpoint.clone(), address.clone());
        self.0.entry(key).or_insert(Disabled { endpoint, address, since, reason });
    }

    /// Takes an address out; says whether it was in.
    pub(super) fn remove(&mut self, endpoint: &str, address: Option<&str>) -> bool {
        self.0.remove(&(endpoint.to_owned(), address.map(str::to_owned))).is_some()
    }

    pub(super) fn all(&self) -> Vec<Disabled> {
        self.0.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn cooldowns_are_bounded_however_many_agents_fire() {
        let mut rules = Rules::default();
        let now = Timestamp::EPOCH;
        for agent in 0..150_000 {
            let agent = agent.to_string();
            let claim = FiringClaim { rule: "r".into(), agent, at: now, cooldown: Duration::from_secs(10) };
            assert_eq!(rules.admit(&claim, EventId::named("", &claim.agent), now), Admission::Granted);
        }
        assert!(rules.cooldowns(now).len() <= 100_000);
    }

    #[test]
    fn versions_are_bounded() {
        let mut rules = Rules::default();
        for from in 1..1_000 {
            let version = RuleSetVersion { from, since: Timestamp::EPOCH, content: from.into() };
            assert_eq!(rules.put_version(&version), from);
        }
        assert_eq!(rules.versions.len(), VERSIONS);
        assert_eq!(rules.version(950).map(|version| version.from), Some(950));
    }
}
