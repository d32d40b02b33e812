//! Discord: `content` of at most 2,000 characters, and no mention of anybody is allowed to ring.

use serde_json::{Value, json};

use super::limits::clip_units;
use crate::Message;

/// UTF-16 units of the content: at most as many as characters, whichever way they are counted.
const CONTENT: usize = 2000;

pub(super) fn body(message: &Message) -> Value {
    let parts = [format!("**{}**", message.title.replace('*', "\\*")), message.text.clone(), message.facts_line()];
    let lines: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    json!({"content": clip_units(&lines.join("\n"), CONTENT), "allowed_mentions": {"parse": []}})
}
