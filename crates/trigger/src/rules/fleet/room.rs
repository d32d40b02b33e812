//! The bounds of what is kept of all agents, and who makes room. What an agent is made of is left to `agent`.

use super::Fleet;
use crate::rules::{RuleSpec, agent::Agent};

/// The most agents, series, and states of rules with what they await, of all agents together.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) agents: usize,
    pub(super) series: usize,
    pub(super) states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { agents: 1 << 17, series: 1 << 16, states: 1 << 22 }
    }
}

impl Fleet {
    /// Keeps agents, their series and states within their bounds.
    pub(super) fn make_room(&mut self, rules: &[RuleSpec]) {
        if self.series > self.limits.series {
            for place in self.oldest(|agent| !agent.series.is_empty()) {
                let series = std::mem::take(&mut self.agents[place].series);
                self.series -= series.len();
                series.iter().for_each(|series| self.gone.count_left_out(series));
                self.gone.evicted += 1;
            }
        }
        if self.agents.len() - self.free.len() > self.limits.agents || self.states > self.limits.states {
            let mut places = self.oldest(|_| true);
            for place in &places {
                let agent = self.vacate(*place, rules);
                agent.series.iter().for_each(|series| self.gone.count_left_out(series));
                self.gone.evicted += 1;
            }
            places.sort_unstable();
            self.changes.forget(&places);
        }
    }

    /// The sixteenth of some agents that was unseen for longest, idle ones first; never the one that was seen last.
    fn oldest(&self, among: impl Fn(&Agent) -> bool) -> Vec<usize> {
        let stands_in = |place: usize| self.awaiting.iter().any(|(_, stand_in)| *stand_in == place);
        let age = |place: usize| (!self.agents[place].is_idle(), self.agents[place].used);
        let mut places: Vec<usize> = (0..self.agents.len())
            .filter(|place| {
                let agent = &self.agents[*place];
                !agent.layout.rules.is_empty() && agent.used < self.uses && among(agent) && !stands_in(*place)
            })
            .collect();
        places.sort_unstable_by_key(|place| age(*place));
        places.truncate(places.len().div_ceil(16));
        places
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::json;
    use tidings_core::{Event, Timestamp};

    use super::*;
    use crate::{
        AgentPattern, Condition, RuleSpec,
        rules::{Sight, cooldown::Cooldowns},
    };

    #[test]
    fn any_number_of_agents_stays_within_every_limit_and_idle_ones_go_first() {
        let spec = |source: &str| RuleSpec {
            name: source.to_owned(),
            agent_id: AgentPattern::Any,
            condition: Condition::compile(source).unwrap(),
            cooldown: Duration::ZERO,
        };
        let rules = ["x > 1 for 1h", "avg(x, 1h) > 9 for 1m", "max(x, 1h) > 9"].map(spec);
        for limits in [Limits { agents: 64, ..Limits::default() }, Limits { states: 128, ..Limits::default() }] {
            let mut fleet = Fleet { limits, ..Fleet::new(&rules) };
            for number in 0..1_000 {
                let x = if number == 0 { 2 } else { 0 };
                let event = Arc::new(Event::new("test").agent(number.to_string()).data(json!({"x": x})));
                let sight = Sight::of(&event, Timestamp::from_secs(number));
                let place = fleet.see(&rules, &sight).unwrap();
                let agent = fleet.agent_mut(place).unwrap();
                agent.judge(0, &rules[0], &sight, || true);
                fleet.leave(place, &rules, &sight, &Cooldowns::default());
                let states: usize = fleet.agents.iter().map(Agent::states).sum();
                let series: usize = fleet.agents.iter().map(|agent| agent.series.len()).sum();
                assert_eq!((states, series), (fleet.states, fleet.series));
                assert!(fleet.account().agents <= 64 && states <= 128, "{states}");
            }
            assert!(fleet.find(Some("0")).is_some(), "it holds something");
            assert!(fleet.find(Some("1")).is_none() && fleet.find(Some("999")).is_some());
            assert_eq!(fleet.timers.take(Timestamp::from_secs(10_000), 10).len(), 1);
        }
    }

    #[test]
    fn what_was_told_of_agents_that_made_room_is_told_to_be_gone() {
        let rule = RuleSpec {
            name: "r".to_owned(),
            agent_id: AgentPattern::Any,
            condition: Condition::compile("x > 1 for 1h").unwrap(),
            cooldown: Duration::ZERO,
        };
        let rules = [rule];
        let limits = Limits { agents: 32, ..Limits::default() };
        let mut fleet = Fleet { limits, ..Fleet::new(&rules) };
        let mut rows = std::collections::HashSet::new();
        for number in 0..500 {
            let event = Arc::new(Event::new("test").agent(number.to_string()).data(json!({"x": 2})));
            let sight = Sight::of(&event, Timestamp::from_secs(number));
            let place = fleet.see(&rules, &sight).unwrap();
            fleet.agent_mut(place).unwrap().judge(0, &rules[0], &sight, || true);
            fleet.leave(place, &rules, &sight, &Cooldowns::default());
            // Now and then many go before they were told of.
            if number % 7 == 0 {
                for state in fleet.changed(&rules) {
                    _ = if state.is_empty() { rows.remove(&state.key()) } else { rows.insert(state.key()) };
                }
                let known: Vec<_> = rows.iter().map(|key: &String| fleet.find(key.strip_prefix('='))).collect();
                assert!(known.iter().all(Option::is_some) && known.len() == fleet.account().agents, "{known:?}");
            }
        }
    }
}
