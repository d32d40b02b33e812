//! What somebody wrote or read: prompts, what tools were given and what they answered. Redacted first and cut then, since half a secret is
//! not known as one.

use serde_json::{Map, Value, json};
use tidings::redact::{Options, Redactor};

/// The longest content that is sent of each kind, in characters.
const LONGEST: usize = 4000;

/// Where content stands, and what it is called in an event.
const KINDS: [(&str, &[&str]); 5] = [
    ("prompt", &["prompt", "input-messages"]),
    ("input", &["tool_input"]),
    ("output", &["tool_response", "tool_output", "error", "error_details"]),
    ("message", &["message", "last-assistant-message", "last_assistant_message"]),
    ("title", &["title"]),
];

/// The content of a payload.
pub(super) fn of(payload: &Map<String, Value>) -> Map<String, Value> {
    let redactor = Redactor::new(Options { personal: true, ..Options::default() });
    let found = KINDS.iter().filter_map(|(kind, keys)| {
        let value = keys.iter().find_map(|key| payload.get(*key).filter(|value| !value.is_null()))?;
        let mut value = value.clone();
        redactor.redact_value(&mut value);
        let text = match value {
            Value::String(text) => text,
            other => redactor.redact_text(&other.to_string()).into_owned(),
        };
        Some(((*kind).to_owned(), json!(cut(&text))))
    });
    found.collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
