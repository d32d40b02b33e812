//! The plain types that only tests hold: moments, texts as they stand, fields of events. Which values a key allows beyond its type is
//! the builder's decision.

use std::{borrow::Cow, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Number, Value as Json};
use tidings_core::Timestamp;

use crate::{
    duration,
    problem::Spot,
    read::{Read, Reader},
    tree::{Node, Value, join},
};

/// A text as it stands: a variable would make a test say something else elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Words(pub(crate) String);

impl Read for Words {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(Self(text.clone())),
            _ => reader.wrong(node, spot, "text"),
        }
    }
}

/// When something happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// So long after the start.
    After(Duration),
    /// Then.
    Time(Timestamp),
}

impl Read for Moment {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        const EXPECTED: &str = "a duration from the start such as 30s or 1h30m, or a time such as 2026-01-05T22:00:00Z";
        let seconds = |seconds| duration::from_seconds(seconds).map(Self::After);
        let read = match &node.value {
            Value::Integer(value) => seconds(*value as f64),
            Value::Float(value) => seconds(*value),
            Value::Text(text) => span(text.trim()).map(Self::After).or_else(|| time(text.trim()).map(Self::Time)),
            _ => return reader.wrong(node, spot, EXPECTED),
        };
        if read.is_none() {
            unread(spot, EXPECTED, reader);
        }
        read
    }
}

fn unread(spot: &Spot, expected: &str, reader: &mut Reader<'_>) {
    let problem = reader.findings.error(spot, format!("expected {expected}"));
    problem.help("a time stands with its zone: Z or +01:00");
}

/// When a test begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start(pub(crate) Timestamp);

impl Read for Start {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        const EXPECTED: &str = "a time such as 2026-01-05T09:00:00Z, or Unix seconds";
        let read = match &node.value {
            Value::Integer(value) => Some(Timestamp::from_secs(*value)),
            Value::Float(value) => Timestamp::from_secs_f64(*value),
            Value::Text(text) => time(text.trim()),
            _ => return reader.wrong(node, spot, EXPECTED),
        };
        if read.is_none() {
            unread(spot, EXPECTED, reader);
        }
        read.map(Self)
    }
}

fn span(text: &str) -> Option<Duration> {
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let bare = text.parse().ok().filter(|_| numeric);
    bare.and_then(duration::from_seconds).or_else(|| duration::parse(text))
}

fn time(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    time.as_nanosecond().try_into().ok().map(Timestamp::from_nanos)
}

/// Keys and values of an event, as JSON has them.
#[derive(Clone, Debug)]
pub(crate) struct Fields(pub(crate) Map<String, Json>);

impl Read for Fields {
    fn read(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Self> {
        match json(node, spot, reader)? {
            Json::Object(map) => Some(Self(map)),
            _ => reader.wrong(node, spot, "keys and values"),
        }
    }
}

fn json(node: &Node, spot: &Spot, reader: &mut Reader<'_>) -> Option<Json> {
    Some(match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Float(value) => Json::Number(Number::from_f64(*value).or_else(|| {
            reader.findings.error(spot, "not a number that an event can hold");
            None
        })?),
        Value::Text(text) => Json::String(text.clone()),
        Value::Tagged => return reader.wrong(node, spot, "a value that JSON has"),
        Value::List(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                json(item, &Spot { path: format!("{}[{index}]", spot.path), value: item.position, ..*spot }, reader)
            });
            Json::Array(items.collect::<Option<_>>()?)
        }
        Value::Map(entries) => {
            let entries = entries.iter().map(|entry| {
                let path = join(&spot.path, &entry.key);
                let spot = Spot { path, value: entry.node.position, key: entry.position };
                Some((entry.key.clone(), json(&entry.node, &spot, reader)?))
            });
            Json::Object(entries.collect::<Option<_>>()?)
        }
    })
}

/// A type that looks so in the file.
macro_rules! schema {
    ($type:ty => $schema:tt) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

schema!(Words => {"type": "string"});
schema!(Moment => {"type": ["string", "number"]});
schema!(Start => {"type": ["string", "number"]});
schema!(Fields => {"type": "object"});
