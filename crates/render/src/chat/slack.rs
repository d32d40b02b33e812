//! Slack: `text` for the notification, blocks for the message. A header takes 150 characters, a section 3,000.

use serde_json::{Value, json};

use super::limits::clip_by;
use crate::message::{Message, clip};

/// Characters of a header block.
const HEADER: usize = 150;
/// Characters of a section and of a context's text.
const SECTION: usize = 3000;
/// Characters of the text that stands for the blocks in a notification.
const TEXT: usize = 4000;

pub(super) fn body(message: &Message) -> Value {
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": clip(&message.title, HEADER), "emoji": false}}),
    ];
    if !message.text.trim().is_empty() {
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": escaped(&message.text, SECTION), "verbatim": true}}));
    }
    if !message.facts.is_empty() {
        let facts = escaped(&message.facts_line(), SECTION);
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": facts, "verbatim": true}]}));
    }
    let text = escaped(&format!("{}\n{}", message.title, message.text), TEXT);
    json!({"text": text.trim_end(), "blocks": blocks})
}

/// The three characters that Slack's markup is made of, escaped; clipped so that no escape is cut in two.
fn escaped(text: &str, limit: usize) -> String {
    let size = |character| escape(character).map_or(1, str::len);
    let mut escaped = String::new();
    for character in clip_by(text, limit, size).chars() {
        match escape(character) {
            Some(escape) => escaped.push_str(escape),
            None => escaped.push(character),
        }
    }
    escaped
}

const fn escape(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}
