//! What events are judged by, as it is kept with the store and read back later. Judging by it again is left to `judge`.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_core::Severity;
use tidings_policy::EventFilter;
use tidings_trigger::{AgentPattern, Condition, RuleSpec};

use super::told::StormTold;
use crate::{
    pipeline::{Pipeline, SinkRoute, Target},
    rule::{Recipient, Recipients, Rule},
};

/// The rules and sinks, and whether the time comes from the events.
pub(crate) fn content(pipeline: &Pipeline, event_time: bool) -> Value {
    let rules: Vec<_> = pipeline.rules.iter().map(rule_content).collect();
    let sinks: Vec<_> = pipeline.sinks.iter().map(sink_content).collect();
    let storm =
        pipeline.lately.limit().map(|limit| json!({"messages": limit.messages, "seconds": limit.window.as_secs()}));
    json!({"event_time": event_time, "storm": storm, "rules": rules, "sinks": sinks})
}

fn rule_content(rule: &Rule) -> Value {
    json!({
        "name": &*rule.name,
        "agent": rule.spec.agent_id.to_string(),
        "condition": rule.spec.condition.source(),
        "cooldown": rule.spec.cooldown.as_secs_f64(),
        "priority": rule.priority.as_str(),
        "channels": rule.channels,
        "recipients": recipients_content(&rule.recipients),
        "mandatory": rule.mandatory,
    })
}

fn recipients_content(recipients: &Recipients) -> Value {
    let Recipients::Only(named) = recipients else { return json!("*") };
    let named = named.iter().map(|recipient| match recipient {
        Recipient::User(id) => id.as_str(),
        Recipient::OfEvent => "$event",
    });
    named.collect()
}

fn sink_content(sink: &SinkRoute) -> Value {
    let (name, network) = match &sink.target {
        Target::Local(local) => (&local.name, false),
        Target::Network { endpoint, .. } => (endpoint, true),
    };
    let events: Vec<_> = sink.filter.events.iter().map(tidings_policy::EventPattern::as_str).collect();
    let least = sink.filter.min_severity.map(Severity::as_str);
    json!({"name": &**name, "network": network, "events": events, "min_severity": least})
}

/// What an event was judged by, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct Version {
    pub(super) event_time: bool,
    pub(super) rules: Vec<KeptRule>,
    pub(super) sinks: Vec<KeptSink>,
    /// From when on a rule's messages to a user are summed up.
    pub(super) storm: Option<StormTold>,
}

/// A rule as it was kept. Its condition is compiled only where somebody asks: of thousands, few are about one agent.
#[derive(Debug)]
pub(super) struct KeptRule {
    pub(super) name: String,
    pub(super) agent: AgentPattern,
    pub(super) condition: Option<String>,
    pub(super) cooldown: Duration,
}

impl KeptRule {
    /// The rule as it judges; `None` where what was kept of it makes no sense.
    pub(super) fn spec(&self) -> Option<RuleSpec> {
        let condition = Condition::compile(self.condition.as_deref()?).ok()?;
        Some(RuleSpec { name: self.name.clone(), agent_id: self.agent.clone(), condition, cooldown: self.cooldown })
    }
}

/// A sink as it was kept; `None` for a filter that makes no sense.
#[derive(Debug)]
pub(super) struct KeptSink {
    pub(super) name: String,
    pub(super) network: bool,
    pub(super) filter: Option<EventFilter>,
}

impl Version {
    /// Reads what was kept. What is not there, or is not what it should be, is unknown; the rest stands.
    pub(super) fn read(content: &Value) -> Self {
        let list = |key: &str| content.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self {
            event_time: content.get("event_time").and_then(Value::as_bool).unwrap_or_default(),
            rules: list("rules").iter().filter_map(read_rule).collect(),
            sinks: list("sinks").iter().filter_map(read_sink).collect(),
            storm: content.get("storm").and_then(read_storm),
        }
    }
}

fn read_storm(value: &Value) -> Option<StormTold> {
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    Some(StormTold { messages: number("messages")?, seconds: number("seconds")? })
}

fn read_rule(value: &Value) -> Option<KeptRule> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    // Every text is a pattern; a rule without one is about every agent.
    let agent = text("agent").unwrap_or("*").parse().unwrap_or(AgentPattern::Any);
    let seconds = value.get("cooldown").and_then(Value::as_f64).unwrap_or_default();
    // What is too long for a span was longer than any time that can be told.
    let longest = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Some(KeptRule {
        name: text("name")?.to_owned(),
        agent,
        condition: text("condition").map(str::to_owned),
        cooldown: Duration::try_from_secs_f64(seconds).unwrap_or(longest),
    })
}

fn read_sink(value: &Value) -> Option<KeptSink> {
    Some(KeptSink {
        name: value.get("name")?.as_str()?.to_owned(),
        network: value.get("network").and_then(Value::as_bool).unwrap_or_default(),
        filter: read_filter(value),
    })
}

fn read_filter(value: &Value) -> Option<EventFilter> {
    let events = value.get("events")?.as_array()?;
    let min_severity = match value.get("min_severity")? {
        Value::Null => None,
        least => Some(least.as_str()?.parse().ok()?),
    };
    let events = events.iter().map(|pattern| pattern.as_str()?.parse().ok()).collect::<Option<_>>()?;
    Some(EventFilter { events, min_severity })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_unknown_and_the_rest_stands() {
        let version = Version::read(&json!({
            "event_time": true,
            "storm": {"messages": 20, "seconds": 600},
            "rules": [
                {"name": "good", "agent": "a*", "condition": "load > 5", "cooldown": 1.5},
                {"name": "old"},
                {"name": "wrong", "agent": 7, "condition": "load >", "cooldown": 1e300},
                {"agent": "nameless"},
                null,
            ],
            "sinks": [
                {"name": "all", "network": true, "events": [], "min_severity": null},
                {"name": "some", "events": ["tool.*"], "min_severity": "error"},
                {"name": "wrong", "events": ["**"], "min_severity": null},
                {"name": "older"},
                [],
            ],
        }));
        assert!(version.event_time);
        assert_eq!(version.storm, Some(StormTold { messages: 20, seconds: 600 }));
        let rules: Vec<_> = version.rules.iter().map(|rule| (&*rule.name, rule.spec().is_some())).collect();
        assert_eq!(rules, [("good", true), ("old", false), ("wrong", false)]);
        let cooldowns: Vec<_> = version.rules.iter().map(|rule| rule.cooldown).collect();
        assert_eq!(cooldowns, [Duration::from_millis(1_500), Duration::ZERO, Duration::MAX]);
        let sinks: Vec<_> = version.sinks.iter().map(|sink| (&*sink.name, sink.filter.is_some())).collect();
        assert_eq!(sinks, [("all", true), ("some", true), ("wrong", false), ("older", false)]);
    }

    #[test]
    fn anything_is_read_without_harm() {
        for content in [json!(null), json!([]), json!(7), json!({"rules": {"name": "a"}, "sinks": "x", "storm": 20})] {
            let version = Version::read(&content);
            assert!(
                version.rules.is_empty() && version.sinks.is_empty() && !version.event_time && version.storm.is_none()
            );
        }
    }
}
