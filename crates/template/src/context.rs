//! Which names a template sees, and their values from an event. What else a rule knows is added by the caller.

use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, Serde, Value as Seen};
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

/// The values that several templates see of one event: each is made when a template first asks for it, and once.
#[derive(Clone, Debug)]
pub struct Values(Arc<Lazy>);

#[derive(Debug)]
struct Lazy {
    event: Arc<Event>,
    added: Vec<(&'static str, String)>,
    data: OnceLock<Seen>,
    metadata: OnceLock<Seen>,
    whole: OnceLock<Seen>,
}

impl Values {
    /// The names that [`context_of`] gives, with the same values, and these texts; a text hides a field of the event of the same name.
    #[must_use]
    pub fn of(event: &Arc<Event>, added: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let (event, added) = (Arc::clone(event), added.into_iter().collect());
        Self(Arc::new(Lazy { event, added, data: OnceLock::new(), metadata: OnceLock::new(), whole: OnceLock::new() }))
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen::from_dyn_object(Arc::clone(&self.0))
    }
}

impl Object for Lazy {
    fn get_value(self: &Arc<Self>, key: &Seen) -> Option<Seen> {
        let name = key.as_str()?;
        if let Some((_, text)) = self.added.iter().find(|(added, _)| *added == name) {
            return Some(Seen::from(text.as_str()));
        }
        let event = &*self.event;
        Some(match name {
            "event_type" => Seen::from(event.event_type.as_str()),
            "severity" => Seen::from(Serde(event.severity)),
            "timestamp" => Seen::from(Serde(event.timestamp)),
            "agent_id" => Seen::from(Serde(&event.agent_id)),
            "user_id" => Seen::from(Serde(&event.user_id)),
            "session_id" => Seen::from(Serde(&event.session_id)),
            "data" => self.data.get_or_init(|| Seen::from(Serde(&event.data))).clone(),
            "metadata" => self.metadata.get_or_init(|| Seen::from(Serde(&event.metadata))).clone(),
            "event" => self.whole.get_or_init(|| Seen::from(Serde(event))).clone(),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = EVENT_NAMES.iter().copied().chain(self.added.iter().map(|(name, _)| *name));
        Enumerator::Values(names.map(Seen::from).collect())
    }
}

/// The fields of an event and the whole of it.
const EVENT_NAMES: [&str; 9] =
    ["event_type", "severity", "timestamp", "agent_id", "user_id", "session_id", "data", "metadata", "event"];

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidings_core::Severity;

    use super::*;
    use crate::Template;

    fn check(source: &str) {
        let data = json!({"n": 7, "list": [1, {"a": null}], "text": "x"});
        let event = Event::new("tool.error").severity(Severity::Error).agent("a").data(data);
        let event = Arc::new(event);
        let eager = context_of(&event).with("rule", "r").with("priority", "high");
        let lazy = Values::of(&event, [("rule", "r".to_owned()), ("priority", "high".to_owned())]);
        let template = Template::compile(source).unwrap();
        let texts = |result: Result<String, crate::TemplateError>| result.map_err(|error| error.to_string());
        assert_eq!(texts(template.render_with(&lazy)), texts(template.render(&eager)), "{source}");
    }

    #[test]
    fn templates_see_the_same_whether_values_are_made_early_or_late() {
        for name in
            EVENT_NAMES.iter().chain(&["rule", "priority", "title", "nothing", "data.nothing", "data.list[1].a"])
        {
            check(&format!("{{{{ {name} }}}}"));
            check(&format!("{{{{ {name} | tojson }}}}"));
            check(&format!("{{% if {name} is defined %}}yes{{% endif %}}"));
        }
        check("{{ data.n + 1 }} {{ data.list[0] }} {{ event.data.text }} {{ severity == 'error' }}");
    }
}
