//! One configuration of a replay, with what it comes to. How two of them differ stands in `difference`.

use std::{collections::BTreeSet, time::Duration};

use tidings::{Happening, Identified, Priority, Replay, Timestamp, config::Plan};

use super::Tally;
use crate::{
    args::{Config, Output},
    setup,
};

/// Stands behind the name of a configuration that is not taken as it is.
const BARE: &str = "everything off";

/// Takes what a side tells, beside its own count.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&Happening<'_>);

/// A configuration with its numbers so far.
pub(super) struct Side {
    replay: Replay,
    tally: Tally,
}

impl Side {
    /// Loads a configuration, and takes it as it is or with everything off; `None` where it is refused, which is told then.
    pub(super) fn open(config: &Config, is_bare: bool, output: &Output) -> anyhow::Result<Option<Self>> {
        let Ok(plan) = setup::load_unsent(config, output.json) else { return Ok(None) };
        let name = name(config, plan.is_some());
        let critical = plan.iter().flat_map(critical_rules).collect();
        if !is_bare {
            let replay = setup::builder_unsent(plan)?.replay()?;
            return Ok(Some(Self { replay, tally: Tally::of(name, critical) }));
        }
        let builder = setup::builder_unsent(plan.map(Plan::bare))?;
        // Where there is no file, the defaults are off as well.
        let replay = builder.dedup_window(Duration::ZERO).storm_limit(None).replay()?;
        Ok(Some(Self { replay, tally: Tally::of(format!("{name}, {BARE}"), critical) }))
    }

    /// The next event.
    pub(super) fn feed(&mut self, event: Identified, tell: Tell<'_>) {
        let Self { replay, tally } = self;
        tally.see(event.event());
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
        let mut note = |seen: Happening<'_>| {
            tally.note(&seen);
            tell(&seen);
        };
        replay.pass(until, &mut note);
        replay.finish(&mut note);
        tally.close(&replay.account(), until);
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }
}

fn name(config: &Config, has_plan: bool) -> String {
    let default = if has_plan { setup::DEFAULT_FILE } else { "(defaults)" };
    let path = config.config.as_ref().or(config.agent_file.as_ref());
    path.map_or_else(|| default.to_owned(), |path| path.display().to_string())
}

fn critical_rules(plan: &Plan) -> BTreeSet<String> {
    let rules = plan.rules.iter().filter(|rule| rule.priority == Priority::Critical);
    rules.map(|rule| rule.name.clone()).collect()
}
