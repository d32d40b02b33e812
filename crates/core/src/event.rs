//! What an agent emits, and its one form on the wire. Who wants to hear of it is decided elsewhere.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

use crate::{EventId, Severity, Timestamp, clock, id, taxonomy};

/// The longest event type and the longest id in bytes.
const NAME_LIMIT: usize = 256;
/// The keys of an event on the wire, in its order, and those that carry its identity.
const KEYS: [&str; 10] =
    ["event_type", "severity", "timestamp", "agent_id", "user_id", "session_id", "data", "metadata", "id", "source"];

/// Something that happened to an agent.
///
/// On the wire it is an object of the first eight fields in this order, compatible with Promptise 1.10.1; `data` and `metadata`
/// keep the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// A dotted name: one of [`taxonomy::EVENT_TYPES`] or one's own.
    pub event_type: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened, by the agent's clock.
    pub timestamp: Timestamp,
    /// Which agent.
    pub agent_id: Option<String>,
    /// On whose behalf.
    pub user_id: Option<String>,
    /// In which session.
    pub session_id: Option<String>,
    /// What happened; rules read it.
    pub data: Map<String, Value>,
    /// Where it came from.
    pub metadata: Map<String, Value>,
    /// The id that its source gave it: the same id is the same event. Not sent on.
    pub id: Option<String>,
    /// The namespace of `id`, as in CloudEvents. Not sent on.
    pub source: Option<String>,
}

impl Event {
    /// An event of this type, now, with the taxonomy's severity for it (info for a type of one's own).
    #[must_use]
    pub fn new(event_type: impl Into<String>) -> Self {
        let event_type = event_type.into();
        Self {
            severity: taxonomy::severity_of(&event_type).unwrap_or(Severity::Info),
            event_type,
            timestamp: clock::system_now(),
            agent_id: None,
            user_id: None,
            session_id: None,
            data: Map::new(),
            metadata: Map::new(),
            id: None,
            source: None,
        }
    }

    /// Sets the severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets the agent.
    #[must_use]
    pub fn agent(mut self, agent_id: impl Into<String>) -> Self {
        self.agent_id = Some(agent_id.into());
        self
    }

    /// Sets the user.
    #[must_use]
    pub fn user(mut self, user_id: impl Into<String>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// Sets the session.
    #[must_use]
    pub fn session(mut self, session_id: impl Into<String>) -> Self {
        self.session_id = Some(session_id.into());
        self
    }

    /// Sets the data: an object as it is, null as an empty one, any other value under the key `value`.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.data = object(data);
        self
    }

    /// Sets the metadata, as [`Event::data`] does.
    #[must_use]
    pub fn metadata(mut self, metadata: Value) -> Self {
        self.metadata = object(metadata);
        self
    }

    /// Sets the time at which it happened.
    #[must_use]
    pub const fn at(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// Gives it an id of its own: sent again with the same id, it is the same event and gives nothing new.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Reads an event from its wire form. `timestamp` defaults to `received`, `severity` to the taxonomy's, the rest to nothing.
    ///
    /// # Errors
    /// Names the key that is wrong and what it should be. An unknown key is ignored unless it looks like a known one misspelt.
    pub fn from_json(value: Value, received: Timestamp) -> Result<Self, EventError> {
        let Value::Object(mut fields) = value else {
            return Err(EventError::NotAnObject(kind_of(&value)));
        };
        let event_type = take_text(&mut fields, "event_type")?.ok_or(EventError::NoType)?;
        check_name("event_type", &event_type)?;
        let severity = match take_text(&mut fields, "severity")? {
            Some(name) => name.parse().map_err(|_| EventError::Severity(shorten(&name)))?,
            None => taxonomy::severity_of(&event_type).unwrap_or(Severity::Info),
        };
        let event = Self {
            event_type,
            severity,
            timestamp: take_timestamp(&mut fields)?.unwrap_or(received),
            agent_id: take_text(&mut fields, "agent_id")?,
            user_id: take_text(&mut fields, "user_id")?,
            session_id: take_text(&mut fields, "session_id")?,
            data: take_object(&mut fields, "data")?,
            metadata: take_object(&mut fields, "metadata")?,
            id: take_text(&mut fields, "id")?,
            source: take_text(&mut fields, "source")?,
        };
        for (key, text) in [("id", &event.id), ("source", &event.source)] {
            text.as_deref().map_or(Ok(()), |text| check_name(key, text))?;
        }
        refuse_misspelt(&fields)?;
        Ok(event)
    }

    /// The wire form: compact JSON of the eight fields, without a line break at the end.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        // Room for a usual event, so that the text is not copied again and again while it grows.
        let mut wire = Vec::with_capacity(1024);
        if serde_json::to_writer(&mut wire, self).is_err() {
            wire.clear();
        }
        wire
    }

