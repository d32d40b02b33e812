//! Tells a delivery that its receiver always fails on from a receiver that is down: meanwhile others get through. Pure; what follows
//! from it is `verdict`'s.

use std::collections::HashMap;

use tidings_core::DeliveryId;

/// So many are watched at once; one more waits like behind a receiver that is down.
const MOST: usize = 10_000;

/// A delivery that has failed.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    /// How many others had got through by its last failure.
    seen: u64,
    /// How many of its failures came after another one had got through since the failure before.
    alone: u32,
}

/// The deliveries of one endpoint that have failed and are tried again.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    successes: u64,
    failing: HashMap<DeliveryId, Suspect>,
}

impl Suspects {
    /// The endpoint has taken something.
    pub(crate) fn note_success(&mut self) {
        self.successes += 1;
    }

    /// A delivery has failed as it would if the endpoint were down. Says how often by now the endpoint has taken others between two
    /// of its failures.
    pub(crate) fn note_failure(&mut self, id: DeliveryId) -> u32 {
        if self.failing.len() >= MOST && !self.failing.contains_key(&id) {
            // In an outage all fail, and nothing is known of them that the next failure does not tell as well.
            self.failing.retain(|_, suspect| suspect.alone > 0);
        }
        if self.failing.len() >= MOST && !self.failing.contains_key(&id) {
            return 0;
        }
        let seen = self.successes;
        let suspect = self.failing.entry(id).or_insert(Suspect { seen, alone: 0 });
        suspect.alone = suspect.alone.saturating_add(u32::from(seen > suspect.seen));
        suspect.seen = seen;
        suspect.alone
    }

    /// It is settled.
    pub(crate) fn forget(&mut self, id: DeliveryId) {
        self.failing.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use tidings_core::EventId;

    use super::*;

    fn id(number: usize) -> DeliveryId {
        DeliveryId::of_event(EventId::named("test", &number.to_string()), "hook")
    }

    #[test]
    fn only_failures_between_which_others_get_through_are_its_own() {
        let mut suspects = Suspects::default();
        suspects.note_success();
        assert_eq!(suspects.note_failure(id(1)), 0, "that was before");
        assert_eq!(suspects.note_failure(id(1)), 0, "so the endpoint is down");
        (0..2).for_each(|_| suspects.note_success());
        assert_eq!(suspects.note_failure(id(2)), 0);
        assert_eq!(suspects.note_failure(id(1)), 1);
        assert_eq!(suspects.note_failure(id(1)), 1);
        suspects.note_success();
        assert_eq!((suspects.note_failure(id(1)), suspects.note_failure(id(2))), (2, 1));
        suspects.forget(id(1));
        assert_eq!(suspects.note_failure(id(1)), 0);
    }

    #[test]
    fn they_do_not_grow_without_bound() {
        let mut suspects = Suspects::default();
        (0..MOST + 5).for_each(|number| assert_eq!(suspects.note_failure(id(number)), 0));
        assert!(suspects.failing.len() <= MOST);
        suspects.note_success();
        assert_eq!(suspects.note_failure(id(MOST + 1)), 1, "one that fails by itself is still found");
    }
}
