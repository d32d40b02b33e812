//! The demo's agents in real time: first a little of everything that a page shows, then what they do all day. What each does is the fleet's.

use std::time::Duration;

use serde_json::json;
use tidings::{Event, Notifier, clock::system_now};

use crate::demo::Fleet;

/// The time between two events.
const PACE: Duration = Duration::from_millis(300);

/// Emits until nothing is taken any more.
pub(super) async fn live(notifier: Notifier) {
    let mut fleet = Fleet::new();
    let mut opening = opening().into_iter();
    loop {
        let event = opening.next().unwrap_or_else(|| fleet.next_event()).at(system_now());
        if notifier.accept(vec![event]).await.is_err() {
            return;
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Something told, something said before, something not wanted, something for later, something that fails.
fn opening() -> Vec<Event> {
    let approval =
        || Event::new("approval.requested").data(json!({"summary": "refund of 250 EUR"})).agent("billing-agent");
    let failing = json!({"tool": "query_database", "error": "timeout", "tool_calls": 20, "error_rate": 0.45});
    vec![
        approval(),
        Event::new("tool.error").data(failing).agent("billing-agent").session("s0"),
        approval(),
        Event::new("mission.failed").data(json!({"tool_calls": 12, "tool_errors": 7})).agent("travel-agent"),
        Event::new("tool.slow").data(json!({"tool": "search", "latency_ms": 14_200})).agent("research-agent"),
        Event::new("budget.exceeded").data(json!({"spent_usd": 51.3, "limit_usd": 50})).agent("support-agent"),
    ]
}
