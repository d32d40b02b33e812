//! Whether the last events of an agent all met a condition, `consecutive(cond, n)`; what the condition says is given.

use super::{
    account::Account,
    timeline::{EXACT, Timeline},
};

/// The last `length` events of an agent, in the order of their times.
#[derive(Debug)]
pub(crate) struct Run {
    length: usize,
    events: Timeline<bool>,
    /// How many of them did not meet the condition.
    misses: usize,
    account: Account,
}

impl Run {
    /// A run of 1 to 512 events; what is beyond is cut.
    pub(crate) fn new(length: usize) -> Self {
        let length = length.clamp(1, EXACT);
        Self { length, events: Timeline::new(), misses: 0, account: Account::default() }
    }

    /// Takes an event in, unless it is older than all of the last ones; says whether it did.
    pub(crate) fn add(&mut self, at: i64, held: bool) -> bool {
        if self.events.len() == self.length {
            if self.events.first().is_some_and(|(first, _)| at < first) {
                return self.account.took(false);
            }
            let oldest = self.events.pop_first();
            self.misses -= usize::from(oldest.is_some_and(|(_, held)| !held));
        }
        self.events.insert(at, held);
        self.misses += usize::from(!held);
        true
    }

    /// Whether there are as many events as asked for and all of them met the condition.
    pub(crate) fn holds(&self) -> bool {
        self.misses == 0 && self.events.len() == self.length
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.events.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_late_event_breaks_a_run_that_it_belongs_to() {
        let mut run = Run::new(2);
        let mut check = |at, held, expected| {
            run.add(at, held);
            assert_eq!(run.holds(), expected, "{at} {held}");
        };
        check(10, true, false);
        check(20, true, true);
        check(5, false, true);
        check(15, false, false);
        check(30, true, true);
        check(30, false, false);
    }

    proptest! {
        #[test]
        fn it_knows_the_last_events_by_time(length in 1_usize..12, events in prop::collection::vec((0_i64..30, prop::bool::weighted(0.8)), 0..80)) {
            let mut run = Run::new(length);
            let mut all: Vec<(i64, bool)> = Vec::new();
            for (at, held) in events {
                run.add(at, held);
                all.push((at, held));
                all.sort_by_key(|(at, _)| *at);
                let last = &all[all.len().saturating_sub(length)..];
                prop_assert_eq!(run.holds(), last.len() == length && last.iter().all(|(_, held)| *held));
                prop_assert!(run.bytes() <= 16 * length.next_power_of_two().max(4));
            }
        }
    }
}
