//! ntfy: a message as JSON to the server itself.

use serde_json::json;
use tidings_core::Priority;
use tidings_render::{chat::clip_bytes, clip};

use crate::{order::Order, subject::Subject};

/// Bytes of the message; a longer one would become a file. Source: ntfy, "Publishing", "Limitations".
pub(super) const MESSAGE: usize = 4096;
/// Characters of the title, ours: phones show fewer.
pub(super) const TITLE: usize = 250;

pub(super) fn order(subject: &Subject, token: Option<&str>, topic: &str) -> Order {
    let content = json!({
        "title": clip(&subject.message.title, TITLE),
        "message": clip_bytes(&subject.text(), MESSAGE),
        "priority": priority(subject),
        "tags": [tag(subject)],
    });
    let order = Order::of(content).add("topic", topic);
    match token {
        Some(token) => order.header("authorization", format!("Bearer {token}")),
        None => order,
    }
}

/// 1 to 5; what is over wakes nobody. Source: ntfy, "Publishing", "Message priority".
const fn priority(subject: &Subject) -> u8 {
    match (subject.resolved, subject.priority) {
        (_, Priority::Low) => 2,
        (true, _) | (_, Priority::Medium) => 3,
        (_, Priority::High) => 4,
        (_, Priority::Critical) => 5,
    }
}

/// The name of a sign that stands before the title.
const fn tag(subject: &Subject) -> &'static str {
    match (subject.resolved, subject.priority) {
        (true, _) => "white_check_mark",
        (_, Priority::Low | Priority::Medium) => "information_source",
        (_, Priority::High) => "warning",
        (_, Priority::Critical) => "rotating_light",
    }
}
