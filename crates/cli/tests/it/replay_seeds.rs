//! Random events by random configurations: a replay comes to what a run comes to, whatever is switched on.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    Folder, call,
    replay::{assert_closes, assert_same, number},
};

/// The same choices for the same seed, on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len() as u64) as usize]
    }

    fn maybe(&mut self, value: Value) -> Value {
        if self.below(2) == 0 { Value::Null } else { value }
    }
}

/// A few days, with bursts, pauses, repeats, lines that are none, and times that run backwards.
fn events(chance: &mut Chance) -> String {
    let (mut text, mut at) = (String::new(), 1_767_571_200);
    for _ in 0..700 {
        at += [1, 5, 40, 600, 2_400][chance.below(5) as usize];
        let back = if chance.below(20) == 0 { chance.below(900) } else { 0 };
        let event = json!({
            "event_type": chance.one(&["tool.error", "sample", "mission.failed"]),
            "timestamp": at - back,
            "agent_id": format!("agent-{}", chance.below(3)),
            "user_id": chance.one(&["ann", "bob", "guest", "nobody"]),
            "data": {"load": chance.below(16), "place": chance.below(4)},
        });
        for _ in 0..=u64::from(chance.below(25) == 0) {
            writeln!(text, "{event}").unwrap();
        }
        if chance.below(60) == 0 {
            text.push_str("no event\n");
        }
    }
    text
}

fn rules(chance: &mut Chance) -> Vec<Value> {
    let conditions = [
        "load > 12",
        "load > 3 for 3m resolve when load < 2",
        "event_type == 'mission.failed'",
        "count(event_type == 'tool.error', 10m) >= 3",
        "silent(15m)",
        "load > 9 resolve when load < 4",
    ];
    let rule = |(number, condition): (usize, &str)| {
        let mut rule = json!({
            "name": format!("rule {number}"),
            "condition": condition,
            "channels": chance.one(&[&["log"][..], &["log", "team"], &["team"]]),
            "cooldown_seconds": chance.one(&["0s", "60s", "20m"]),
            "priority": chance.one(&["low", "medium", "high", "critical"]),
            "user_ids": chance.one(&[&["ann", "bob"][..], &["$event"], &["guest", "ann"]]),
            "mandatory": chance.below(6) == 0,
        });
        if chance.below(2) == 0 {
            rule["dedup_key"] = "{{ data.place }}".into();
        }
        rule
    };
    conditions.into_iter().enumerate().map(rule).collect()
}

fn wishes(chance: &mut Chance) -> Value {
    let all = [
        (
            "quiet_hours",
            json!({"from": chance.one(&["22:00", "02:30", "13:00"]), "to": "07:00",
            "policy": chance.one(&["hold", "digest", "drop"]), "except": chance.one(&["high", "critical"])}),
        ),
        (
            "digest",
            json!({"every": chance.one(&["hourly", "daily"]), "max_priority": chance.one(&["low", "high"]),
            "channel": chance.one(&["log", "team"]), "first": chance.one(&["now", "together"])}),
        ),
        ("min_priority", json!({"team": chance.one(&["medium", "high"])})),
        ("topics", json!({"rule 0": false})),
        ("snooze_until", json!("2026-01-06T08:00:00Z")),
        ("team", json!(chance.below(2) == 0)),
    ];
    let chosen = all.into_iter().map(|(key, value)| (key, chance.maybe(value))).filter(|(_, value)| !value.is_null());
    Value::Object(chosen.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn config(chance: &mut Chance) -> Value {
    let storm = json!({"messages": 1 + chance.below(4), "window": chance.one(&["5m", "1h"])});
    json!({
        "events": {"sinks": [{"type": "log", "name": "errors", "events": ["tool.error"]}]},
        "triggers": rules(chance),
        "channels": {"team": {"type": "log"}},
        "fallbacks": {"team": ["log"]},
        "users": {"ann": {"timezone": "Europe/Zurich"}, "bob": {"timezone": "Asia/Kathmandu"}, "guest": {}},
        "preferences": {"default": wishes(chance), "users": {
            "ann": {"default": wishes(chance)}, "bob": {"agents": {"agent-1": wishes(chance)}}}},
        "dedup": {"window": chance.one(&["0s", "10m"])},
        "delivery": {"storm": if chance.below(3) == 0 { json!(false) } else { storm }},
    })
}

#[test]
fn whatever_is_switched_on_a_replay_comes_to_what_a_run_comes_to() {
    let mut did = [("held", 0), ("digested", 0), ("summed_up", 0), ("gathered", 0), ("waiting", 0)];
    for seed in 0..12 {
        let chance = &mut Chance(seed * 7_919 + 1);
        let (events, config) = (events(chance), config(chance).to_string());
        let folder = Folder::new(&[("e.jsonl", &events), ("c.yaml", &config)]);
        let (events, path) = (folder.path("e.jsonl"), folder.path("c.yaml"));
        let replayed = call(&["replay", &events, "-c", &path, "--json"]);
        assert_eq!(replayed.code, 0, "{seed}: {}{}\n{config}", replayed.err, replayed.out);
        let replayed = replayed.json();
        assert_closes(&replayed["a"]["total"]);
        assert_same(&replayed["a"], &call(&["run", "--events", &events, "-c", &path, "--json"]).json());
        did.iter_mut().for_each(|(key, count)| *count += number(&replayed["a"]["total"], &[key]));
        let critical = &replayed["a"]["critical_told"];
        let gone = number(critical, &["alone", "together", "repeats", "ends", "waiting", "nobody"]);
        assert_eq!(number(critical, &["made"]), gone, "{seed}: {critical}");
    }
    assert!(did.iter().all(|(_, count)| *count > 0), "each had something to do: {did:?}");
}
