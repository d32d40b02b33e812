//! How a rule set goes on from the one that it replaces while events come: windows, holds, firings and cooldowns stay where the rules
//! stay. What it has to look back on beyond that is recalled from events, by whoever keeps them.

use std::collections::{HashMap, HashSet};

use tidings_core::Timestamp;

use super::{
    LookBack, RuleSet, RuleSpec,
    restart::{looks_back, positions},
    state::fingerprint,
};
use crate::agents::AgentPattern;

/// Which rule of one set is which of another.
#[derive(Debug)]
pub(super) struct Succession {
    /// For each rule of the new set the place of the one of its name before.
    before: Vec<Option<usize>>,
    /// For each rule of the set before the place of the one of its name now.
    after: Vec<Option<usize>>,
    /// For each rule of the new set whether its condition is what it was.
    same: Vec<bool>,
}

impl Succession {
    fn between(before: &[RuleSpec], after: &[RuleSpec]) -> Self {
        let (old, new) = (positions(before), positions(after));
        let place = |places: &HashMap<&str, usize>, rule: &RuleSpec| places.get(rule.name.as_str()).copied();
        let is_same = |rule: &RuleSpec| {
            let then = place(&old, rule).and_then(|place| before.get(place));
            then.is_some_and(|then| fingerprint(then) == fingerprint(rule))
        };
        Self {
            before: after.iter().map(|rule| place(&old, rule)).collect(),
            after: before.iter().map(|rule| place(&new, rule)).collect(),
            same: after.iter().map(is_same).collect(),
        }
    }

    /// Where a rule of the new set was.
    pub(super) fn before(&self, rule: usize) -> Option<usize> {
        self.before.get(rule).copied().flatten()
    }

    /// Where a rule of the set before is now.
    pub(super) fn after(&self, rule: usize) -> Option<usize> {
        self.after.get(rule).copied().flatten()
    }

    /// Whether the condition of a rule of the new set is what it was.
    pub(super) fn is_same(&self, rule: usize) -> bool {
        self.same.get(rule).copied().unwrap_or_default()
    }
}

impl RuleSet {
    /// Which events of the past are to be [recalled](RuleSet::recall) before this set [takes over](RuleSet::take_over) from that one:
    /// those that a rule looks back on which keeps something that the other set does not.
    #[must_use]
    pub fn look_back_beyond(&self, before: &Self) -> LookBack {
        let kept: HashSet<(&str, &AgentPattern)> = before.rules.iter().flat_map(keeps).collect();
        let any = AgentPattern::Any;
        let is_kept =
            |(key, pattern): (&str, &AgentPattern)| kept.contains(&(key, pattern)) || kept.contains(&(key, &any));
        let new = self.rules.iter().filter(|rule| !keeps(rule).all(is_kept));
        LookBack::of(new.map(looks_back))
    }

    /// Goes on where another set is, of which nothing is left: after the recalls, [`RuleSet::restore_cooldowns`] and what is
    /// [put back](RuleSet::put_back) of rules that are new, before the first event or tick.
    ///
    /// What both sets keep of an agent is taken over as it is. A rule whose name and condition are what they were is as far as it was; where the
    /// condition has changed, a firing stays open that the new one can end, and a hold starts anew. A cooldown goes on by the rule's name.
    /// What a new rule awaits, and no event of the past has brought, begins at `now`. What is kept of a rule that is gone is told no
    /// more. Accounts begin anew.
    pub fn take_over(&mut self, before: Self, now: Timestamp) {
        let succession = Succession::between(&before.rules, &self.rules);
        let Self { rules, fleet, cooldowns, unseen, .. } = self;
        unseen.take_over(before.unseen, (&before.rules, rules));
        cooldowns.take_over(before.cooldowns, &succession);
        let is_loaded = before.fleet.is_loaded();
        fleet.take_over(rules, (before.fleet, &before.rules), &succession);
        if is_loaded {
            fleet.finish_restore(rules, now, cooldowns);
        }
    }

    /// The firings that are not over: the rule, by its place, and the agent.
    #[must_use]
    pub fn open(&self) -> Vec<(usize, Option<&str>)> {
        self.fleet.agents().flat_map(|agent| agent.open_firings().map(|rule| (rule, agent.id.as_deref()))).collect()
    }
}

/// What a rule keeps of its agents, by its keys, and of which agents. Something awaited is shared by rules of one pattern alone.
fn keeps(rule: &RuleSpec) -> impl Iterator<Item = (&str, &AgentPattern)> {
    let expression = rule.condition.expression();
    let series = expression.series.iter().map(|spec| &*spec.key);
    series.chain(expression.absences.iter().map(|spec| &*spec.key)).map(|key| (key, &rule.agent_id))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
