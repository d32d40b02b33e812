//! Opsgenie, Alert API: a firing opens an alert, its resolve closes the one of the same alias.

use serde_json::{Map, Value, json};
use tidings_core::Priority;
use tidings_render::clip;

use crate::{order::Order, subject::Subject};

/// Characters of the message. Source, as of all of these: Opsgenie, "Alert API", "Create Alert".
pub(super) const MESSAGE: usize = 130;
/// Characters of the alias.
pub(super) const ALIAS: usize = 512;
/// Characters of the description.
pub(super) const DESCRIPTION: usize = 15_000;
/// Characters of the source.
pub(super) const SOURCE: usize = 100;
/// Characters of a detail, ours: names and values of all of them take 8,000.
pub(super) const DETAIL: usize = 1000;

pub(super) fn order(subject: &Subject, api_key: &str) -> Order {
    let alias = subject.key(ALIAS);
    let order = if subject.resolved {
        let content = json!({"source": clip(subject.source(), SOURCE), "note": clip(&subject.whole(), DESCRIPTION)});
        let order = Order::of(content).path(&["v2", "alerts", &alias, "close"]);
        Order { query: Some("identifierType=alias"), ..order }
    } else {
        Order::of(alert(subject)).add("alias", alias).path(&["v2", "alerts"])
    };
    order.header("authorization", format!("GenieKey {api_key}"))
}

fn alert(subject: &Subject) -> Value {
    let facts = subject.message.facts.iter();
    let details: Map<String, Value> =
        facts.map(|(name, value)| ((*name).to_owned(), clip(value, DETAIL).into())).collect();
    json!({
        "message": clip(&subject.message.title, MESSAGE),
        "description": clip(&described(subject), DESCRIPTION),
        "priority": priority(subject.priority),
        "source": clip(subject.source(), SOURCE),
        "details": details,
    })
}

/// The text; in front of it the title, where the message has no room for all of it.
fn described(subject: &Subject) -> String {
    let message = &subject.message;
    if message.title.chars().count() <= MESSAGE {
        message.text.clone()
    } else {
        format!("{}\n{}", message.title, message.text)
    }
}

const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "P4",
        Priority::Medium => "P3",
        Priority::High => "P2",
        Priority::Critical => "P1",
    }
}
