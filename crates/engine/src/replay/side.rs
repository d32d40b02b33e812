//! A replay with what it comes to: one side of a comparison. What the two differ in stands in `difference`.

use std::time::Duration;

use tidings_core::Timestamp;

use super::{Happening, Identified, Replay, Tally};

/// Takes what a side tells, beside its own count.
pub type Tell<'a> = &'a mut dyn FnMut(&Happening<'_>);

/// A replay with its numbers so far.
#[derive(Debug)]
pub struct Side {
    replay: Replay,
    tally: Tally,
}

impl Side {
    /// This replay, which has not begun, and nothing counted yet.
    #[must_use]
    pub const fn new(replay: Replay, tally: Tally) -> Self {
        Self { replay, tally }
    }

    /// The next event.
    pub fn feed(&mut self, event: Identified, tell: Tell<'_>) {
        let Self { replay, tally } = self;
        tally.see(event.event());
        replay.feed(event, &mut |seen| {
            tally.note(&seen);
            tell(&seen);
        });
    }

    /// A line that is no event.
    pub fn refuse(&self) {
        self.replay.refuse(1);
    }

    /// Lets so much time pass after the last event, and ends it.
    pub fn finish(&mut self, after: Duration, tell: Tell<'_>) {
        let Self { replay, tally } = self;
        // Before the first event there is no time that could pass.
        let until = if tally.from.is_some() { replay.now() + after } else { Timestamp::from_nanos(i64::MIN) };
        let mut note = |seen: Happening<'_>| {
            tally.note(&seen);
            tell(&seen);
        };
        replay.pass(until, &mut note);
        replay.finish(&mut note);
        tally.close(&replay.account(), until);
    }

    /// The numbers.
    #[must_use]
    pub fn into_tally(self) -> Tally {
        self.tally
    }
}
