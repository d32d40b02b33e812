//! Google Chat: `text` alone. Its markup has no escape, so what begins a mention or a link with a name is broken.

use serde_json::{Value, json};

use super::limits::clip_units;
use crate::Message;

/// UTF-16 units of the text, ours: at three bytes each they stay within the 32,000 bytes that a message takes in all. Source: Google
/// Chat API, `spaces.messages.create`.
const TEXT: usize = 4096;

pub(super) fn body(message: &Message) -> Value {
    let parts = [format!("*{}*", message.title.replace('*', "")), message.text.clone(), message.facts_line()];
    let lines: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    json!({"text": clip_units(&lines.join("\n").replace('<', "<\u{200b}"), TEXT)})
}
