//! Many rules over one stream of events: which fire, and an account of what each rule made of what it saw. Who is told of a
//! firing is decided elsewhere.

mod account;
mod agent;
mod cooldown;
mod firing;
mod fleet;
mod groups;
mod hash;
mod index;
mod judgement;
mod kept;
mod layout;
mod progress;
mod restart;
mod sight;
mod state;
mod succession;
mod tick;
mod timers;
mod unseen;

use std::{sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};

use crate::{Condition, Profile, Verdict, agents::AgentPattern, explain};

pub use account::RuleAccount;
use agent::Agent;
use cooldown::Cooldowns;
pub use firing::{Firing, FiringKind};
use fleet::Fleet;
use index::{IndexBuilder, RuleIndex, Touch};
pub use judgement::Judgement;
pub use kept::HistoryAccount;
pub use restart::LookBack;
pub(crate) use sight::Sight;
pub use state::{BadState, RuleState};
pub use tick::{Rested, Tick};
use unseen::Unseen;
pub use unseen::UnseenMetric;

/// A rule as it is configured.
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// Its name, for people.
    pub name: String,
    /// Whose events it is about.
    pub agent_id: AgentPattern,
    /// When it holds.
    pub condition: Condition,
    /// How long it is quiet for an agent after it has fired for it. The default of a configuration is 300 s.
    pub cooldown: Duration,
}

/// The rules, what they keep of each agent, their cooldowns and their accounts.
///
/// Its memory is bounded. It remembers at most 262,144 cooldowns: beyond that those that ran out go first, then those that began
/// longest ago. It keeps at most 65,536 series, 256 of one agent, and 4,194,304 states of rules for 131,072 agents: those that
/// were unseen for longest make room. A series takes at most about 8 KiB.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<RuleSpec>,
    index: RuleIndex,
    fleet: Fleet,
    cooldowns: Cooldowns,
    unseen: Unseen,
    accounts: Vec<RuleAccount>,
    /// The rules that held for the last event within their cooldown.
    rested: Vec<usize>,
}

impl RuleSet {
    /// A set of rules, none of which has fired.
    #[must_use]
    pub fn new(rules: Vec<RuleSpec>) -> Self {
        let fleet = Fleet::new(&rules);
        let index = index_of(&rules, &fleet);
        let cooldowns = Cooldowns::new(rules.iter().map(|rule| rule.cooldown));
        let accounts = vec![RuleAccount::default(); rules.len()];
        Self { unseen: Unseen::new(&rules), rules, index, fleet, cooldowns, accounts, rested: Vec::new() }
    }

    /// The rules that fire or are resolved for an event, in their order. Only rules that the event can fire are looked at, and what
    /// goes wrong in one stays there. What time alone does before this event is for [`RuleSet::tick`] to tell first. Allocates
    /// nothing where nothing fires, but for an agent's first events.
    pub fn fire(&mut self, event: &Arc<Event>, now: Timestamp) -> Vec<Firing> {
        let mut firings = Vec::new();
        let Self { rules, index, fleet, cooldowns, unseen, accounts, rested } = self;
        rested.clear();
        let sight = Sight::of(event, now);
        unseen.see(event);
        fleet.load(rules, now, cooldowns);
        let place = fleet.see(rules, &sight);
        for touched in index.touch(event) {
            let position = touched.rule();
            let (Some(rule), Some(account)) = (rules.get(position), accounts.get_mut(position)) else { continue };
            let mut judged = Judged { position, rule, touch: touched.touch, fleet, place };
            let (verdict, firing) = judged.look(&sight, || cooldowns.admit(position, event.agent_id.as_deref(), now));
            if verdict == Verdict::Cooldown {
                rested.push(position);
            }
            account.count(verdict);
            firings.extend(firing);
        }
        if let Some(place) = place {
            fleet.leave(place, rules, &sight, cooldowns);
        }
        firings
    }

    /// What the first rule alone makes of an event, which may be seen in another way than it is: for case files.
    pub(crate) fn judge_first(&mut self, sight: &Sight<'_>) -> Verdict {
        let Self { rules, fleet, cooldowns, .. } = self;
        fleet.load(rules, sight.now, cooldowns);
        let agent_id = sight.event.agent_id.as_deref();
        let Some(rule) = rules.first().filter(|rule| rule.agent_id.matches(agent_id)) else { return Verdict::No };
        let place = fleet.see(rules, sight);
        let mut judged = Judged { position: 0, rule, touch: Touch::Evaluate, fleet, place };
        let (verdict, _) = judged.look(sight, || cooldowns.admit(0, agent_id, sight.now));
        if let Some(place) = place {
            fleet.leave(place, rules, sight, cooldowns);
        }
        verdict
    }

