//! The configuration that the process is started with: a sink and a channel for users that are receivers of ours, and rules of
//! every kind that has something to lose at a crash.

use serde_json::{Value, json};

/// A receiver's section; each request tells which life it comes from.
fn webhook(url: &str) -> Value {
    json!({
        "type": "webhook", "url": url, "secret": "a secret for this test alone", "allow_private_networks": true,
        "headers": {"X-Life": "${LIFE:-0}"},
    })
}

/// The configuration; without the address of a sink there is none. With the rules comes for how long a message is not repeated.
pub(super) fn config(sink: Option<&str>, pager: &str, (rules, window): (&Value, &str)) -> String {
    let sinks = sink.map(|url| {
        let mut sink = webhook(url);
        sink["name"] = json!("all");
        sink["retry_delay"] = json!("50ms");
        sink["max_retries"] = json!(5);
        sink
    });
    json!({
        "events": {"sinks": sinks.into_iter().collect::<Vec<_>>()},
        "triggers": rules,
        "channels": {"pager": webhook(pager)},
        "users": {"ann": null, "ben": null},
        "dedup": {"window": window},
        "delivery": {"retry": ["50ms", "100ms", "100ms", "100ms", "100ms"]},
    })
    .to_string()
}

fn rule(name: &str, condition: &str, cooldown: &str) -> Value {
    json!({
        "name": name, "condition": condition, "channels": ["pager"], "priority": "high", "cooldown_seconds": cooldown,
    })
}

/// Rules whose word does not hang on the minute, so that a run at another speed says the same.
pub(super) fn untimed_rules() -> Value {
    let mut same = rule("same", "load > 90", "0s");
    same["dedup_key"] = json!("{{ data.kind }}");
    json!([
        rule("hot", "load > 97 resolve when load < 10", "0s"),
        rule("failed", "event_type == \"tool.error\"", "1h"),
        rule("many", "count(1h) >= 20 resolve when count(1h) < 1", "1h"),
        same,
    ])
}

/// Rules that go by the times of the events: holds, windows, silences, cooldowns that end.
pub(super) fn timed_rules() -> Value {
    let Value::Array(mut rules) = untimed_rules() else { return Value::Null };
    rules.extend([
        rule("held", "load > 30 for 15s resolve when load < 20", "30s"),
        rule("busy", "count(60s) >= 14 resolve when count(60s) < 8", "10s"),
        rule("quiet", "silent(25s)", "0s"),
        rule("errors", "count(event_type == \"tool.error\", 5m) >= 2", "90s"),
        rule("mean", "avg(load, 2m) > 60", "1m"),
    ]);
    Value::Array(rules)
}
