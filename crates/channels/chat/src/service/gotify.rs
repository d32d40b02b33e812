//! Gotify: a message of an application, as plain text.

use serde_json::json;
use tidings_core::Priority;
use tidings_render::clip;

use crate::{order::Order, subject::Subject};

/// Characters of the title, ours: phones show fewer, and Gotify names no limit.
pub(super) const TITLE: usize = 250;
/// Characters of the message, ours.
pub(super) const MESSAGE: usize = 10_000;

pub(super) fn order(subject: &Subject, token: &str) -> Order {
    let content = json!({
        "title": clip(&subject.message.title, TITLE),
        "message": clip(&subject.text(), MESSAGE),
        "priority": priority(subject),
    });
    Order::of(content).path(&["message"]).header("x-gotify-key", token.to_owned())
}

/// 0 to 10: its clients show 1 to 3 silently, 4 to 7 with a sound, and 8 to 10 above everything else. What is over wakes nobody.
const fn priority(subject: &Subject) -> u8 {
    match (subject.resolved, subject.priority) {
        (_, Priority::Low) => 2,
        (true, _) | (_, Priority::Medium) => 5,
        (_, Priority::High) => 8,
        (_, Priority::Critical) => 10,
    }
}
