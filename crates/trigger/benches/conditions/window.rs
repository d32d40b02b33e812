//! What one sample in a window adds to an event.

use std::{hint::black_box, sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_trigger::{AgentPattern, Condition, RuleSet, RuleSpec};

use crate::measure::surplus;

/// The most that a sample may cost, in nanoseconds.
const MOST: f64 = 50.0;

pub(crate) fn run() {
    let Ok(windowed) = Condition::compile("avg(latency_ms, 5m) > 1e9") else {
        println!("  a sample in a window: skipped, windows are not available");
        return;
    };
    let plain = Condition::compile("latency_ms > 1e9").expect("it is in the language");
    let (mut windowed, mut plain) = (stream(windowed), stream(plain));
    surplus("a sample in a window of 300", MOST, &mut windowed, &mut plain);
}

/// One rule and one agent that says something every second.
fn stream(condition: Condition) -> impl FnMut() {
    let cooldown = Duration::from_secs(300);
    let rule = RuleSpec { name: "windowed".to_owned(), agent_id: AgentPattern::Any, condition, cooldown };
    let mut set = RuleSet::new(vec![rule]);
    let mut event = Arc::new(Event::new("tool.end").agent("billing").data(json!({"latency_ms": 120.5})));
    let mut second = 0;
    move || {
        second += 1;
        let now = Timestamp::from_secs(second);
        Arc::get_mut(&mut event).expect("nobody else has it").timestamp = now;
        drop(black_box(set.fire(&event, now)));
    }
}
