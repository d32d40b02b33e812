//! What a rule set tells of itself so that another one can go on where it stopped, and how that one does. Keeping what is told, and
//! the events, is left to a store.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};

use super::{RuleSet, RuleSpec, RuleState, Sight};
use crate::window::Keep;

/// After how many of its time constants an average has forgotten where it came from: to a ten-millionth of the difference.
const CONSTANTS: u32 = 16;

/// Which events of the past a rule set looks back on: these, and all that came after the first of them, since what one event awaits
/// another may have brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookBack {
    /// Those accepted, or of a time, no longer than this before the newest event that was judged; not before now, since nothing is
    /// forgotten while nobody runs. Whoever expects events that come late adds by how much. Zero where no rule looks back.
    pub span: Duration,
    /// Of each agent so many of the newest by their own time, however old they are; at most 512. Zero where no rule counts
    /// events.
    pub events: usize,
}

impl LookBack {
    /// What reaches as far back as each of these.
    pub(super) fn of(each: impl Iterator<Item = Self>) -> Self {
        let further = |all: Self, one: Self| Self { span: all.span.max(one.span), events: all.events.max(one.events) };
        each.fold(Self::default(), further)
    }
}

impl RuleSet {
    /// How far rules are with agents that are not as they were told: all that there is at the first call, what has changed since at
    /// each later one. To be kept with what was fired; of each rule and [`RuleState::key`] the last one, or none where it
    /// [is empty](RuleState::is_empty).
    ///
    /// Only rules with `for`, with `resolve when`, or that await something, ever appear; their names must differ. From the first
    /// call on the set remembers what it has to tell, so there must be a next one.
    pub fn changed(&mut self) -> Vec<RuleState> {
        self.fleet.changed(&self.rules)
    }

    /// Which events of the past are to be [recalled](RuleSet::recall) before [`RuleSet::restore`].
    #[must_use]
    pub fn look_back(&self) -> LookBack {
        LookBack::of(self.rules.iter().map(looks_back))
    }

    /// Takes in an event of the past as it was taken in then, at `now`: into windows, and for what is awaited. Nothing is judged,
    /// counted or told, and no rule is further than before. Events come in the order in which they were judged.
    ///
    /// What is read afterwards is what it was, where all events of [`RuleSet::look_back`] were recalled and none that comes later is
    /// late by more than they reach. Some of it is near that only: `stddev` and `zscore` to their last digits; windows of more than
    /// 512 samples within what they say of themselves, since one that begins anew is exact for longer; `ewma` to 1e-7 of how far
    /// the forgotten average was off, and one whose last sample is older than the look-back is missing until its next; and the
    /// windows of an agent whose clock is behind by more than the look-back.
    pub fn recall(&mut self, event: &Arc<Event>, now: Timestamp) {
        let Self { rules, fleet, unseen, .. } = self;
        unseen.see(event);
        fleet.recall(rules, &Sight::of(event, now));
    }

    /// Goes on from what [`RuleSet::changed`] told, in any order: after the recalls and [`RuleSet::restore_cooldowns`], before
    /// the first event or tick. What came due meanwhile is told by the next ticks, as of when it was due.
    ///
    /// States of rules that are not in the set are ignored. Where a condition has changed, a firing stays open that the new one can
    /// end, and a hold starts anew. What is awaited goes on being awaited; what a new rule awaits begins at `now`.
    pub fn restore(&mut self, states: Vec<RuleState>, now: Timestamp) {
        self.put_back(states);
        let Self { rules, fleet, cooldowns, .. } = self;
        fleet.finish_restore(rules, now, cooldowns);
    }

    /// The first part of [`RuleSet::restore`]: the second one is [`RuleSet::take_over`], for rules that were not in the set before.
    pub fn put_back(&mut self, states: Vec<RuleState>) {
        let Self { rules, fleet, .. } = self;
        fleet.begin_restore(rules);
        let positions = positions(rules);
        for state in states {
            if let Some(position) = positions.get(state.rule()) {
                fleet.put_back(*position, state, rules);
            }
        }
    }

    /// Rules have fired for agents then: their cooldowns go on. Of several of the same the last counts; a rule that is not in the
    /// set is ignored. Each call costs a look at all rules, so a call takes many.
    pub fn restore_cooldowns<'a>(&mut self, fired: impl IntoIterator<Item = (&'a str, Option<&'a str>, Timestamp)>) {
        let Self { rules, cooldowns, .. } = self;
        let positions = positions(rules);
        for (rule, agent, at) in fired {
            if let Some(position) = positions.get(rule) {
                cooldowns.restore(*position, agent, at);
            }
        }
    }

    /// The same of one rule and one agent.
    pub fn restore_cooldown(&mut self, rule: &str, agent: Option<&str>, fired: Timestamp) {
        if let Some(position) = self.rules.iter().position(|spec| spec.name == rule) {
            self.cooldowns.restore(position, agent, fired);
        }
    }
}

/// The place of each name; of several rules of one name the first has it.
pub(super) fn positions(rules: &[RuleSpec]) -> HashMap<&str, usize> {
    // The first one comes last, and stays.
    rules.iter().enumerate().rev().map(|(position, rule)| (rule.name.as_str(), position)).collect()
}

/// How far one rule looks back. Time alone asks it again as long as something is awaited, held or resting after an agent's last
/// event; its windows reach back from there.
pub(super) fn looks_back(rule: &RuleSpec) -> LookBack {
    let expression = rule.condition.expression();
    let nanoseconds = |span: i64| Duration::from_nanos(span.unsigned_abs());
    let window = expression.series.iter().map(|series| window(series.keep)).max().unwrap_or_default();
    let absence = expression.absences.iter().map(|absence| nanoseconds(absence.after)).max().unwrap_or_default();
    let holds = nanoseconds(rule.condition.hold()) + nanoseconds(rule.condition.resolve_hold());
    let waits = !expression.absences.is_empty() || !holds.is_zero() && !expression.series.is_empty();
    let rests = if waits { rule.cooldown } else { Duration::ZERO };
    let run = |keep: Keep| if let Keep::Run(events) = keep { usize::from(events) } else { 0 };
    LookBack {
        span: [absence, holds, rests].into_iter().fold(window, Duration::saturating_add),
        events: expression.series.iter().map(|series| run(series.keep)).max().unwrap_or_default(),
    }
}

/// How long an event matters to what is kept of an input.
fn window(keep: Keep) -> Duration {
    match keep {
        Keep::Moments(span)
        | Keep::Change(span)
        | Keep::Order(span)
        | Keep::Ends(span)
        | Keep::Values(span)
        | Keep::Marks(span) => Duration::from_nanos(span.unsigned_abs()),
        Keep::Decay(constant) => Duration::from_nanos(constant.unsigned_abs()).saturating_mul(CONSTANTS),
        Keep::Run(_) => Duration::ZERO,
    }
}

#[cfg(test)]
pub(super) mod properties;
#[cfg(test)]
mod tests;
