//! What one sample in a window adds to an event.

use std::{hint::black_box, sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_trigger::{AgentPattern, Condition, RuleSet, RuleSpec};

use crate::measure::surplus;

/// The most that a sample may cost, in nanoseconds.
const MOST: f64 = 50.0;
/// How many windows the fuller rule has more.
const MORE: usize = 6;

pub(crate) fn run() {
    // A false part decides a conjunction: what the other windows cost is their samples, not that they are read.
    let windows = |count: usize| -> Vec<String> { (0..=count).map(|n| format!("avg(m{n}, 5m) > 1e9")).collect() };
    surplus(
        "a sample in a window of 300",
        (MOST, MORE),
        &mut stream(&windows(MORE).join(" && ")),
        &mut stream(&windows(0).join("")),
    );
    let one = ("avg(m0, 5m) > 1e9", "m0 > 1e9");
    surplus("a rule with one window, judged, beside none", (f64::INFINITY, 1), &mut stream(one.0), &mut stream(one.1));
}

/// One rule and one agent that says something every second.
fn stream(condition: &str) -> impl FnMut() {
    let condition = Condition::compile(condition).expect("it is in the language");
    let cooldown = Duration::from_secs(300);
    let rule = RuleSpec { name: "windowed".to_owned(), agent_id: AgentPattern::Any, condition, cooldown };
    let mut set = RuleSet::new(vec![rule]);
    let data: serde_json::Map<_, _> = (0..=MORE).map(|n| (format!("m{n}"), json!(120.5))).collect();
    let mut event = Arc::new(Event::new("tool.end").agent("billing").data(data.into()));
    let mut second = 0;
    move || {
        second += 1;
        let now = Timestamp::from_secs(second);
        Arc::get_mut(&mut event).expect("nobody else has it").timestamp = now;
        drop(black_box(set.fire(&event, now)));
    }
}
