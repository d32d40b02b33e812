//! A clock that stands still until a test moves it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tidings_core::{Clock, Timestamp};

/// A clock for tests. Clones are hands of the same clock.
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    nanos: Arc<AtomicI64>,
}

impl FakeClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self { nanos: Arc::new(AtomicI64::new(time.as_nanos())) }
    }

    /// Moves the clock to this time, backwards too: to see what a clock that is set does.
    pub fn set(&self, time: Timestamp) {
        self.nanos.store(time.as_nanos(), Ordering::SeqCst);
    }

    /// Moves the clock forwards and tells the new time; saturates at [`Timestamp::MAX`].
    pub fn advance(&self, span: Duration) -> Timestamp {
        let move_on = |nanos| Some((Timestamp::from_nanos(nanos) + span).as_nanos());
        let before = self.nanos.fetch_update(Ordering::SeqCst, Ordering::SeqCst, move_on).unwrap_or_else(|same| same);
        Timestamp::from_nanos(before) + span
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.nanos.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_hands_of_one_clock() {
        let clock = FakeClock::at(Timestamp::from_secs(10));
        let hand = clock.clone();
        assert_eq!(clock.advance(Duration::from_secs(5)), Timestamp::from_secs(15));
        assert_eq!(hand.now(), Timestamp::from_secs(15));
        hand.set(Timestamp::EPOCH);
        assert_eq!(clock.now(), Timestamp::EPOCH);
        hand.set(Timestamp::MAX);
        assert_eq!(clock.advance(Duration::from_secs(1)), Timestamp::MAX);
    }
}
