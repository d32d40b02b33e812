//! Slack: `text` for the notification, blocks for the message. A header takes 150 characters, a section 3,000.

use serde_json::{Value, json};

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
    let mut room = limit - 1;
    let mut escaped = String::new();
    for character in text.chars() {
        let piece = match character {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            other => other.to_string(),
        };
        let Some(left) = room.checked_sub(piece.chars().count()) else {
            escaped.push('…');
            break;
        };
        room = left;
        escaped.push_str(&piece);
    }
    escaped
}
