//! Google Chat: `text` of at most 4,096 characters. Its markup has no escape, so what begins a mention or a link with a name is broken.

use serde_json::{Value, json};

use super::limits::clip_units;
use crate::Message;

/// UTF-16 units of the text. The service takes 32,000 bytes in all (Google Chat API, `spaces.messages.create`) and its clients show
/// 4,096 characters at once.
const TEXT: usize = 4096;

pub(super) fn body(message: &Message) -> Value {
    let parts = [format!("*{}*", message.title.replace('*', "")), message.text.clone(), message.facts_line()];
    let lines: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    json!({"text": clip_units(&lines.join("\n").replace('<', "<\u{200b}"), TEXT)})
}
