//! What every rule makes of an event, with the values: for whoever asks why something did or did not happen. What is told of it is
//! left to them.

use std::sync::Arc;

use serde::Serialize;
use tidings_core::{Event, Timestamp};

use super::{Judged, RuleSet, Sight, Touch};
use crate::{Verdict, explain};

/// What one rule makes of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Judgement {
    /// The rule's position in the list that the set was made of.
    pub rule: usize,
    /// What it makes of the event.
    pub verdict: Verdict,
    /// The condition with the values that it read, at most about 1,500 characters.
    pub summary: String,
    /// For a cooldown its end; for what is pending when it will have held for long enough.
    pub until: Option<Timestamp>,
    /// For what is firing, or is resolved, since when.
    pub since: Option<Timestamp>,
}

impl RuleSet {
    /// What each rule that is about an event's agent makes of the event, in their order. As [`RuleSet::fire`] it moves all that is
    /// kept on; but every condition is asked, and nothing is counted in the accounts.
    pub fn judgements(&mut self, event: &Arc<Event>, now: Timestamp) -> Vec<Judgement> {
        let Self { rules, fleet, cooldowns, .. } = self;
        let sight = Sight::of(event, now);
        let agent_id = event.agent_id.as_deref();
        fleet.load(rules, now, cooldowns);
        let place = fleet.see(rules, &sight);
        let mut judgements = Vec::new();
        for (position, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.agent_id.matches(agent_id)) {
            let mut judged = Judged { position, rule, touch: Touch::Evaluate, fleet, place };
            let since = judged.firing_since();
            let (verdict, _) = judged.look(&sight, || cooldowns.admit(position, agent_id, now));
            let until = match verdict {
                Verdict::Cooldown => Some(cooldowns.end(position, agent_id)),
                Verdict::Pending => judged.held_at(),
                _ => None,
            };
            let since = since.filter(|_| matches!(verdict, Verdict::Firing | Verdict::Resolve));
            judgements.push(Judgement { rule: position, verdict, summary: judged.summary(&sight), until, since });
        }
        if let Some(place) = place {
            fleet.leave(place, rules, &sight, cooldowns);
        }
        judgements
    }
}

impl Judged<'_> {
    fn firing_since(&mut self) -> Option<Timestamp> {
        let (number, agent) = self.tracked()?;
        agent.progress_of(number)?.firing_since()
    }

    fn held_at(&mut self) -> Option<Timestamp> {
        let condition = &self.rule.condition;
        let (number, agent) = self.tracked()?;
        agent.progress_of(number)?.held_at(condition)
    }

    fn summary(&mut self, sight: &Sight<'_>) -> String {
        let rule = self.rule;
        match self.tracked() {
            Some((number, agent)) => agent.summary(number, rule, sight),
            None => explain::summary(rule.condition.expression(), &sight.frame(&rule.condition)),
        }
    }
}
