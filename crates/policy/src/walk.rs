//! Getting about in a JSON value: where the reader stands, and how it complains. What the keys mean is left to `read`.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

/// Something in a preference that cannot stay. Values are never told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferenceProblem {
    /// The keys that lead there; an index of a list is a key too.
    pub path: Vec<String>,
    /// What is wrong and what was expected.
    pub message: String,
    /// Where the key itself is unknown: the keys that are known there. Else empty.
    pub known: &'static [&'static str],
}

impl fmt::Display for PreferenceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_slice() {
            [] => f.write_str(&self.message),
            path => {
                let keys: Vec<String> = path.iter().map(|key| shown(key)).collect();
                write!(f, "{}: {}", keys.join("."), self.message)
            }
        }
    }
}

/// A key without control characters, cut: it may come from anybody.
fn shown(key: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = key.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if key.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// All problems of one preference document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PreferencesError(pub Vec<PreferenceProblem>);

impl fmt::Display for PreferencesError {
    /// The first of them, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 20;
        let told: Vec<String> = self.0.iter().take(MOST).map(ToString::to_string).collect();
        f.write_str(&told.join("; "))?;
        match self.0.len().checked_sub(MOST).filter(|more| *more > 0) {
            Some(more) => write!(f, "; and {more} more"),
            None => Ok(()),
        }
    }
}

/// Walks the value, knows where it is, and collects what is wrong.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) path: Vec<String>,
    pub(crate) problems: Vec<PreferenceProblem>,
}

impl Reader {
    pub(crate) fn at<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let result = read(self);
        self.path.pop();
        result
    }

    pub(crate) fn named<T>(
        &mut self,
        value: &Value,
        mut read: impl FnMut(&mut Self, &Value) -> T,
    ) -> BTreeMap<String, T> {
        let Some(map) = self.map(value) else { return BTreeMap::new() };
        map.iter().map(|(key, value)| (key.clone(), self.at(key, |reader| read(reader, value)))).collect()
    }

    pub(crate) fn optional<T>(
        &mut self,
        map: &Map<String, Value>,
        key: &str,
        read: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        let value = map.get(key).filter(|value| !value.is_null())?;
        self.at(key, |reader| read(reader, value))
    }

    pub(crate) fn required<T>(
        &mut self,
        map: &Map<String, Value>,
        key: &str,
        read: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        if map.get(key).is_none_or(Value::is_null) {
            return self.refuse_with(&format!("`{key}` is missing"));
        }
        self.optional(map, key, read)
    }

    pub(crate) fn map<'a>(&mut self, value: &'a Value) -> Option<&'a Map<String, Value>> {
        match value {
            Value::Object(map) => Some(map),
            Value::Null => None,
            _ => self.wrong("keys and values"),
        }
    }

    pub(crate) fn only(&mut self, map: &Map<String, Value>, known: &'static [&'static str]) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            self.at(key, |reader| reader.unknown(known));
        }
    }

    /// The key where the reader stands is none of the known ones.
    pub(crate) fn unknown(&mut self, known: &'static [&'static str]) {
        let message = format!("unknown key; known are {}", known.join(", "));
        self.problems.push(PreferenceProblem { path: self.path.clone(), message, known });
    }

    pub(crate) fn wrong<T>(&mut self, expected: &str) -> Option<T> {
        self.refuse_with(&format!("expected {expected}"))
    }

    pub(crate) fn refuse_with<T>(&mut self, message: &str) -> Option<T> {
        self.refuse(message);
        None
    }

    pub(crate) fn refuse(&mut self, message: &str) {
        self.problems.push(PreferenceProblem { path: self.path.clone(), message: message.to_owned(), known: &[] });
    }
}
