//! The configuration that the process is started with: a sink and channels for users that are receivers of ours, one of which takes
//! nothing, and rules of every kind that has something to lose at a crash. What became of it all is judged in `fates`.

use serde_json::{Value, json};

/// A receiver's section; each request tells which life it comes from.
pub(super) fn webhook(url: &str) -> Value {
    json!({
        "type": "webhook", "url": url, "secret": "a secret for this test alone", "allow_private_networks": true,
        "headers": {"X-Life": "${LIFE:-0}"},
    })
}

/// The addresses of the channels for users.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channels<'a> {
    /// Takes what it is told, now and then at the second attempt.
    pub(super) pager: &'a str,
    /// Takes everything.
    pub(super) phone: &'a str,
    /// Takes nothing, and says so: the pager stands in for it.
    pub(super) desk: &'a str,
}

/// The configuration; without the address of a sink there is none. With the rules comes for how long a message is not repeated.
pub(super) fn config(sink: Option<&str>, to: Channels<'_>, (rules, window): (&Value, &str)) -> String {
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
        "channels": {"pager": webhook(to.pager), "phone": webhook(to.phone), "desk": webhook(to.desk)},
        "fallbacks": {"desk": ["pager"]},
        "users": {"ann": null, "ben": null},
        "dedup": {"window": window},
        "delivery": {"storm": false, "retry": ["50ms", "100ms", "100ms", "100ms", "100ms"], "critical": {"quorum": 2}},
    })
    .to_string()
}

fn rule(name: &str, condition: &str, cooldown: &str) -> Value {
    json!({
        "name": name, "condition": condition, "channels": ["pager"], "priority": "high", "cooldown_seconds": cooldown,
    })
}

/// A rule that is told on other channels than the pager.
fn routed(name: &str, condition: &str, (priority, channels): (&str, [&str; 2])) -> Value {
    let mut rule = rule(name, condition, if priority == "critical" { "1h" } else { "0s" });
    rule["priority"] = json!(priority);
    rule["channels"] = channels.into_iter().filter(|channel| !channel.is_empty()).collect();
    rule
}

/// Rules that name the channel which takes nothing: with the pager in its place for all of it, for the second of two that a critical
/// notification needs, and for nothing, since the pager is told already.
fn given_up() -> [Value; 3] {
    [
        routed("lost", "load > 96 resolve when load < 10", ("high", ["desk", ""])),
        routed("fire", "event_type == \"tool.error\" && load > 40", ("critical", ["desk", "phone"])),
        routed("alone", "load == 50", ("critical", ["desk", "pager"])),
    ]
}

/// Rules whose word does not hang on the minute, so that a run at another speed says the same.
pub(super) fn untimed_rules() -> Value {
    let mut same = rule("same", "load > 90", "0s");
    same["dedup_key"] = json!("{{ data.kind }}");
    let rules = [
        rule("hot", "load > 97 resolve when load < 10", "0s"),
        rule("failed", "event_type == \"tool.error\"", "1h"),
        rule("many", "count(1h) >= 20 resolve when count(1h) < 1", "1h"),
        same,
    ];
    rules.into_iter().chain(given_up()).collect()
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
