//! The cases of CEL's own conformance suite, under the strict profile, and the promise that most events cost no memory.

mod guide;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tidings_core::{Event, Timestamp};
use tidings_testkit::data;
use tidings_trigger::{AgentPattern, Condition, Profile, RuleSet, RuleSpec, cases};

/// Maps have no order, and a double has many spellings.
fn normal(value: &Value) -> Value {
    match (value["k"].as_str(), &value["v"]) {
        (Some("double"), Value::String(text)) => {
            json!({"k": "double", "v": text.parse::<f64>().expect("a double").to_bits()})
        }
        (Some("list"), Value::Array(items)) => json!({"k": "list", "v": items.iter().map(normal).collect::<Vec<_>>()}),
        (Some("map"), Value::Array(pairs)) => {
            let mut pairs: Vec<Value> = pairs.iter().map(|pair| json!([normal(&pair[0]), normal(&pair[1])])).collect();
            pairs.sort_by_key(Value::to_string);
            json!({"k": "map", "v": pairs})
        }
        _ => value.clone(),
    }
}

#[test]
fn every_cel_case_holds() {
    let Some(path) = data("cel/expressions.jsonl") else { return };
    let lines = std::fs::read_to_string(path).expect("the cases can be read");
    let mut ran = 0;
    let mut failed = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).unwrap();
        let answer = cases::answer(&case, Profile::Cel);
        let holds = match case["want"]["k"].as_str() {
            Some("error") => answer["error"].is_string(),
            _ => normal(&answer["value"]) == normal(&case["want"]),
        };
        ran += 1;
        if !holds {
            failed.push(format!("{}\n  wanted {}\n  got    {answer}", case["expr"], case["want"]));
        }
    }
    eprintln!("{ran} CEL cases ran");
    assert!(ran > 0, "no case ran");
    assert!(failed.is_empty(), "{} of {ran} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn an_event_that_fires_nothing_allocates_nothing() {
    let conditions = [
        "error_rate > 0.5 && tool_calls >= 20",
        "severity >= 'critical' or event_type == 'budget.exceeded'",
        "latency.p95 > 1500 || model in ['a', 'b'] || absent.metric > 3",
        "tools.exists(t, t.name.startsWith('x') && t.ms > 5)",
        "tags.exists(k, v, v == 'urgent') || text.matches('^panic')",
        "duration(took) > 1h30m || timestamp.getHours('Europe/Zurich') > 24",
    ];
    let rules = conditions.map(|source| RuleSpec {
        name: source.to_owned(),
        agent_id: AgentPattern::Any,
        condition: Condition::compile(source).expect("it is in the language"),
        cooldown: Duration::from_secs(300),
    });
    let event = Event::new("tool.error").agent("a").data(json!({
        "error_rate": 0.1, "tool_calls": 3, "latency": {"p95": 20}, "model": "c", "took": "5s", "text": "all is well",
        "tools": [{"name": "search", "ms": 3}, {"name": "x", "ms": 1}], "tags": {"a": "b"},
    }));
    let event = Arc::new(event);
    let mut set = RuleSet::new(rules.into());
    // The first run fills the caches of the regular expressions.
    assert_eq!(set.fire(&event, Timestamp::EPOCH), []);
    let counted = allocation_counter::measure(|| assert_eq!(set.fire(&event, Timestamp::EPOCH), []));
    assert_eq!(counted.count_total, 0);
    let account = set.accounts();
    assert_eq!(account.iter().map(|rule| rule.error).sum::<u64>(), 0, "{account:?}");
}
