//! The events of a case: what a line leaves out, the clock that they set, and numbers that JSON cannot hold.

use std::sync::Arc;

use serde_json::{Map as JsonMap, Value as Json, json};
use tidings_core::{Event, Timestamp};

use crate::{
    moment,
    value::{Map, Value},
};

/// The key of an object that stands for a double that JSON has no form for.
const DOUBLE: &str = "$f64";

/// A key's value; null is as good as absent.
pub(super) fn field<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    json.get(key).filter(|value| !value.is_null())
}

/// One entry of `events`.
pub(super) enum Moment {
    /// Time passes, and nothing else.
    Tick(Option<f64>),
    Event(Box<Entry>),
}

impl Moment {
    pub(super) fn read(json: &Json) -> Result<Self, String> {
        if let Some(second) = field(json, "tick") {
            return second
                .as_f64()
                .map(|second| Self::Tick(Some(second)))
                .ok_or_else(|| "`tick` must be a number".to_owned());
        }
        let second = match field(json, "t") {
            None => None,
            Some(second) => Some(second.as_f64().ok_or("`t` must be a number of seconds")?),
        };
        let fields = json.as_object().cloned().ok_or("an entry of `events` is an object")?;
        Entry::read(fields, field(json, "data"), second).map(|entry| Self::Event(Box::new(entry)))
    }
}

/// An event, with its data and metadata apart where JSON cannot hold them.
pub(super) struct Entry {
    pub(super) event: Event,
    /// The data with its NaNs and infinities.
    exact: Option<Value<'static>>,
    /// The metadata with its own.
    exact_metadata: Option<Value<'static>>,
    pub(super) second: Option<f64>,
    /// Whether the event has a `timestamp` of its own.
    pub(super) dated: bool,
}

impl Entry {
    /// The one event of a case without `events`.
    pub(super) fn of_case(line: &Json) -> Result<Self, String> {
        let fields = match field(line, "event") {
            None => JsonMap::new(),
            Some(Json::Object(fields)) => fields.clone(),
            Some(_) => return Err("`event` must be an object".to_owned()),
        };
        let data = field(line, "data").or_else(|| field(line, "event").and_then(|event| field(event, "data")));
        Self::read(fields, data, None)
    }

    fn read(mut fields: JsonMap<String, Json>, data: Option<&Json>, second: Option<f64>) -> Result<Self, String> {
        let known = ["event_type", "severity", "timestamp", "agent_id", "user_id", "session_id", "metadata"];
        fields.retain(|key, value| known.contains(&&**key) && !value.is_null());
        let dated = fields.contains_key("timestamp");
        let written = match fields.get("timestamp") {
            Some(Json::String(text)) => Some(moment::Moment::parse(text).ok_or("`timestamp` is no time")?.to_core()),
            _ => None,
        };
        fields.retain(|key, _| written.is_none() || key != "timestamp");
        fields.entry("event_type").or_insert_with(|| json!("case"));
        let exact_metadata = fields.get("metadata").and_then(exactly);
        let mut event = Event::from_json(Json::Object(fields), Timestamp::EPOCH).map_err(|error| error.to_string())?;
        event.timestamp = written.unwrap_or(event.timestamp);
        event.data = match data {
            None => JsonMap::new(),
            Some(Json::Object(entries)) => entries.clone(),
            Some(_) => return Err("`data` must be an object".to_owned()),
        };
        Ok(Self { event, exact: data.and_then(exactly), exact_metadata, second, dated })
    }

    /// The data that conditions read, where it is not the event's own.
    pub(super) fn data(&self) -> Option<Map<'_>> {
        self.exact.as_ref().and_then(map)
    }

    /// The metadata that conditions read, where it is not the event's own.
    pub(super) fn metadata(&self) -> Option<Map<'_>> {
        self.exact_metadata.as_ref().and_then(map)
    }
}

fn map<'v>(value: &'v Value<'static>) -> Option<Map<'v>> {
    match value.view() {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// The value with its doubles, if it has any that JSON cannot hold.
fn exactly(json: &Json) -> Option<Value<'static>> {
    has_double(json).then(|| exact(json))
}

fn has_double(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(has_double),
        Json::Object(entries) => as_double(entries).is_some() || entries.values().any(has_double),
        _ => false,
    }
}

fn as_double(entries: &JsonMap<String, Json>) -> Option<f64> {
    match entries.get(DOUBLE).filter(|_| entries.len() == 1)? {
        Json::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    }
}

/// The value with every `{"$f64": ...}` as the double that it stands for.
fn exact(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Value::Int(value),
            (None, Some(value)) => Value::Unsigned(value),
            _ => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text.clone().into()),
        Json::Array(items) => Value::list(items.iter().map(exact).collect()),
        Json::Object(entries) => match as_double(entries) {
            Some(value) => Value::Double(value),
            None => {
                let entries: Arc<[_]> =
                    entries.iter().map(|(key, value)| (Value::Text(key.clone().into()), exact(value))).collect();
                Value::Map(Map::Owned(entries))
            }
        },
    }
}

/// The clock of a case: the first entry with a time sets it, and from there it never runs back.
#[derive(Default)]
pub(super) struct Clock {
    now: Option<Timestamp>,
}

impl Clock {
    /// Sets the clock; gives the time that it shows then.
    pub(super) fn set(&mut self, second: Option<f64>) -> Timestamp {
        self.now = self.now.max(second.and_then(Timestamp::from_secs_f64));
        self.now.unwrap_or_default()
    }

    /// The time of an event; that of the clock where it says none.
    pub(super) fn stamp(&self, second: Option<f64>) -> Timestamp {
        second.and_then(Timestamp::from_secs_f64).or(self.now).unwrap_or_default()
    }
}
