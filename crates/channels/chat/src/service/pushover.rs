//! Pushover: a message of an application to a user or a group, as a form.

use serde_json::json;
use tidings_core::Priority;
use tidings_render::clip;

use crate::{form::Form, order::Order, subject::Subject};

/// Characters of the title. Source: Pushover, "Message API", "Limitations".
pub(super) const TITLE: usize = 250;
/// Characters of the message. Source: as above.
pub(super) const MESSAGE: usize = 1024;

pub(super) fn order(subject: &Subject, token: &str, user: &str) -> Order {
    let content = json!({
        "title": clip(&subject.message.title, TITLE),
        "message": clip(&subject.text(), MESSAGE),
        "priority": priority(subject),
        "timestamp": subject.at.as_secs(),
    });
    let order = Order::of(content).add("token", token).add("user", user).path(&["1", "messages.json"]);
    Order { form: Form::UrlEncoded, ..order }
}

/// -1 comes without a sound, 1 passes the quiet hours of the phone. Never 2: it would go on ringing after the resolve until somebody
/// acknowledges it.
const fn priority(subject: &Subject) -> i8 {
    match (subject.resolved, subject.priority) {
        (_, Priority::Low) | (true, _) => -1,
        (_, Priority::Medium | Priority::High) => 0,
        (_, Priority::Critical) => 1,
    }
}