    /// Undoes the firing of a rule for an agent at that time: somebody who remembers more knew of a cooldown, which began at
    /// `rests_since`. So nothing is open that a resolve could end, and what still holds fires when that cooldown is over; without
    /// `rests_since`, when the one is over that began with the firing. Without an agent it is the rule's stand-in, if it has one.
    /// The account stays.
    pub fn take_back(&mut self, rule: usize, agent: Option<&str>, fired: Timestamp, rests_since: Option<Timestamp>) {
        let Self { rules, fleet, cooldowns, .. } = self;
        let Some(spec) = rules.get(rule) else { return };
        if let Some(began) = rests_since {
            cooldowns.correct(rule, agent, began);
        }
        let Some(place) = fleet.find_for(rule, agent) else { return };
        if let Some(agent) = fleet.agent_mut(place) {
            agent.take_back(rule, &spec.condition, fired);
        }
        fleet.arm(place, rules, fired, cooldowns);
    }

    /// When time alone may fire or resolve a rule next: [`RuleSet::tick`] is of use no sooner. Right after a tick it may be the same
    /// moment once more, where what ends a firing held already when it fired.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.fleet.next_due()
    }

    /// The rules that held for the last event and were quiet, since they were in their cooldown.
    #[must_use]
    pub fn rested(&self) -> &[usize] {
        &self.rested
    }

    /// The rules, in their order.
    #[must_use]
    pub fn rules(&self) -> &[RuleSpec] {
        &self.rules
    }

    /// The account of each rule, in their order.
    #[must_use]
    pub fn accounts(&self) -> Vec<RuleAccount> {
        self.accounts.iter().enumerate().map(|(rule, account)| self.index.account(rule, *account)).collect()
    }

    /// Metrics that no event has brought, of rules that have missed something and never held: probably misspelt.
    #[must_use]
    pub fn unseen(&self) -> Vec<UnseenMetric> {
        let in_vain = |account: &RuleAccount| account.missing > 0 && account.evaluated == account.missing + account.no;
        let accounts = self.accounts();
        let rules = self.rules.iter().zip(&accounts).enumerate().filter(|(_, (_, account))| in_vain(account));
        rules.flat_map(|(position, (rule, _))| self.unseen.of(position, rule)).collect()
    }

    /// What is kept of the agents' past.
    #[must_use]
    pub fn history(&self) -> HistoryAccount {
        self.fleet.account()
    }

    /// How many cooldowns, and histories of agents, were forgotten before their time to stay within bounds.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.cooldowns.evicted() + self.fleet.evicted()
    }

    /// How the first rule stands when only time has passed: for case files.
    pub(crate) fn standing(&self, now: Timestamp) -> Verdict {
        let Some(rule) = self.rules.first() else { return Verdict::No };
        let standings = self.fleet.agents().filter_map(|agent| agent.standing(0, &rule.condition, now));
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Firing => 3,
            Verdict::Pending => 2,
            Verdict::Cooldown => 1,
            _ => 0,
        };
        standings.max_by_key(rank).unwrap_or(Verdict::No)
    }
}

/// One rule that an event touches, and where what it keeps of the agent is.
struct Judged<'r> {
    position: usize,
    rule: &'r RuleSpec,
    touch: Touch,
    fleet: &'r mut Fleet,
    place: Option<usize>,
}

impl Judged<'_> {
    /// What is kept of the agent for the rule: the rule's number there, and the agent.
    fn tracked(&mut self) -> Option<(usize, &mut Agent)> {
        let agent = self.place.and_then(|place| self.fleet.agent_mut(place))?;
        Some((agent.layout.find(self.position)?, agent))
    }

    /// What the rule makes of the event. The cooldown is asked only where the condition holds.
    fn look(&mut self, sight: &Sight<'_>, admit: impl FnOnce() -> bool) -> (Verdict, Option<Firing>) {
        let rule = self.rule;
        if let Some((number, agent)) = self.tracked() {
            return agent.judge(number, rule, sight, admit);
        }
        let frame = sight.frame(&self.rule.condition);
        let verdict = match self.touch {
            Touch::Certain => Verdict::Fire,
            Touch::Evaluate => self.rule.condition.judge(&frame),
        };
        match verdict {
            Verdict::Fire if !admit() => (Verdict::Cooldown, None),
            Verdict::Fire => {
                let summary = explain::summary(self.rule.condition.expression(), &frame);
                (Verdict::Fire, Some(Firing { summary, ..Firing::of(self.position, sight) }))
            }
            verdict => (verdict, None),
        }
    }
}

/// The index of all rules; in CEL's profile what is missing is an error, so that there nothing is settled in advance. A rule for
/// which it matters how far it is with an agent sees every event of it.
fn index_of(rules: &[RuleSpec], fleet: &Fleet) -> RuleIndex {
    let mut index = IndexBuilder::default();
    for (position, rule) in rules.iter().enumerate() {
        let expression = rule.condition.expression();
        let settled = expression.profile == Profile::Tidings && !fleet.is_stateful(position);
        index.insert(position, &rule.agent_id, settled.then_some(&expression.root), &expression.paths);
    }
    index.finish()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
