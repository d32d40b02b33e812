//! Paths into an event: `error_rate`, `data.tool.latency`, `metadata["host"]`, `agent_id`; and the view of an event that they
//! are read from.

use std::{cell::Cell, ops::Deref, slice};

use serde_json::Value as Json;
use tidings_core::Event;

use crate::{
    fault::Reason,
    kind::Kind,
    lexer::is_name,
    moment::Moment,
    past::Past,
    value::{Map, Value, find},
};

/// A field of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    EventType,
    Severity,
    AgentId,
    UserId,
    SessionId,
    Timestamp,
    Metadata,
    Data,
}

/// The names that are an event's own; every other one is a key of its data.
pub(crate) const FIELDS: [(&str, Field); 8] = [
    ("event_type", Field::EventType),
    ("severity", Field::Severity),
    ("agent_id", Field::AgentId),
    ("user_id", Field::UserId),
    ("session_id", Field::SessionId),
    ("timestamp", Field::Timestamp),
    ("metadata", Field::Metadata),
    ("data", Field::Data),
];

impl Field {
    pub(crate) fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    fn as_str(self) -> &'static str {
        FIELDS.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::EventType | Self::AgentId | Self::UserId | Self::SessionId => Kind::Text,
            Self::Severity => Kind::Severity,
            Self::Timestamp => Kind::Timestamp,
            Self::Metadata | Self::Data => Kind::Map,
        }
    }
}

/// A field and the keys that lead on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) field: Field,
    pub(crate) keys: Keys,
    /// The path as a person writes it, where that is more than its field or its one key.
    pub(crate) text: Box<str>,
}

/// The keys of a path. Most have one, which then needs no list of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Keys {
    #[default]
    None,
    One(Box<str>),
    Several(Box<[Box<str>]>),
}

impl Deref for Keys {
    type Target = [Box<str>];

    fn deref(&self) -> &[Box<str>] {
        match self {
            Self::None => &[],
            Self::One(key) => slice::from_ref(key),
            Self::Several(keys) => keys,
        }
    }
}

impl Path {
    pub(crate) fn new(field: Field, keys: Keys) -> Self {
        let text = match &*keys {
            [] => Box::default(),
            [key] if is_bare(field, key) => Box::default(),
            keys => written(field, keys),
        };
        Self { field, keys, text }
    }

    /// The path as a person writes it.
    pub(crate) fn text(&self) -> &str {
        match &*self.keys {
            [] => self.field.as_str(),
            [key] if self.text.is_empty() => key,
            _ => &self.text,
        }
    }
}

/// Whether a key of the event's data needs no `data.` before it.
fn is_bare(field: Field, key: &str) -> bool {
    field == Field::Data && is_name(key) && Field::named(key).is_none()
}

/// A path in its shortest form: `data.` only where the bare name would be something else.
fn written(field: Field, keys: &[Box<str>]) -> Box<str> {
    let (start, rest) = match keys.split_first() {
        Some((first, rest)) if is_bare(field, first) => (&**first, rest),
        _ => (field.as_str(), keys),
    };
    // Just enough where no key needs quotes.
    let mut text = String::with_capacity(start.len() + rest.iter().map(|key| key.len() + 1).sum::<usize>());
    text.push_str(start);
    for key in rest {
        let quote = if is_name(key) { "" } else { "`" };
        text.extend([".", quote, key, quote]);
    }
    text.into()
}

/// What an evaluation sees of the world.
pub(crate) struct Frame<'a> {
    pub(crate) event: &'a Event,
    /// The event's data, or what stands for it.
    pub(crate) data: Map<'a>,
    /// The event's metadata, or what stands for it.
    pub(crate) metadata: Map<'a>,
    /// The variables of a CEL case.
    pub(crate) bindings: Option<&'a [(Box<str>, Value<'a>)]>,
    pub(crate) paths: &'a [Path],
    /// What the first paths lead to, where that was looked up beforehand.
    pub(crate) known: &'a [Result<Value<'a>, Reason>],
    /// What is known of the agent from before.
    pub(crate) past: Option<&'a Past<'a>>,
    /// CEL's profile.
    pub(crate) strict: bool,
    /// What is left of the work that one evaluation may do.
    pub(crate) fuel: Cell<u64>,
}

/// The work of one evaluation: about one unit a byte that is searched, more for one that is made.
const FUEL: u64 = 1 << 26;

impl<'a> Frame<'a> {
    pub(crate) const fn new(event: &'a Event, paths: &'a [Path], strict: bool) -> Self {
        Self {
            event,
            data: Map::Json(&event.data),
            metadata: Map::Json(&event.metadata),
            bindings: None,
            paths,
            known: &[],
            past: None,
            strict,
            fuel: Cell::new(FUEL),
        }
    }

