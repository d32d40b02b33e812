//! Which names a template sees, and their values from an event. What else a rule knows is added by the caller.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};
use tidings_core::Event;

/// What the title, the body and the dedup key of a rule may name.
pub const RULE_NAMES: &[&str] = &[
    "event_type",
    "severity",
    "timestamp",
    "agent_id",
    "user_id",
    "session_id",
    "data",
    "metadata",
    "event",
    "rule",
    "priority",
    "title",
    "body",
];
/// What the template of a webhook may name: the fields of the event or of the notification, and each as a whole; of a notification
/// also its `kind`, `firing` or `resolved`, and its `incident`, the same in both.
pub const WEBHOOK_NAMES: &[&str] = &[
    "event_type",
    "severity",
    "timestamp",
    "agent_id",
    "user_id",
    "session_id",
    "data",
    "metadata",
    "event",
    "rule",
    "priority",
    "title",
    "body",
    "notification",
    "notification_id",
    "channels",
    "created_at",
    "dedup_key",
    "kind",
    "incident",
];

/// The values that a template sees: those of an event, and what was added.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    event: &'a Event,
    added: Map<String, Value>,
}

/// The event's fields, each by its name on the wire, and the whole of it as `event`.
#[must_use]
pub fn context_of(event: &Event) -> Context<'_> {
    Context { event, added: Map::new() }
}

impl Context<'_> {
    /// With one more name; it hides a field of the event of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.added.insert(name.into(), value.into());
        self
    }
}

impl Serialize for Context<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_type", &event.event_type)?;
        map.serialize_entry("severity", &event.severity)?;
        map.serialize_entry("timestamp", &event.timestamp)?;
        map.serialize_entry("agent_id", &event.agent_id)?;
        map.serialize_entry("user_id", &event.user_id)?;
        map.serialize_entry("session_id", &event.session_id)?;
        map.serialize_entry("data", &event.data)?;
        map.serialize_entry("metadata", &event.metadata)?;
        map.serialize_entry("event", event)?;
        for (name, value) in &self.added {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
