//! How a fleet comes back after a restart: events of the past first, then what was kept. What a state says is left to `state`.

use tidings_core::Timestamp;

use super::Fleet;
use crate::rules::{
    RuleSpec,
    agent::Agent,
    cooldown::Cooldowns,
    sight::Sight,
    state::{RuleState, Subject, stand_in},
};

impl Fleet {
    /// Takes in an event of the past.
    pub(in crate::rules) fn recall(&mut self, rules: &[RuleSpec], sight: &Sight<'_>) {
        let place = self.see(rules, sight);
        if let Some(agent) = place.and_then(|place| self.agents.get_mut(place)) {
            agent.mark(rules, sight);
        }
    }

    /// From now on tells what changes, beside what is put back.
    pub(in crate::rules) fn begin_restore(&mut self, rules: &[RuleSpec]) {
        self.track(rules);
    }

    /// Goes on from what was kept of a rule, which has this position now.
    pub(in crate::rules) fn put_back(&mut self, position: usize, state: RuleState, rules: &[RuleSpec]) {
        let Some(rule) = rules.get(position) else { return };
        let same = self.changes.fingerprint(position) == state.condition;
        let place = self.place_of(position, &state.subject, rules);
        let agent = place.and_then(|place| self.agents.get_mut(place));
        let Some((number, agent)) = agent.and_then(|agent| Some((agent.layout.find(position)?, agent))) else {
            // It is about an agent that the rule is no longer about.
            return self.changes.strike(rule, state.subject, state.condition);
        };
        agent.put_back(number, rule, state.kept, same);
        self.uses += 1;
        agent.used = self.uses;
        self.make_room(rules);
    }

    /// Where the state of a rule belongs.
    pub(super) fn place_of(&mut self, position: usize, subject: &Subject, rules: &[RuleSpec]) -> Option<usize> {
        let rule = rules.get(position).filter(|_| self.is_stateful(position))?;
        let id = match subject {
            Subject::Agent(id) => Some(&**id),
            Subject::Nameless => None,
            Subject::StandIn(_) => {
                let fits = stand_in(rule).as_ref() == Some(subject) && !rule.condition.expression().absences.is_empty();
                return fits.then(|| self.standing_in(position).unwrap_or_else(|| self.stand_in(position, rules)));
            }
        };
        rule.agent_id.matches(id).then(|| self.find(id).or_else(|| self.settle(id, rules)))?
    }

    /// When all is put back: what the rules await that nobody awaited yet is awaited from now on, and what came due meanwhile is due.
    pub(in crate::rules) fn finish_restore(&mut self, rules: &[RuleSpec], now: Timestamp, cooldowns: &Cooldowns) {
        // A file that has had no event has no time yet: its first one begins it.
        if self.agents.len() > self.free.len() || now.as_nanos() > i64::MIN {
            self.load(rules, now, cooldowns);
            self.arm_left(rules, cooldowns);
        }
    }

    /// The place of the stand-in for the agents of a rule.
    fn standing_in(&self, rule: usize) -> Option<usize> {
        self.awaiting.iter().find(|(other, _)| *other == rule).map(|(_, place)| *place)
    }

    /// The place of the agent, or without one of the stand-in, that a rule knows.
    pub(in crate::rules) fn find_for(&self, rule: usize, id: Option<&str>) -> Option<usize> {
        let knows = |agent: &Agent| agent.layout.find(rule).is_some();
        let own = self.find(id).filter(|place| self.agents.get(*place).is_some_and(knows));
        own.or_else(|| self.standing_in(rule).filter(|_| id.is_none()))
    }
}
