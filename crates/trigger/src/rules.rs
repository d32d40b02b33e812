//! Many rules over one stream of events: which fire, and an account of what each rule made of what it saw. Who is told of a
//! firing is decided elsewhere.

mod cooldown;
mod index;

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tidings_core::{Event, Timestamp};

use crate::{Condition, Profile, Verdict, agents::AgentPattern, value::Map};

use cooldown::Cooldowns;
use index::{IndexBuilder, RuleIndex, Touch};

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

/// What a firing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FiringKind {
    /// The rule holds.
    Fire,
    /// The rule has fired before and is resolved now.
    Resolve,
}

/// A rule that fires or is resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The rule's position in the list that the set was made of.
    pub rule: usize,
    /// What it says.
    pub kind: FiringKind,
    /// When: the `now` of the event, or the moment at which a hold or an absence came due.
    pub at: Timestamp,
    /// When the incident began: for a resolve the `at` of its firing, else its own.
    pub since: Timestamp,
    /// What it speaks of: the event that did it. Where time alone did it, the last event that took part; where there was none, one
    /// made up of the agent and the time.
    pub event: Arc<Event>,
    /// What the incident began with: for a resolve the event of its firing, else its own.
    pub origin: Arc<Event>,
    /// Whether time alone did it.
    pub timed: bool,
    /// The condition with the values that it read, at most about 1,500 characters.
    pub summary: String,
}

/// What one rule made of the events of its agents: `evaluated` is the sum of the others.
///
/// Most events are settled by one operand of the condition, without a look at the others: where it is false it is counted under
/// `no`, where its path is absent under `missing`, and where its value does not fit under `error`. So a conjunction one operand
/// of which is missing may count as missing although another one is false. Which rules fire, and how often, is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleAccount {
    /// Events of its agents.
    pub evaluated: u64,
    /// It did not hold.
    pub no: u64,
    /// Something that it reads was not there.
    pub missing: u64,
    /// Something that it reads could not be used.
    pub error: u64,
    /// It held, but not yet for as long as it must.
    pub pending: u64,
    /// It had fired and was not yet resolved.
    pub firing: u64,
    /// It held, but it had fired a short while before.
    pub cooldown: u64,
    /// It was resolved.
    pub resolved: u64,
    /// It fired.
    pub fired: u64,
}

impl RuleAccount {
    const fn count(&mut self, verdict: Verdict) {
        self.evaluated += 1;
        let counter = match verdict {
            Verdict::Fire => &mut self.fired,
            Verdict::No => &mut self.no,
            Verdict::Missing => &mut self.missing,
            Verdict::Error => &mut self.error,
            Verdict::Pending => &mut self.pending,
            Verdict::Firing => &mut self.firing,
            Verdict::Cooldown => &mut self.cooldown,
            Verdict::Resolve => &mut self.resolved,
        };
        *counter += 1;
    }
}

/// The rules, their cooldowns and their accounts.
///
/// Its memory is bounded: it remembers at most 262,144 cooldowns; beyond that those that ran out go first, then those that
/// began longest ago.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<RuleSpec>,
    index: RuleIndex,
    cooldowns: Cooldowns,
    accounts: Vec<RuleAccount>,
}

impl RuleSet {
    /// A set of rules, none of which has fired.
    #[must_use]
    pub fn new(rules: Vec<RuleSpec>) -> Self {
        let index = index_of(&rules);
        let cooldowns = Cooldowns::new(rules.iter().map(|rule| rule.cooldown));
        let accounts = vec![RuleAccount::default(); rules.len()];
        Self { rules, index, cooldowns, accounts }
    }

    /// The rules that fire for an event, in their order. Only rules that the event can fire are looked at, and what goes wrong in
    /// one stays there. Allocates nothing where nothing fires.
    pub fn fire(&mut self, event: &Arc<Event>, now: Timestamp) -> Vec<Firing> {
        let Self { rules, index, cooldowns, accounts } = self;
        let mut firings = Vec::new();
        for touched in index.touch(event) {
            let position = touched.rule();
            let (Some(rule), Some(account)) = (rules.get(position), accounts.get_mut(position)) else { continue };
            let condition = match touched.touch {
                Touch::Certain => Verdict::Fire,
                Touch::Evaluate => rule.condition.verdict(event),
            };
            let verdict = cooled(condition, || cooldowns.admit(position, event.agent_id.as_deref(), now));
            account.count(verdict);
            if verdict == Verdict::Fire {
                firings.push(Firing {
                    rule: position,
                    kind: FiringKind::Fire,
                    at: now,
                    since: now,
                    event: Arc::clone(event),
                    origin: Arc::clone(event),
                    timed: false,
                    summary: rule.condition.summary(event),
                });
            }
        }
        firings
    }

    /// The rules that fire, or are resolved, because time has passed.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Firing> {
        // Cooldowns are looked at only when a rule holds again; no rule waits for time alone.
        self.cooldowns.see(now);
        Vec::new()
    }

    /// When time alone may fire or resolve a rule next: [`RuleSet::tick`] is of use no sooner.
    #[must_use]
    pub const fn next_due(&self) -> Option<Timestamp> {
        None
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

    /// How many cooldowns were forgotten before they ran out, to stay within bounds.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.cooldowns.evicted()
    }

    /// The verdict of the first rule alone, over data and metadata that may not be the event's own: for case files.
    pub(crate) fn judge_first(
        &mut self,
        event: &Event,
        [data, metadata]: [Option<Map<'_>>; 2],
        now: Timestamp,
    ) -> Verdict {
        let Some(rule) = self.rules.first() else { return Verdict::No };
        if !rule.agent_id.matches(event.agent_id.as_deref()) {
            return Verdict::No;
        }
        let mut frame = rule.condition.expression().frame(event);
        frame.data = data.unwrap_or(frame.data);
        frame.metadata = metadata.unwrap_or(frame.metadata);
        cooled(rule.condition.judge(&frame), || self.cooldowns.admit(0, event.agent_id.as_deref(), now))
    }
}

/// The index of all rules; in CEL's profile what is missing is an error, so that there nothing is settled in advance.
fn index_of(rules: &[RuleSpec]) -> RuleIndex {
    let mut index = IndexBuilder::default();
    for (position, rule) in rules.iter().enumerate() {
        let expression = rule.condition.expression();
        let condition = (expression.profile == Profile::Tidings).then_some(&expression.root);
        index.insert(position, &rule.agent_id, condition, &expression.paths);
    }
    index.finish()
}

/// What a rule makes of an event. The cooldown is asked only where the condition holds.
fn cooled(condition: Verdict, admitted: impl FnOnce() -> bool) -> Verdict {
    match condition {
        Verdict::Fire if !admitted() => Verdict::Cooldown,
        verdict => verdict,
    }
}

#[cfg(test)]
mod tests;
