//! CloudEvents 1.0 as events of ours: `type`, `source` and `id`, `time`, the data; `severity`, `agentid`, `userid` and `sessionid` as
//! extensions, all other attributes as metadata. How they come over the wire is `format`'s.

use std::borrow::Cow;

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use tidings::Event;
use tidings_core::Timestamp;

use super::{
    format::{is_json, media_type},
    split, strict,
};

/// What headers of attributes begin with.
const PREFIX: &str = "ce-";
/// Attributes that an event has a field for.
const FIELDS: [(&str, &str); 7] = [
    ("type", "event_type"),
    ("source", "source"),
    ("id", "id"),
    ("severity", "severity"),
    ("agentid", "agent_id"),
    ("userid", "user_id"),
    ("sessionid", "session_id"),
];

/// Reads one in structured form.
///
/// # Errors
/// Says which attribute is wrong.
pub(super) fn structured(value: Value, received: Timestamp) -> Result<Event, String> {
    let Value::Object(mut attributes) = value else { return Err("a CloudEvent is a JSON object".to_owned()) };
    let kind = attributes.get("datacontenttype").and_then(Value::as_str).map(plain);
    let (data, encoded) = (attributes.shift_remove("data"), attributes.shift_remove("data_base64"));
    let data = match (data, encoded) {
        (Some(_), Some(_)) => return Err("`data` and `data_base64` exclude each other".to_owned()),
        (Some(data), None) => data,
        (None, Some(Value::String(text))) => {
            let bytes = STANDARD.decode(text).map_err(|_| "`data_base64` is not base64".to_owned())?;
            read_data(kind.as_deref(), &bytes)?
        }
        (None, Some(_)) => return Err("`data_base64` must be a string".to_owned()),
        (None, None) => Value::Null,
    };
    event(attributes, data, received)
}

/// Reads one in binary form: its attributes are headers.
///
/// # Errors
/// Says which attribute is wrong.
pub(super) fn binary(headers: &HeaderMap, body: &[u8], received: Timestamp) -> Result<Event, String> {
    let mut attributes = Map::new();
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix(PREFIX) else { continue };
        let text = value.to_str().ok().and_then(unquoted).and_then(|text| decoded(&text));
        let text = text.ok_or_else(|| {
            format!("the header `{PREFIX}{name}` is not percent-encoded UTF-8, or its quotes are not closed")
        })?;
        if attributes.insert(name.to_owned(), Value::String(text)).is_some() {
            return Err(format!("the header `{PREFIX}{name}` is given twice"));
        }
    }
    let kind = media_type(headers);
    let data = if body.is_empty() { Value::Null } else { read_data(kind.as_deref(), body)? };
    if let Some(kind) = kind {
        attributes.insert("datacontenttype".to_owned(), Value::String(kind));
    }
    event(attributes, data, received)
}

fn event(mut attributes: Map<String, Value>, data: Value, received: Timestamp) -> Result<Event, String> {
    check_version(attributes.shift_remove("specversion"))?;
    let mut fields = Map::new();
    for (name, field) in FIELDS {
        match attributes.shift_remove(name) {
            None | Some(Value::Null) if ["type", "source", "id"].contains(&name) => {
                return Err(format!("`{name}` is missing"));
            }
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => drop(fields.insert(field.to_owned(), Value::String(text))),
            Some(_) => return Err(format!("`{name}` must be a string")),
        }
    }
    // What every event of ours is, is not worth a word.
    if attributes.get("datacontenttype").and_then(Value::as_str).is_some_and(|kind| is_json(&plain(kind))) {
        attributes.shift_remove("datacontenttype");
    }
    let time = attributes.shift_remove("time").map(|time| read_time(&time)).transpose()?;
    let metadata = metadata(attributes)?;
    let event =
        Event::from_json(Value::Object(fields), received).map_err(|error| in_their_words(&error.to_string()))?;
    Ok(event.at(time.unwrap_or(received)).data(data).metadata(Value::Object(metadata)))
}

/// An error of an event's field under the name that the attribute has here.
fn in_their_words(error: &str) -> String {
    FIELDS
        .iter()
        .fold(error.to_owned(), |text, (name, field)| text.replace(&format!("`{field}`"), &format!("`{name}`")))
}

fn check_version(version: Option<Value>) -> Result<(), String> {
    match version {
        Some(Value::String(version)) if version == "1.0" => Ok(()),
        Some(_) => Err("`specversion` must be \"1.0\"".to_owned()),
        None => Err("`specversion` is missing: it must be \"1.0\"".to_owned()),
    }
}

fn read_time(time: &Value) -> Result<Timestamp, String> {
    let read = time.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let read = read.ok_or("`time` must be of RFC 3339, such as \"2026-01-31T12:00:00Z\"")?;
    let nanos = read.as_nanosecond();
    Ok(Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })))
}

/// All that an event has no field for, so that nothing of it is lost.
fn metadata(attributes: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut metadata = Map::new();
    for (name, value) in attributes {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !is_name {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
            return Err(format!("`{shown}` names no attribute: names are small letters and digits, such as `agentid`"));
        }
        match value {
            Value::Null => {}
            Value::String(_) | Value::Bool(_) | Value::Number(_) => drop(metadata.insert(name, value)),
            _ => return Err(format!("`{name}` must be a string, a number or a boolean")),
        }
    }
    Ok(metadata)
}

/// Data that came as bytes: JSON where nothing else is said, or text.
fn read_data(kind: Option<&str>, bytes: &[u8]) -> Result<Value, String> {
    let kind = kind.unwrap_or("application/json");
    if is_json(kind) {
        return strict::read(&split::whole(bytes)).map_err(|error| format!("the data: {}", error.text));
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| kind.starts_with("text/") && !text.contains('\0'));
    let text = text.ok_or("the data is neither JSON nor text: rules could not read it, and it is not taken")?;
    Ok(Value::String(text.to_owned()))
}

/// A media type without its parameters.
fn plain(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What stands between quotes, where `\` makes the next character text. Older senders write values so.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(rest) = value.strip_prefix('"') else { return Some(Cow::Borrowed(value)) };
    let (mut text, mut rest) = (String::with_capacity(rest.len()), rest.chars());
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(Cow::Owned(text)),
            '\\' => text.push(rest.next()?),
            other => text.push(other),
        }
    }
}

/// A header's value, where `%` and two hex digits stand for a byte.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = (*first == b'%').then(|| {
            after
                .get(..2)
                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                .and_then(|digits| std::str::from_utf8(digits).ok())
        });
        rest = match digits {
            None => {
                bytes.push(*first);
                after
            }
            Some(digits) => {
                bytes.push(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())?);
                after.get(2..)?
            }
        };
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests;
