//! When time alone may change something: one queue for all holds and absences. An event that moves a time further away leaves it
//! alone: it comes too early once, and is set again.

use std::collections::BTreeSet;

use tidings_core::Timestamp;

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) at: Timestamp,
    /// The agent's place.
    pub(super) agent: usize,
    /// The rule's place among those of the agent.
    pub(super) rule: usize,
}

/// All times, the next one first; one for each rule of each agent.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<Due>);

impl Timers {
    pub(super) fn set(&mut self, due: Due) {
        self.0.insert(due);
    }

    pub(super) fn clear(&mut self, due: &Due) {
        self.0.remove(due);
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|due| due.at)
    }

    /// Takes out all that have come, in their order.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Due> {
        let mut come = Vec::new();
        while self.next().is_some_and(|at| at <= now) {
            come.extend(self.0.pop_first());
        }
        come
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_come_is_given_in_order_and_once() {
        let due = |second| Due { at: Timestamp::from_secs(second), agent: 0, rule: 0 };
        let mut timers = Timers::default();
        [5, 1, 3, 9, 4].into_iter().for_each(|second| timers.set(due(second)));
        timers.clear(&due(4));
        assert_eq!(timers.next(), Some(Timestamp::from_secs(1)));
        assert_eq!(timers.take(Timestamp::from_secs(5)), [due(1), due(3), due(5)]);
        assert_eq!(timers.take(Timestamp::from_secs(5)), []);
        assert_eq!(timers.next(), Some(Timestamp::from_secs(9)));
    }
}
