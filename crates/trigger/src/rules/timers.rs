//! When time alone may change something: one queue for all holds and absences. An event that moves a time further away leaves it
//! alone: it comes too early once, and is set again.

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Unbounded},
};

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
pub(super) struct Timers {
    queue: BTreeSet<Due>,
    /// The last one of a full piece: the next piece begins behind it.
    reached: Option<Due>,
}

impl Timers {
    pub(super) fn set(&mut self, due: Due) {
        self.queue.insert(due);
    }

    pub(super) fn clear(&mut self, due: &Due) {
        self.queue.remove(due);
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.queue.first().map(|due| due.at)
    }

    /// Takes out so many that have come, in their order, and what of the last agent came with them: its rules share what they await.
    /// After a full piece the next call goes on behind it, so that what is set meanwhile for the same moment comes after all that
    /// stood there.
    pub(super) fn take(&mut self, now: Timestamp, most: usize) -> Vec<Due> {
        let behind = self.reached.take().map_or(Unbounded, Excluded);
        let mut come: Vec<Due> = Vec::new();
        for due in self.queue.range((behind, Unbounded)).take_while(|due| due.at <= now) {
            let together = come.last().is_some_and(|last| (last.at, last.agent) == (due.at, due.agent));
            if come.len() >= most && !together {
                break;
            }
            come.push(*due);
        }
        for due in &come {
            self.queue.remove(due);
        }
        self.reached = come.last().filter(|_| come.len() >= most).copied();
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
        assert_eq!(timers.take(Timestamp::from_secs(5), 4), [due(1), due(3), due(5)]);
        assert_eq!(timers.take(Timestamp::from_secs(5), 4), []);
        assert_eq!(timers.next(), Some(Timestamp::from_secs(9)));
    }

    #[test]
    fn a_piece_begins_behind_the_one_before() {
        let due = |agent| Due { at: Timestamp::from_secs(1), agent, rule: 0 };
        let mut timers = Timers::default();
        (0..5).for_each(|agent| timers.set(due(agent)));
        let mut take = |set: Option<usize>| {
            let come = timers.take(Timestamp::from_secs(1), 2);
            set.into_iter().for_each(|agent| timers.set(due(agent)));
            come.iter().map(|due| due.agent).collect::<Vec<_>>()
        };
        assert_eq!([take(Some(0)), take(None), take(None)], [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(take(None), [0], "it was set again meanwhile");
    }

    #[test]
    fn what_an_agent_s_rules_share_is_not_torn_apart() {
        let due = |agent, rule| Due { at: Timestamp::from_secs(1), agent, rule };
        let mut timers = Timers::default();
        (0..9).for_each(|number| timers.set(due(number / 3, number % 3)));
        let mut sizes = || timers.take(Timestamp::from_secs(1), 2).len();
        assert_eq!([sizes(), sizes(), sizes(), sizes()], [3, 3, 3, 0]);
    }
}
