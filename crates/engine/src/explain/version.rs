//! What events are judged by, so that it can be told later why.

use serde_json::{Value, json};

use crate::pipeline::Pipeline;

/// The rules and sinks, and whether the time comes from the events.
pub(crate) fn content(pipeline: &Pipeline, event_time: bool) -> Value {
    let rules: Vec<_> = pipeline.rules.iter().map(|rule| json!({"name": &*rule.name})).collect();
    json!({"rules": rules, "event_time": event_time})
}
