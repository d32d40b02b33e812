//! What is told to one user. The JSON names are those of the article that this project grew from; whom it reaches and when is
//! decided by `policy`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EventId, IncidentId, NotificationId, Priority, Timestamp};

/// What the title of a resolve begins with, before that of its firing.
pub const RESOLVED: &str = "Resolved: ";

/// What a notification says: that something is the matter, or that it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotificationKind {
    /// Something is the matter: a rule fired, or a program has something to say.
    #[default]
    Firing,
    /// What a rule told of is over. Nothing is asked of anybody any more.
    Resolved,
}

impl NotificationKind {
    /// Its word: `firing` or `resolved`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// A message for one user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Derived from the event, the rule and the user.
    pub notification_id: NotificationId,
    /// The agent that it is about.
    pub agent_id: Option<String>,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// How much it wants attention.
    pub priority: Priority,
    /// The channels that the rule names, in its order.
    pub channels: Vec<String>,
    /// Whom it is for.
    pub user_id: String,
    /// `rule`, `event_id`, `event_type` and `severity` of what gave rise to it, `kind` and `incident`, `mandatory: true` where no
    /// preference can mute it, `digest` with the count and span of what it gathers, and what a caller added.
    /// Where time alone gave rise to it, `event_id` is an id of its own.
    pub metadata: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What counts as the same message within the dedup window. A resolve has that of its firing.
    pub dedup_key: String,
    /// The rule that fired; `None` for a direct notification. Not on the wire: `metadata` tells it.
    #[serde(skip)]
    pub rule: Option<String>,
    /// The event that made it fire, or the id that stands for it where time alone did. Not on the wire: `metadata` tells it.
    #[serde(skip)]
    pub event: Option<EventId>,
    /// Whether it is a firing or its end. Not on the wire: `metadata` tells it.
    #[serde(skip)]
    pub kind: NotificationKind,
    /// The incident that it is about, the same in a firing and its resolve; `None` for a direct notification. Not on the wire:
    /// `metadata` tells it.
    #[serde(skip)]
    pub incident: Option<IncidentId>,
}
