//! The account of one rule: what it made of each event. Telling it apart is left to who judges.

use serde::Serialize;

use crate::Verdict;

/// What one rule made of the events of its agents: `evaluated` is the sum of the others.
///
/// Most events are settled by one operand of the condition, without a look at the others: where it is false it is counted under
/// `no`, where its path is absent under `missing`, and where its value does not fit under `error`. So a conjunction one operand
/// of which is missing may count as missing although another one is false. Which rules fire, and how often, is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleAccount {
    /// Events of its agents, and moments at which time alone made it fire, rest in its cooldown, or be resolved.
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

impl std::ops::AddAssign for RuleAccount {
    fn add_assign(&mut self, other: Self) {
        let Self { evaluated, no, missing, error, pending, firing, cooldown, resolved, fired } = other;
        self.evaluated += evaluated;
        self.no += no;
        self.missing += missing;
        self.error += error;
        self.pending += pending;
        self.firing += firing;
        self.cooldown += cooldown;
        self.resolved += resolved;
        self.fired += fired;
    }
}

impl RuleAccount {
    pub(super) const fn count(&mut self, verdict: Verdict) {
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
