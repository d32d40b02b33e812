//! The variables of macros: views of what a macro goes over. Which item they stand for is the macro's affair.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::value::{Map, Value, find};

/// What a variable stands for, where that lies: most bodies look at one part of an item only.
#[derive(Clone, Copy)]
pub(super) enum Local<'a, 's> {
    /// The position of an item.
    Index(usize),
    /// A key of the event's.
    Key(&'a String),
    /// An item of the event's.
    Json(&'a Json),
    /// Anything else.
    Value(&'s Value<'a>),
}

/// The variables of a macro, and those of the one around it.
pub(super) struct Locals<'a, 's> {
    pub(super) values: [Local<'a, 's>; 2],
    pub(super) outer: Option<&'s Locals<'a, 's>>,
}

impl<'a, 's> Local<'a, 's> {
    pub(super) fn value(self) -> Value<'a> {
        match self {
            Self::Index(index) => Value::Int(i64::try_from(index).unwrap_or(i64::MAX)),
            Self::Key(key) => Value::text(key),
            Self::Json(json) => Value::from_json(json),
            Self::Value(value) => value.clone(),
        }
    }

    /// What is under a key of an item of the event's.
    pub(super) fn field(self, key: &str) -> Option<&'a Json> {
        match self {
            Self::Json(Json::Object(entries)) => find(entries, key),
            Self::Value(Value::Map(Map::Json(entries))) => find(entries, key),
            _ => None,
        }
    }

    pub(super) fn text(self) -> Option<&'s str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Json(json) => json.as_str(),
            Self::Value(Value::Text(Cow::Borrowed(text))) => Some(text),
            Self::Value(Value::Text(Cow::Owned(text))) => Some(text),
            _ => None,
        }
    }
}
