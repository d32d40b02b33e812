//! One configuration of a replay, with what it comes to. How two of them differ stands in `difference`.

use std::time::Duration;

use tidings::{Event, Happening, Replay, Timestamp};

use super::Tally;
use crate::{
    args::{Config, Output},
    setup,
};

/// Takes what a side tells, beside its own count.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&Happening<'_>);

/// A configuration with its numbers so far.
pub(super) struct Side {
    replay: Replay,
    tally: Tally,
}

impl Side {
    /// Loads a configuration; `None` where it is refused, which is told then.
    pub(super) fn open(config: &Config, output: &Output) -> anyhow::Result<Option<Self>> {
        let Ok(plan) = setup::load_unsent(config, output.json) else { return Ok(None) };
        let path = config.config.as_ref().or(config.agent_file.as_ref());
        let default = if plan.is_some() { setup::DEFAULT_FILE } else { "(defaults)" };
        let name = path.map_or_else(|| default.to_owned(), |path| path.display().to_string());
        Ok(Some(Self { replay: setup::builder_unsent(plan)?.replay()?, tally: Tally::of(&name) }))
    }

    /// The next event.
    pub(super) fn feed(&mut self, event: Event, tell: Tell<'_>) {
        let Self { replay, tally } = self;
        tally.see(&event);
        replay.feed(event, &mut |seen| {
            tally.note(&seen);
            tell(&seen);
        });
    }

    /// A line that is no event.
    pub(super) fn refuse(&self) {
        self.replay.refuse(1);
    }

    /// Lets so much time pass after the last event.
    pub(super) fn finish(&mut self, after: Duration, tell: Tell<'_>) {
        let Self { replay, tally } = self;
        // Before the first event there is no time that could pass.
        let until = if tally.from.is_some() { replay.now() + after } else { Timestamp::from_nanos(i64::MIN) };
        replay.finish(until, &mut |seen| {
            tally.note(&seen);
            tell(&seen);
        });
        tally.close(&replay.account(), until);
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}