    /// The id that says which event this is: its own where it brings one, else a hash over all its fields.
    /// `ordinal` counts equal events within one batch or file, so that a repeat there is an event of its own.
    #[must_use]
    pub fn identity(&self, ordinal: u64) -> EventId {
        match &self.id {
            Some(id) => EventId::named(self.source.as_deref().unwrap_or_default(), id),
            None => {
                let source = self.source.as_deref().unwrap_or_default();
                EventId::from_bytes(id::derive(
                    "event.content",
                    &[&self.to_wire(), source.as_bytes(), &ordinal.to_le_bytes()],
                ))
            }
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Event", 8)?;
        fields.serialize_field("event_type", &self.event_type)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("timestamp", &self.timestamp)?;
        fields.serialize_field("agent_id", &self.agent_id)?;
        fields.serialize_field("user_id", &self.user_id)?;
        fields.serialize_field("session_id", &self.session_id)?;
        fields.serialize_field("data", &self.data)?;
        fields.serialize_field("metadata", &self.metadata)?;
        fields.end()
    }
}

/// Why a JSON value is not an event. Values of the wrong type are never echoed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The value is not a JSON object.
    #[error("an event is a JSON object, this is {0}")]
    NotAnObject(&'static str),
    /// There is no type.
    #[error("`event_type` is missing")]
    NoType,
    /// A field has the wrong JSON type.
    #[error("`{key}` must be {expected}, not {found}")]
    WrongType {
        /// The field.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A name is empty, too long, or holds control characters.
    #[error("`{0}` must be 1 to 256 bytes without control characters")]
    Name(&'static str),
    /// The severity is not on the scale.
    #[error("unknown severity `{0}`; known are info, warning, error, critical")]
    Severity(String),
    /// An unknown key that looks like a known one.
    #[error("unknown key `{found}`: did you mean `{meant}`?")]
    Misspelt {
        /// The key in the input.
        found: String,
        /// The known key that it resembles.
        meant: &'static str,
    },
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

const fn wrong(key: &'static str, expected: &'static str, found: &Value) -> EventError {
    EventError::WrongType { key, expected, found: kind_of(found) }
}

fn take_text(fields: &mut Map<String, Value>, key: &'static str) -> Result<Option<String>, EventError> {
    match fields.swap_remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong(key, "a string", &other)),
    }
}

fn take_object(fields: &mut Map<String, Value>, key: &'static str) -> Result<Map<String, Value>, EventError> {
    match fields.swap_remove(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(other) => Err(wrong(key, "an object", &other)),
    }
}

fn take_timestamp(fields: &mut Map<String, Value>) -> Result<Option<Timestamp>, EventError> {
    match fields.swap_remove("timestamp") {
        None | Some(Value::Null) => Ok(None),
        Some(other) => other
            .as_f64()
            .and_then(Timestamp::from_secs_f64)
            .map(Some)
            .ok_or_else(|| wrong("timestamp", "a number of Unix seconds", &other)),
    }
}

fn check_name(key: &'static str, name: &str) -> Result<(), EventError> {
    let good = !name.is_empty() && name.len() <= NAME_LIMIT && !name.chars().any(char::is_control);
    if good { Ok(()) } else { Err(EventError::Name(key)) }
}

fn shorten(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(32).collect()
}

/// A key left over that is one slip away from a known one would silently lose what it says.
fn refuse_misspelt(rest: &Map<String, Value>) -> Result<(), EventError> {
    for found in rest.keys() {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['-', ' ', '_'], "");
        let twin = KEYS.into_iter().find(|known| plain(found) == plain(known) || one_slip(found, known));
        if let Some(meant) = twin {
            return Err(EventError::Misspelt { found: shorten(found), meant });
        }
    }
    Ok(())
}

/// Whether one inserted, dropped, changed or swapped character makes one name of the other; names under five bytes never do.
fn one_slip(found: &str, known: &str) -> bool {
    let (a, b) = (found.as_bytes(), known.as_bytes());
    if b.len() < 5 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    match (a, b) {
        ([x, y], [v, w]) => x == w && y == v,
        _ => a.len() <= 1 && b.len() <= 1,
    }
}

#[cfg(test)]
mod tests;
