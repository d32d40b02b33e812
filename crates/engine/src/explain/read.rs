//! Reads the values of a log entry. What is not there, or is not what it should be, is nothing; texts lose their secrets.

use serde_json::Value;
use tidings_core::Timestamp;
use tidings_redact::Redactor;
use tidings_store::Entry;

/// A text without secrets and personal data.
pub(super) fn clean(text: &str) -> String {
    Redactor::default().redact_text(text).into_owned()
}

pub(super) fn text(entry: &Entry, key: &str) -> Option<String> {
    entry.detail.get(key).and_then(Value::as_str).map(clean)
}

pub(super) fn number(entry: &Entry, key: &str) -> Option<u64> {
    entry.detail.get(key).and_then(Value::as_u64)
}

pub(super) fn flag(entry: &Entry, key: &str) -> bool {
    entry.detail.get(key).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn time(entry: &Entry, key: &str) -> Option<Timestamp> {
    Timestamp::from_secs_f64(entry.detail.get(key)?.as_f64()?)
}

pub(super) fn span(entry: &Entry, key: &str) -> Option<std::time::Duration> {
    std::time::Duration::try_from_secs_f64(entry.detail.get(key)?.as_f64()?).ok()
}

/// A value of a kind that knows how to read itself.
pub(super) fn value<T: serde::de::DeserializeOwned>(entry: &Entry, key: &str) -> Option<T> {
    T::deserialize(entry.detail.get(key)?).ok()
}
