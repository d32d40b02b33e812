//! What is told to one user. The JSON names are those of the article that this project grew from; whom it reaches and when is
//! decided by `policy`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EventId, NotificationId, Priority, Timestamp};

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
    /// `rule`, `event_id`, `event_type` and `severity` of what gave rise to it, and what a caller added.
    pub metadata: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What counts as the same message within the dedup window.
    pub dedup_key: String,
    /// The rule that fired; `None` for a direct notification. Not on the wire: `metadata` tells it.
    #[serde(skip)]
    pub rule: Option<String>,
    /// The event that made it fire. Not on the wire: `metadata` tells it.
    #[serde(skip)]
    pub event: Option<EventId>,
}
