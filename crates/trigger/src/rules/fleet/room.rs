//! The bounds of what is kept of all agents, and who makes room. What an agent is made of is left to `agent`.

use super::Fleet;
use crate::rules::agent::Agent;

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
    pub(super) fn make_room(&mut self) {
        if self.series > self.limits.series {
            for place in self.oldest(|agent| !agent.series.is_empty()) {
                let series = std::mem::take(&mut self.agents[place].series);
                self.series -= series.len();
                series.iter().for_each(|series| self.gone.count_left_out(series));
                self.gone.evicted += 1;
            }
        }
        if self.agents.len() - self.free.len() > self.limits.agents || self.states > self.limits.states {
            for place in self.oldest(|_| true) {
                let agent = self.vacate(place);
                agent.series.iter().for_each(|series| self.gone.count_left_out(series));
                self.gone.evicted += 1;
            }
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
