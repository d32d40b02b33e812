//! PagerDuty, Events API v2: a firing opens an incident, its resolve closes that one.

use serde_json::{Map, Value, json};
use tidings_core::{Priority, Timestamp};
use tidings_render::clip;

use crate::{order::Order, subject::Subject};

/// Characters of the key. Source: PagerDuty, "Send an alert event", `dedup_key`.
pub(super) const KEY: usize = 255;
/// Characters of the summary. Source: as above, `payload.summary`.
pub(super) const SUMMARY: usize = 1024;
/// Characters of the text and of a fact, ours: an event takes 512 KB in all.
pub(super) const DETAIL: usize = 15_000;

pub(super) fn order(subject: &Subject, routing_key: &str) -> Order {
    let content = if subject.resolved {
        json!({"event_action": "resolve"})
    } else {
        json!({"event_action": "trigger", "payload": payload(subject)})
    };
    Order::of(content).add("dedup_key", subject.key(KEY)).add("routing_key", routing_key).path(&["v2", "enqueue"])
}

fn payload(subject: &Subject) -> Value {
    let text = Some(("text", &subject.message.text)).filter(|(_, text)| !text.trim().is_empty());
    let facts = subject.message.facts.iter().map(|(name, value)| (*name, value));
    let details: Map<String, Value> =
        text.into_iter().chain(facts).map(|(name, value)| (name.to_owned(), clip(value, DETAIL).into())).collect();
    json!({
        "summary": clip(&subject.message.title, SUMMARY),
        "source": clip(subject.source(), SUMMARY),
        "severity": severity(subject.priority),
        "timestamp": written(subject.at),
        "custom_details": details,
    })
}

/// RFC 3339 in UTC, whole seconds.
fn written(at: Timestamp) -> String {
    // Every time of ours is one of the calendar's.
    jiff::Timestamp::from_second(at.as_secs()).unwrap_or_default().to_string()
}

const fn severity(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "info",
        Priority::Medium => "warning",
        Priority::High => "error",
        Priority::Critical => "critical",
    }
}
