//! Telegram: `sendMessage` of a bot, as plain text, which needs no escape.

use serde_json::json;
use tidings_core::Priority;
use tidings_render::chat::clip_units;

use crate::{order::Order, subject::Subject};

/// UTF-16 units of the text, the stricter count. Source: Telegram Bot API, `sendMessage`.
pub(super) const TEXT: usize = 4096;

pub(super) fn order(subject: &Subject, token: &str, chat: &str) -> Order {
    // What is low, or over, arrives without a sound.
    let quiet = subject.priority == Priority::Low || subject.resolved;
    let content = json!({
        "text": clip_units(&subject.whole(), TEXT),
        "link_preview_options": {"is_disabled": true},
        "disable_notification": quiet,
    });
    Order::of(content).add("chat_id", chat).path(&[&format!("bot{token}"), "sendMessage"])
}
