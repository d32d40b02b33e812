//! How far one rule is with one agent, as it is kept beyond a restart. When it changes, and what is made of it again, is left to
//! the rule set.

mod wire;

use std::time::Duration;

use tidings_core::{Timestamp, id::derive};

use super::{RuleSpec, progress::Phase};
use crate::{AgentPattern, Profile, past::Basis};

pub use wire::BadState;

/// How far one rule is with one agent: whether it holds or fires, since when and with which event, and what it awaits.
///
/// [`RuleSet::changed`](crate::RuleSet::changed) tells it, [`RuleSet::restore`](crate::RuleSet::restore) goes on from it. For one
/// rule and [`key`](RuleState::key) the last one told is the one that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleState {
    pub(super) rule: Box<str>,
    pub(super) subject: Subject,
    /// A hash of the condition.
    pub(super) condition: Fingerprint,
    pub(super) kept: Kept,
}

/// A hash of a condition's normal form.
pub(super) type Fingerprint = [u8; 16];

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Agent(Box<str>),
    /// The events that name no agent.
    Nameless,
    /// Whoever matches this pattern, as long as nobody who does has been seen.
    StandIn(Box<str>),
}

/// What is kept of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Kept {
    pub(super) phase: Phase,
    pub(super) awaited: Vec<KeptAbsence>,
    /// The greatest time of the agent's events; `None` where none was seen.
    pub(super) newest: Option<Timestamp>,
}

/// Something that the rule awaits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct KeptAbsence {
    pub(super) key: Box<str>,
    pub(super) since: Timestamp,
    pub(super) basis: Basis,
}

impl RuleState {
    /// The rule's name.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The agent; `None` for events that name none, and for a stand-in: whoever matches a pattern, before one who does is seen.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        match &self.subject {
            Subject::Agent(id) => Some(id),
            Subject::Nameless | Subject::StandIn(_) => None,
        }
    }

    /// What tells the states of one rule apart: the agent, or the stand-in. Two that differ have different keys.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.subject {
            Subject::Agent(id) => format!("={id}"),
            Subject::Nameless => String::new(),
            Subject::StandIn(pattern) => format!("*{pattern}"),
        }
    }

    /// Whether nothing would be lost with it: it neither holds nor fires, and awaits nothing but what the last events tell again.
    /// Then what is kept under its rule and key may go.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.phase.is_idle() && !self.kept.awaited.iter().any(|awaited| awaited.basis.is_kept())
    }

    /// The same with all times earlier by so much: for a clock that was set back while nobody ran. The events stay as they are.
    #[must_use]
    pub fn shifted(mut self, by: Duration) -> Self {
        self.kept.phase = self.kept.phase.shifted(by);
        self.kept.newest = self.kept.newest.map(|newest| newest - by);
        for awaited in &mut self.kept.awaited {
            awaited.since = awaited.since - by;
        }
        self
    }
}

/// What says whether a rule's condition is the one that a state is of.
pub(super) fn fingerprint(rule: &RuleSpec) -> Fingerprint {
    let profile: &[u8] = match rule.condition.expression().profile {
        Profile::Tidings => b"tidings",
        Profile::Cel => b"cel",
    };
    derive("condition", &[rule.condition.normal_form().as_bytes(), profile])
}

/// Whom a stand-in of a rule stands for; nobody where it names its agent.
pub(super) fn stand_in(rule: &RuleSpec) -> Option<Subject> {
    match &rule.agent_id {
        AgentPattern::Exact(_) => None,
        pattern => Some(Subject::StandIn(pattern.to_string().into())),
    }
}

#[cfg(test)]
mod tests;
