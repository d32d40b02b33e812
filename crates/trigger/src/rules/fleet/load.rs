//! When a fleet begins to await what its rules await, and when time may change something next. Judging what has come is left to the
//! rule set.

use std::{collections::HashSet, sync::Arc};

use tidings_core::Timestamp;

use super::Fleet;
use crate::{
    agents::AgentPattern,
    rules::{RuleSpec, agent::Agent, cooldown::Cooldowns, timers::Due},
};

impl Fleet {
    /// From its first moment on the set awaits what its rules await, unless it does already: what was restored goes on.
    pub(in crate::rules) fn load(&mut self, rules: &[RuleSpec], now: Timestamp, cooldowns: &Cooldowns) {
        if self.loaded.is_some() {
            return;
        }
        self.loaded = Some(now);
        let known = self.rules_of_the_seen();
        self.dismiss(&known, rules);
        for (position, rule) in rules.iter().enumerate() {
            let awaited = self.awaiting.iter().any(|(other, _)| *other == position) || known.contains(&position);
            if !rule.condition.expression().absences.is_empty() {
                self.await_any(position, rules, awaited);
            }
        }
        for place in 0..self.agents.len() {
            let Some(agent) = self.agents.get_mut(place) else { continue };
            agent.expect(rules, now);
            if agent.is_unseen() {
                // What has not been seen has empty windows, not none.
                self.series += agent.open(rules);
            }
        }
        self.arm_left(rules, cooldowns);
    }

    /// Gives a place to the agent that a rule awaits, or to a stand-in for it, unless one is `known`.
    fn await_any(&mut self, position: usize, rules: &[RuleSpec], known: bool) {
        match rules.get(position).map(|rule| &rule.agent_id) {
            Some(AgentPattern::Exact(id)) if self.find(Some(id)).is_none() => _ = self.settle(Some(id), rules),
            Some(AgentPattern::Exact(_)) | None => {}
            Some(_) if known => {}
            Some(_) => _ = self.stand_in(position, rules),
        }
    }

    /// The place of a new stand-in for the agents of a rule.
    pub(super) fn stand_in(&mut self, position: usize, rules: &[RuleSpec]) -> usize {
        let place = self.occupy(None, &[position], rules);
        self.awaiting.push((position, place));
        place
    }

    /// The rules of all agents that were seen.
    fn rules_of_the_seen(&self) -> HashSet<usize> {
        let seen = self.agents.iter().filter(|agent| !agent.is_unseen());
        let mut layouts = HashSet::new();
        let different = seen.filter(|agent| layouts.insert(Arc::as_ptr(&agent.layout)));
        different.flat_map(|agent| agent.layout.rules.iter().map(|tracked| tracked.rule)).collect()
    }

    /// Nobody stands in for agents that are known.
    fn dismiss(&mut self, known: &HashSet<usize>, rules: &[RuleSpec]) {
        for (rule, stand_in) in std::mem::take(&mut self.awaiting) {
            if known.contains(&rule) {
                self.vacate(stand_in, rules);
            } else {
                self.awaiting.push((rule, stand_in));
            }
        }
    }

    /// Sets the timers of an agent's rules, and lists those that are not as they were told.
    pub(in crate::rules) fn arm(&mut self, place: usize, rules: &[RuleSpec], now: Timestamp, cooldowns: &Cooldowns) {
        self.set_timers(place, rules, |agent, number, rule, position| {
            agent.next_due(number, rule, now, cooldowns.end(position, agent.id.as_deref()))
        });
    }

    /// The same for all agents, for what came due while nobody looked, too.
    pub(super) fn arm_left(&mut self, rules: &[RuleSpec], cooldowns: &Cooldowns) {
        for place in 0..self.agents.len() {
            self.set_timers(place, rules, |agent, number, rule, position| {
                agent.left_due(number, rule, cooldowns.end(position, agent.id.as_deref()))
            });
        }
    }

    fn set_timers(
        &mut self,
        place: usize,
        rules: &[RuleSpec],
        due: impl Fn(&Agent, usize, &RuleSpec, usize) -> Option<Timestamp>,
    ) {
        let Some(agent) = self.agents.get_mut(place) else { return };
        let layout = Arc::clone(&agent.layout);
        for (number, tracked) in layout.rules.iter().enumerate() {
            let (Some(state), Some(rule)) = (tracked.state, rules.get(tracked.rule)) else { continue };
            let due = due(agent, number, rule, tracked.rule);
            let Some(progress) = agent.progress.get_mut(state) else { continue };
            self.changes.list((place, number), &mut progress.note);
            let Some(at) = due.filter(|at| progress.armed.is_none_or(|armed| armed > *at)) else { continue };
            if let Some(armed) = progress.armed.replace(at) {
                self.timers.clear(&Due { at: armed, agent: place, rule: number });
            }
            self.timers.set(Due { at, agent: place, rule: number });
        }
    }
}
