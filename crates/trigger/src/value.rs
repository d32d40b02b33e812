//! The values that conditions compute with. They borrow from the event and from the condition, so that reading a metric
//! allocates nothing.

use std::{borrow::Cow, sync::Arc};

use serde_json::{Map as JsonMap, Value as Json};
use tidings_core::Severity;

use crate::{kind::Kind, moment::Moment};

/// A value; a missing one is no value. Its tag fills a word, so that a copy moves whole words: mixed widths made evaluation slower
/// by half.
#[derive(Clone, Debug)]
#[repr(u64)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer beyond `i64`, never a smaller one.
    Unsigned(u64),
    Double(f64),
    Text(Cow<'a, str>),
    Severity(Severity),
    List(List<'a>),
    Map(Map<'a>),
    /// Nanoseconds.
    Duration(i64),
    Timestamp(Moment),
}

/// A list, wherever its items live.
#[derive(Clone, Debug)]
pub(crate) enum List<'a> {
    Json(&'a [Json]),
    Borrowed(&'a [Value<'a>]),
    Owned(Arc<[Value<'a>]>),
}

/// Up to this many entries, looking at each is faster than the hash of a key.
const SCAN_LIMIT: usize = 12;

/// The value under a key of a JSON object.
pub(crate) fn find<'j>(entries: &'j JsonMap<String, Json>, key: &str) -> Option<&'j Json> {
    if entries.len() > SCAN_LIMIT {
        return entries.get(key);
    }
    let last = key.as_bytes().last();
    // Names of one length mostly differ in their last letter: most of them need no call to compare them.
    let same = |name: &str| name.len() == key.len() && name.as_bytes().last() == last && name == key;
    entries.iter().find(|(name, _)| same(name)).map(|(_, value)| value)
}

/// A key and its value.
pub(crate) type Entry<'a> = (Value<'a>, Value<'a>);

/// A map, wherever its entries live; they keep their order.
#[derive(Clone, Debug)]
pub(crate) enum Map<'a> {
    Json(&'a JsonMap<String, Json>),
    Borrowed(&'a [Entry<'a>]),
    Owned(Arc<[Entry<'a>]>),
}

impl<'a> Value<'a> {
    /// A view of a JSON value.
    pub(crate) fn from_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => number.as_i64().map_or_else(
                || number.as_u64().map_or_else(|| Self::Double(number.as_f64().unwrap_or(f64::NAN)), Self::Unsigned),
                Self::Int,
            ),
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::List(List::Json(items)),
            Json::Object(entries) => Self::Map(Map::Json(entries)),
        }
    }

    pub(crate) const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A view of this value: as cheap as a copy.
    pub(crate) fn view(&'a self) -> Self {
        match self {
            Self::Text(text) => Self::text(text),
            Self::List(list) => Self::List(list.view()),
            Self::Map(map) => Self::Map(map.view()),
            plain => plain.clone(),
        }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) | Self::Unsigned(_) => Kind::Int,
            Self::Double(_) => Kind::Double,
            Self::Text(_) => Kind::Text,
            Self::Severity(_) => Kind::Severity,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
            Self::Duration(_) => Kind::Duration,
            Self::Timestamp(_) => Kind::Timestamp,
        }
    }

    /// The text of a string, or of a severity.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Severity(severity) => Some(severity.as_str()),
            _ => None,
        }
    }

    /// An integer, whatever its size.
    pub(crate) const fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(*value as i128),
            Self::Unsigned(value) => Some(*value as i128),
            _ => None,
        }
    }

    /// A number, rounded to a double.
    pub(crate) const fn as_double(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Unsigned(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(List::Owned(items.into()))
    }
}

impl<'a> List<'a> {
    fn view(&'a self) -> Self {
        match self {
            Self::Json(items) => Self::Json(items),
            Self::Borrowed(items) => Self::Borrowed(items),
            Self::Owned(items) => Self::Borrowed(items),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Borrowed(items) => items.len(),
            Self::Owned(items) => items.len(),
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Json(items) => items.get(index).map(Value::from_json),
            Self::Borrowed(items) => items.get(index).map(Value::view),
            Self::Owned(items) => items.get(index).cloned(),
        }
    }

    /// Whether any of the items is as wanted: nothing is copied for it.
    pub(crate) fn any(&self, wanted: impl Fn(&Value<'_>) -> bool) -> bool {
        match self {
            Self::Json(items) => items.iter().any(|item| wanted(&Value::from_json(item))),
            Self::Borrowed(items) => items.iter().any(wanted),
            Self::Owned(items) => items.iter().any(wanted),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).map_while(|index| self.get(index))
    }
}

impl<'a> Map<'a> {
    fn view(&'a self) -> Self {
        match self {
            Self::Json(entries) => Self::Json(entries),
            Self::Borrowed(entries) => Self::Borrowed(entries),
            Self::Owned(entries) => Self::Borrowed(entries),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(entries) => entries.len(),
            Self::Borrowed(entries) => entries.len(),
            Self::Owned(entries) => entries.len(),
        }
    }

    /// The value under a text key.
    pub(crate) fn get(&self, key: &str) -> Option<Value<'a>> {
        let named = |(name, _): &&Entry<'a>| name.as_text() == Some(key);
        match self {
            Self::Json(entries) => find(entries, key).map(Value::from_json),
            Self::Borrowed(entries) => entries.iter().find(named).map(|(_, value)| value.view()),
            Self::Owned(entries) => entries.iter().find(named).map(|(_, value)| value.clone()),
        }
    }

    pub(crate) fn iter(&self) -> Entries<'a> {
        match self {
            Self::Json(entries) => Entries::Json(entries.iter()),
            Self::Borrowed(entries) => Entries::Borrowed(entries.iter()),
            Self::Owned(entries) => Entries::Owned(Arc::clone(entries), 0),
        }
    }
}

/// The entries of a map, one after the other.
pub(crate) enum Entries<'a> {
    Json(serde_json::map::Iter<'a>),
    Borrowed(std::slice::Iter<'a, Entry<'a>>),
    /// The map, and the position of the next entry.
    Owned(Arc<[Entry<'a>]>, usize),
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        match self {
            Self::Json(entries) => entries.next().map(|(key, value)| (Value::text(key), Value::from_json(value))),
            Self::Borrowed(entries) => entries.next().map(|(key, value)| (key.view(), value.view())),
            Self::Owned(entries, position) => {
                *position += 1;
                entries.get(*position - 1).cloned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_of_json_keeps_every_integer() {
        let json: Json = serde_json::from_str("[9223372036854775807, 18446744073709551615, 1.5]").unwrap();
        let Value::List(list) = Value::from_json(&json) else { panic!("not a list") };
        let items: Vec<_> = list.iter().collect();
        assert!(matches!(items[..], [Value::Int(i64::MAX), Value::Unsigned(u64::MAX), Value::Double(1.5)]));
    }

    #[test]
    fn a_value_is_no_larger_than_four_words() {
        assert!(size_of::<Value<'_>>() <= 32);
    }
}
