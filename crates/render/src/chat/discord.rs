//! Discord: `content` of at most 2,000 characters, and no mention of anybody is allowed to ring.

use serde_json::{Value, json};

use crate::message::{Message, clip};

/// UTF-16 units of the content: at most as many as characters, whichever way they are counted.
const CONTENT: usize = 2000;

pub(super) fn body(message: &Message) -> Value {
    let parts = [format!("**{}**", message.title.replace('*', "\\*")), message.text.clone(), message.facts_line()];
    let lines: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    json!({"content": fit(&lines.join("\n")), "allowed_mentions": {"parse": []}})
}

/// Clips until it fits however characters are counted: one beyond the basic plane may count as two.
fn fit(text: &str) -> String {
    let beyond = text.chars().take(CONTENT).filter(|character| character.len_utf16() > 1).count();
    clip(text, CONTENT - beyond.min(CONTENT / 2))
}
