//! Teams: an adaptive card in a message, which workflows and connectors read. A message takes 28 KB in all.

use serde_json::{Value, json};

use crate::message::{Message, clip};

/// Characters of the title, of the text and of a fact: at four bytes each and escaped they stay within the limit.
const TITLE: usize = 256;
const TEXT: usize = 4000;
const FACT: usize = 256;

pub(super) fn body(message: &Message) -> Value {
    let mut card = vec![
        json!({"type": "TextBlock", "text": clip(&message.title, TITLE), "weight": "Bolder", "size": "Medium", "wrap": true}),
    ];
    if !message.text.trim().is_empty() {
        card.push(json!({"type": "TextBlock", "text": clip(&message.text, TEXT), "wrap": true}));
    }
    if !message.facts.is_empty() {
        let fact = |(name, value): &(&str, String)| json!({"title": name, "value": clip(value, FACT)});
        card.push(json!({"type": "FactSet", "facts": message.facts.iter().map(fact).collect::<Vec<_>>()}));
    }
    json!({"type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": card,
        },
    }]})
}