    pub(crate) fn spend(&self, units: usize) -> Result<(), Reason> {
        let left = self.fuel.get().checked_sub(units as u64).ok_or(Reason::TooMuchWork)?;
        self.fuel.set(left);
        Ok(())
    }

    pub(crate) fn slot(&self, slot: u16) -> Result<Value<'a>, Reason> {
        match self.known.get(usize::from(slot)) {
            Some(known) => known.as_ref().map(Value::view).map_err(|reason| *reason),
            None => self.read(self.paths.get(usize::from(slot)).ok_or(Reason::Absent)?),
        }
    }

    /// What a path leads to.
    pub(crate) fn read(&self, path: &Path) -> Result<Value<'a>, Reason> {
        match (&self.data, path.field, path.keys.split_first()) {
            // Almost every metric: no value is made on the way.
            (Map::Json(data), Field::Data, Some((first, keys))) => follow_json(find(data, first), keys),
            _ => follow(self.field(path.field)?, &path.keys),
        }
    }

    /// What a path in the event's data leads to, where it lies; `None` also where only [`Frame::slot`] can tell.
    pub(crate) fn metric(&self, slot: u16) -> Option<&'a Json> {
        let path = self.paths.get(usize::from(slot))?;
        let Map::Json(data) = self.data else { return None };
        let (first, keys) = path.keys.split_first().filter(|_| path.field == Field::Data)?;
        keys.iter().try_fold(find(data, first)?, |value, key| find(value.as_object()?, key))
    }

    /// The text that a path leads to, where it lies; `None` also where only [`Frame::slot`] can tell.
    pub(crate) fn text(&self, slot: u16) -> Option<&'a str> {
        let path = self.paths.get(usize::from(slot))?;
        match path.field {
            Field::Data => self.metric(slot)?.as_str(),
            field if path.keys.is_empty() => self.field_text(field),
            _ => None,
        }
    }

    fn field_text(&self, field: Field) -> Option<&'a str> {
        match field {
            Field::EventType => Some(&self.event.event_type),
            Field::AgentId => self.event.agent_id.as_deref(),
            Field::UserId => self.event.user_id.as_deref(),
            Field::SessionId => self.event.session_id.as_deref(),
            _ => None,
        }
    }

    /// A field of the event; one that the event leaves out is absent, as a key of its data is.
    fn field(&self, field: Field) -> Result<Value<'a>, Reason> {
        let optional = |text: &'a Option<String>| text.as_deref().map(Value::text).ok_or(Reason::Absent);
        Ok(match field {
            Field::EventType => Value::text(&self.event.event_type),
            Field::Severity => Value::Severity(self.event.severity),
            Field::AgentId => optional(&self.event.agent_id)?,
            Field::UserId => optional(&self.event.user_id)?,
            Field::SessionId => optional(&self.event.session_id)?,
            Field::Timestamp => Value::Timestamp(Moment::from_core(self.event.timestamp)),
            Field::Metadata => Value::Map(self.metadata.clone()),
            Field::Data => Value::Map(self.data.clone()),
        })
    }

    /// A name of CEL's profile: the longest dotted name that is bound, then keys.
    pub(crate) fn binding(&self, names: &[Box<str>]) -> Result<Value<'a>, Reason> {
        if let Some(bindings) = self.bindings {
            let bound = |length: usize| {
                let found = bindings.iter().find(|(name, _)| name.split('.').eq(names[..length].iter().map(|n| &**n)));
                found.map(|(_, value)| (length, value.view()))
            };
            let (length, value) = (1..=names.len()).rev().find_map(bound).ok_or(Reason::Absent)?;
            return follow(value, &names[length..]);
        }
        let (first, keys) = names.split_first().ok_or(Reason::Absent)?;
        match Field::named(first) {
            Some(field) => follow(self.field(field)?, keys),
            None => follow(self.field(Field::Data)?, names),
        }
    }
}

fn follow<'a>(start: Value<'a>, keys: &[Box<str>]) -> Result<Value<'a>, Reason> {
    keys.iter().try_fold(start, |value, key| select(&value, key))
}

/// [`follow`] through plain JSON.
fn follow_json<'a>(start: Option<&'a Json>, keys: &[Box<str>]) -> Result<Value<'a>, Reason> {
    let mut at = start;
    for key in keys {
        at = match at {
            Some(Json::Object(entries)) => find(entries, key),
            None => break,
            Some(other) => return select(&Value::from_json(other), key),
        };
    }
    at.map(Value::from_json).ok_or(Reason::Absent)
}

/// The value under a key: a scalar has none, and null or an absent key lead nowhere.
pub(crate) fn select<'a>(value: &Value<'a>, key: &str) -> Result<Value<'a>, Reason> {
    match value {
        Value::Map(map) => map.get(key).ok_or(Reason::Absent),
        Value::Null => Err(Reason::ThroughNull),
        _ => Err(Reason::NotAMap(value.kind())),
    }
}
