//! What a rule set tells: a rule that fires, or is resolved. Who hears of it is decided elsewhere.

use std::sync::Arc;

use serde::Serialize;
use tidings_core::{Event, Timestamp};

use super::{Sight, progress::Beginning};

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
    /// The same by the clock of then: other than `since` only where the clock was set back between two lives. It names the
    /// incident, which keeps its name.
    pub named_since: Timestamp,
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

impl Firing {
    /// A rule that fires now, without its summary.
    pub(super) fn of(rule: usize, sight: &Sight<'_>) -> Self {
        Self {
            rule,
            kind: FiringKind::Fire,
            at: sight.now,
            since: sight.now,
            named_since: sight.now,
            event: Arc::clone(sight.event),
            origin: Arc::clone(sight.event),
            timed: sight.timed,
            summary: String::new(),
        }
    }

    /// The same as the end of an incident.
    pub(super) fn ends(self, begun: Beginning) -> Self {
        let Beginning { since, named_since, origin } = begun;
        Self { kind: FiringKind::Resolve, since, named_since, origin, ..self }
    }
}
