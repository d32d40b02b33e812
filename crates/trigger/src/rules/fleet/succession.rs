//! What a fleet leaves to the next one, agent by agent. What each agent leaves stands in `agent`.

use super::Fleet;
use crate::rules::{
    RuleSpec,
    agent::Agent,
    state::{Subject, fingerprint, stand_in},
    succession::Succession,
};

impl Fleet {
    /// Whether it awaits what its rules await.
    pub(in crate::rules) const fn is_loaded(&self) -> bool {
        self.loaded.is_some()
    }

    /// Goes on from the fleet before.
    pub(in crate::rules) fn take_over(
        &mut self,
        rules: &[RuleSpec],
        (mut before, old): (Self, &[RuleSpec]),
        succession: &Succession,
    ) {
        if before.changes.is_told() {
            self.track(rules);
            self.changes.take_over(&mut before.changes);
        }
        self.gone = before.gone;
        let mut agents = before.leave_all(old);
        // Who was seen last is the last to make room.
        agents.sort_by_key(|(_, agent)| agent.used);
        self.uses = self.uses.max(before.uses);
        for (subject, agent) in agents {
            self.follow(rules, (subject, agent, old), succession);
        }
    }

    /// All agents, each with whom it is.
    fn leave_all(&mut self, rules: &[RuleSpec]) -> Vec<(Subject, Agent)> {
        let (nameless, awaiting) = (self.nameless, std::mem::take(&mut self.awaiting));
        let whose = |(place, agent): (usize, Agent)| {
            let stands_in = || awaiting.iter().find(|(_, stand_in)| *stand_in == place);
            let subject = match &agent.id {
                Some(id) => Subject::Agent(id.clone()),
                None if nameless == Some(place) => Subject::Nameless,
                // A place that is free is nobody's.
                None => stand_in(rules.get(stands_in()?.0)?)?,
            };
            Some((subject, agent))
        };
        std::mem::take(&mut self.agents).into_iter().enumerate().filter_map(whose).collect()
    }

    fn follow(
        &mut self,
        rules: &[RuleSpec],
        (subject, mut before, old): (Subject, Agent, &[RuleSpec]),
        succession: &Succession,
    ) {
        let told: Vec<usize> = before.told().collect();
        let place = self.place_after(&subject, (&before, rules), succession);
        if let Some(agent) = place.and_then(|place| self.agents.get_mut(place)) {
            if !before.series.is_empty() {
                self.series += agent.open(rules);
            }
            agent.used = before.used;
            agent.take_over(rules, (&mut before, old), succession);
        }
        for rule in told {
            let now = succession.after(rule).and_then(|position| Some((position, rules.get(position)?)));
            // What is kept of a rule that is gone stays, for the case that it comes back.
            let Some((position, spec)) = now else { continue };
            let agent = place.and_then(|place| self.agents.get(place));
            if !agent.is_some_and(|agent| agent.has_state(position)) {
                self.changes.strike(spec, subject.clone(), fingerprint(spec));
            }
        }
        self.make_room(rules);
    }

    /// Where an agent belongs now, or the stand-in for it.
    fn place_after(
        &mut self,
        subject: &Subject,
        (before, rules): (&Agent, &[RuleSpec]),
        succession: &Succession,
    ) -> Option<usize> {
        let id = match subject {
            Subject::Agent(id) => Some(&**id),
            Subject::Nameless => None,
            Subject::StandIn(_) => {
                let rule = succession.after(before.layout.rules.first()?.rule)?;
                return self.place_of(rule, subject, rules);
            }
        };
        self.find(id).or_else(|| self.settle(id, rules))
    }
}
