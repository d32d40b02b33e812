//! Times of different lives on one clock: that of the event which is explained. Where the clock was set back the store says; what
//! the times mean is left to `past`.

use std::{sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};
use tidings_store::{SetBack, StoredEvent};

use crate::rule_time::{moved, set_back_after};

/// Where the clock was set back, as seen from one event.
#[derive(Debug)]
pub(super) struct Clocks {
    set_backs: Vec<SetBack>,
    /// By how much it was set back after the event that is explained.
    own: Duration,
}

impl Clocks {
    pub(super) fn of(set_backs: Vec<SetBack>, event: &StoredEvent) -> Self {
        let own = set_back_after(&set_backs, event.number);
        Self { set_backs, own }
    }

    /// When rules saw an event.
    pub(super) fn judged(&self, kept: &StoredEvent) -> Timestamp {
        kept.judged.unwrap_or(kept.received) - set_back_after(&self.set_backs, kept.number) + self.own
    }

    /// The event as rules saw it: its own time is moved along.
    pub(super) fn seen(&self, kept: &StoredEvent) -> Arc<Event> {
        moved(&kept.event, set_back_after(&self.set_backs, kept.number).saturating_sub(self.own))
    }

    /// A time that an entry of the log tells, or at which it was written.
    pub(super) fn of_entry(&self, number: u64, time: Timestamp) -> Timestamp {
        let later = self.set_backs.iter().filter(|back| back.entry >= number);
        time - later.fold(Duration::ZERO, |sum, back| sum.saturating_add(back.by)) + self.own
    }

    /// The latest that any of the clocks showed at this time.
    pub(super) fn latest(&self, time: Timestamp) -> Timestamp {
        time - self.own + set_back_after(&self.set_backs, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_times_are_told_by_the_clock_of_the_event() {
        let at = Timestamp::from_secs;
        let back = |event, entry, seconds| SetBack { event, entry, by: Duration::from_secs(seconds) };
        let kept = |number, judged: Option<i64>| StoredEvent {
            number,
            id: tidings_core::EventId::named("", "x"),
            event: Arc::new(Event::new("x").at(at(1_000))),
            received: at(1_000),
            judged: judged.map(at),
            waiting: false,
        };
        let clocks = Clocks::of(vec![back(3, 30, 100), back(6, 60, 10)], &kept(5, None));
        let check = |number, seconds: i64| {
            let told = clocks.judged(&kept(number, Some(2_000)));
            assert_eq!((told, clocks.seen(&kept(number, None)).timestamp), (at(2_000 - seconds), at(1_000 - seconds)));
            assert_eq!(clocks.judged(&kept(number, None)), at(1_000 - seconds), "nobody told: when it was accepted");
        };
        check(1, 100);
        check(3, 100);
        check(4, 0);
        check(6, 0);
        for (number, expected) in [(30, 900), (31, 1_000), (60, 1_000), (61, 1_010)] {
            assert_eq!(clocks.of_entry(number, at(1_000)), at(expected), "{number}");
        }
        assert_eq!(clocks.latest(at(1_000)), at(1_100));
    }
}
