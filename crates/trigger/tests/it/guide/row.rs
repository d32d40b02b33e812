//! Reads an event as the guide writes it: `90s tool.error severity=error {"steps": 3}`, or `90s tick`.

use serde_json::{Value, json};

/// An event without a time.
pub(super) fn event(row: &str) -> Value {
    let (words, data) = match row.split_once(" {") {
        _ if row.starts_with('{') => ("", row.to_owned()),
        Some((words, data)) => (words, format!("{{{data}")),
        None => (row, "{}".to_owned()),
    };
    let data: Value = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{row}: {error}"));
    let mut event = json!({"agent_id": "a", "data": data});
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("timestamp", time)) => event["timestamp"] = Value::from(unix_seconds(time)),
            Some((key, value)) => event[key] = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
            None => event["event_type"] = Value::from(word),
        }
    }
    event
}

fn unix_seconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap_or_else(|error| panic!("{time}: {error}")).as_second()
}

/// An entry of a history: an event with its time, or a tick.
pub(super) fn entry(row: &str) -> Value {
    let (time, rest) = row.split_once(' ').unwrap_or_else(|| panic!("a time, then an event: {row}"));
    let seconds = seconds(time);
    if rest.trim() == "tick" {
        return json!({"tick": seconds});
    }
    let mut entry = event(rest.trim());
    entry["t"] = Value::from(seconds);
    entry
}

/// Reads `90s`, `1h30m`.
pub(super) fn seconds(text: &str) -> f64 {
    let parts = text.split_inclusive(|c: char| c.is_ascii_alphabetic());
    let second = |part: &str| {
        let (number, unit) = part.split_at(part.len() - 1);
        let unit = match unit {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => panic!("{text} is no time"),
        };
        unit * number.parse::<f64>().unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    parts.map(second).sum()
}
