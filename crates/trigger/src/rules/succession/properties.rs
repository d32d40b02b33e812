//! A set that is replaced by one of the same rules says what one says that never was, whatever comes and goes beside them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use proptest::prelude::*;
use tidings_core::Timestamp;

use super::*;
use crate::{
    Firing, RuleState,
    rules::restart::properties::{Happening, happenings, rules, sorted},
};

/// The name of the rule that comes and goes.
const GUEST: &str = "guest";

/// A set, and what a store keeps of it.
struct Kept {
    set: RuleSet,
    rows: BTreeMap<(String, String), RuleState>,
}

impl Kept {
    fn new(rules: &[RuleSpec]) -> Self {
        Self { set: RuleSet::new(rules.to_vec()), rows: BTreeMap::new() }
    }

    fn until(&mut self, now: Timestamp) -> Vec<Firing> {
        let mut told = Vec::new();
        for step in 0.. {
            let Some(due) = self.set.next_due().filter(|due| *due <= now) else { break };
            assert!(step < 1_000, "time stands still at {due:?}");
            told.extend(self.set.tick(due));
        }
        told.extend(self.set.tick(now));
        self.keep(told)
    }

    fn fire(&mut self, event: &Arc<tidings_core::Event>, now: Timestamp) -> Vec<Firing> {
        let told = self.set.fire(event, now);
        self.keep(told)
    }

    /// Keeps what a store would, and gives what those say that stay, each by the number that is its name.
    fn keep(&mut self, told: Vec<Firing>) -> Vec<Firing> {
        for state in self.set.changed() {
            let key = (state.rule().to_owned(), state.key());
            if state.is_empty() {
                self.rows.remove(&key);
            } else {
                self.rows.insert(key, state);
            }
        }
        let number = |firing: Firing| {
            let rule = self.set.rules()[firing.rule].name.parse().ok()?;
            Some(Firing { rule, ..firing })
        };
        sorted(told.into_iter().filter_map(number).collect())
    }

    fn replace(&mut self, rules: Vec<RuleSpec>, now: Timestamp) {
        let mut next = RuleSet::new(rules);
        next.take_over(std::mem::replace(&mut self.set, RuleSet::new(Vec::new())), now);
        self.set = next;
    }

    fn rows(&self) -> BTreeMap<&(String, String), &RuleState> {
        self.rows.iter().filter(|((rule, _), _)| rule != GUEST).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1_500 } else { 20_000 }))]
    #[test]
    fn a_set_that_is_replaced_says_what_it_would_have_said(
        rules in rules(),
        guests in rules(),
        happenings in happenings(),
    ) {
        let (mut whole, mut replaced) = (Kept::new(&rules), Kept::new(&rules));
        let mut now = Timestamp::from_secs(1_000);
        prop_assert_eq!(whole.until(now), replaced.until(now));
        let mut guests = guests.into_iter().map(|guest| RuleSpec { name: GUEST.to_owned(), ..guest });
        for Happening { later, event, cut } in happenings {
            now = now + Duration::from_secs(later.unsigned_abs());
            prop_assert_eq!(replaced.until(now), whole.until(now), "at {:?}", now);
            if let Some(event) = event {
                let at = Timestamp::from_nanos(now.as_nanos() + event.timestamp.as_nanos());
                let event = Arc::new(event.at(at));
                prop_assert_eq!(replaced.fire(&event, now), whole.fire(&event, now), "at {:?}", now);
            }
            prop_assert_eq!(replaced.rows(), whole.rows(), "at {:?}", now);
            if cut {
                let mut next: Vec<_> = guests.next().into_iter().chain(rules.iter().cloned()).collect();
                next.reverse();
                replaced.replace(next, now);
            }
        }
    }
}
