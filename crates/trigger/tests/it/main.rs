//! The cases of CEL's own conformance suite, under the strict profile, and the promise that most events cost no memory.

mod extensions;
mod guide;
mod memory;
mod oracle;

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

#[test]
fn an_event_among_a_thousand_rules_allocates_nothing() {
    let rules = (0..1_000).map(|number| {
        let condition = match number % 5 {
            0 => format!("metric_{} > {}", number % 12, 1_000 + number),
            1 => format!("event_type == 'tool.error' && latency.p95 > {}", 1_000 + number),
            2 => format!("user_id == 'user-{number}' && metric_3 > 1"),
            3 => format!("severity >= 'error' && metadata.host in ['h{number}', 'g{number}']"),
            _ => format!("metric_1 / metric_2 > {}", 1_000 + number),
        };
        RuleSpec {
            name: condition.clone(),
            agent_id: ["*", "a", "a*", "b", "*a"][number % 7 % 5].parse().expect("every text is a pattern"),
            condition: Condition::compile(&condition).expect("it is in the language"),
            cooldown: Duration::from_secs(300),
        }
    });
    let mut set = RuleSet::new(rules.collect());
    let data =
        json!({"metric_0": 3, "metric_1": 2.5, "metric_2": 7, "metric_3": 2, "latency": {"p95": 20}, "text": "x"});
    let event = Arc::new(Event::new("tool.error").agent("a").user("user-x").data(data).metadata(json!({"host": "h"})));
    assert_eq!(set.fire(&event, Timestamp::EPOCH), []);
    let counted = allocation_counter::measure(|| assert_eq!(set.fire(&event, Timestamp::EPOCH), []));
    assert_eq!(counted.count_total, 0);
    let accounts = set.accounts();
    assert!(accounts.iter().all(|rule| rule.evaluated == rule.no + rule.missing + rule.error), "{accounts:?}");
    assert_eq!(accounts.iter().map(|rule| rule.error).sum::<u64>(), 0, "{accounts:?}");
}

#[test]
fn an_event_that_leaves_rules_where_they_are_allocates_nothing_though_somebody_keeps_them() {
    let conditions =
        ["x > 9 for 1m", "x > 1 resolve when x < 1", "silent(1h)", "absent(x, 1h) resolve when x > 3 for 1m"];
    let rules = conditions.map(|source| RuleSpec {
        name: source.to_owned(),
        agent_id: AgentPattern::Any,
        condition: Condition::compile(source).expect("it is in the language"),
        cooldown: Duration::from_secs(300),
    });
    let event = Arc::new(Event::new("test").agent("a").at(Timestamp::EPOCH).data(json!({"x": 2})));
    let mut set = RuleSet::new(rules.into());
    assert_eq!(set.fire(&event, Timestamp::EPOCH).len(), 1);
    assert_eq!(set.changed().len(), 1);
    let counted = allocation_counter::measure(|| {
        assert_eq!(set.fire(&event, Timestamp::from_secs(1)), []);
        assert_eq!(set.changed(), []);
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_rule_in_a_set_takes_a_few_hundred_bytes() {
    let shapes: [fn(usize) -> (String, String); 4] = [
        |number| ("*".to_owned(), format!("metric_{} > {number}", number % 12)),
        |number| (format!("agent-{number}"), format!("metric_{} > {number}", number % 12)),
        |number| ("*".to_owned(), format!("user_id == 'user-{number}' && severity >= 'warning' && latency > 1")),
        |number| ("*".to_owned(), format!("metric_of_its_own_{number} > 1")),
    ];
    for shape in shapes {
        let rules: Vec<RuleSpec> = (0..4_000)
            .map(|number| {
                let (agent, condition) = shape(number);
                RuleSpec {
                    name: String::new(),
                    agent_id: agent.parse().expect("every text is a pattern"),
                    condition: Condition::compile(&condition).expect("it is in the language"),
                    cooldown: Duration::from_secs(300),
                }
            })
            .collect();
        let mut set = None;
        let counted = allocation_counter::measure(|| set = Some(RuleSet::new(rules)));
        assert!(counted.bytes_current < 4_000 * 600, "{} bytes a rule", counted.bytes_current / 4_000);
        drop(set);
    }
}
