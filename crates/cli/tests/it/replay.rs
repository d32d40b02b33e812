//! `replay`: what would have been told. It is the same pipeline as `run`'s, which is held against it here.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{Call, Folder, call, call_with_input, command, repository};

/// Events of three days, of three agents: spikes, repeats and calm.
fn days() -> String {
    let mut text = String::new();
    let mut state: u64 = 7;
    for step in 0..3_000_u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (load, agent) = (state >> 60, (state >> 50) % 3);
        let event = json!({
            "event_type": if step % 11 == 0 { "tool.error" } else { "sample" },
            "timestamp": 1_767_603_600 + step * 86,
            "agent_id": format!("agent-{agent}"),
            "user_id": if step % 5 == 0 { "guest" } else { "ann" },
            "data": {"load": load, "place": (state >> 40) % 4},
        });
        writeln!(text, "{event}").unwrap();
        if step % 100 == 0 {
            writeln!(text, "{event}").unwrap();
        }
    }
    text + "no event\n"
}

/// Rules that fire by events and by time, end, rest, repeat themselves and are too many.
fn config(preferences: &Value) -> String {
    let rule = |name: &str, condition: &str, more: Value| {
        let mut rule = json!({"name": name, "condition": condition, "channels": ["log"], "user_ids": ["ann", "bob"]});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    json!({
        "events": {"sinks": [{"type": "log", "name": "errors", "events": ["tool.error"]}]},
        "triggers": [
            rule("hot", "load > 12", json!({"cooldown_seconds": "20m", "priority": "high"})),
            rule("chatty", "load > 5", json!({"cooldown_seconds": 0, "dedup_key": "{{ data.place }} {{ data.load }}"})),
            rule("stays", "load > 3 for 3m resolve when load < 2", json!({"cooldown_seconds": 0, "priority": "critical"})),
            rule("silent", "silent(10m)", json!({"priority": "low"})),
            rule("asked", "event_type == 'tool.error'", json!({"user_ids": ["$event"], "cooldown_seconds": 60})),
        ],
        "users": {"ann": {"timezone": "Europe/Zurich"}, "bob": {}, "guest": {}},
        "preferences": preferences,
        "dedup": {"window": "10m"},
    })
    .to_string()
}

fn wishes() -> Vec<Value> {
    let quiet = json!({"from": "22:00", "to": "07:00", "policy": "hold"});
    let digest = json!({"every": "hourly", "max_priority": "high", "channel": "log"});
    vec![
        json!({"default": {"log": true}}),
        json!({"default": {"quiet_hours": quiet, "min_priority": "medium"}}),
        json!({"default": {"digest": digest}, "users": {"bob": {"default": {"log": false}}}}),
        json!({"users": {"ann": {"default": {"digest": digest, "quiet_hours": quiet, "topics": {"hot": false}}}}}),
    ]
}

pub(crate) fn number(value: &Value, keys: &[&str]) -> u64 {
    keys.iter().map(|key| value[key].as_u64().unwrap_or_else(|| panic!("{key} in {value}"))).sum()
}

fn denied(counts: &Value) -> u64 {
    counts["suppressed"]["denied"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

/// What was made went somewhere, and so did what was delayed.
pub(crate) fn assert_closes(counts: &Value) {
    let kept = number(&counts["suppressed"], &["duplicate", "untold", "silenced"]) + denied(counts);
    let gone = kept + number(counts, &["at_once", "held", "digested", "summed_up"]);
    assert_eq!(number(counts, &["made"]), gone, "{counts}");
    let delayed =
        number(counts, &["later", "gathered", "waiting"]) + number(&counts["suppressed"], &["dropped", "withdrawn"]);
    assert_eq!(number(counts, &["held", "digested", "summed_up"]), delayed, "{counts}");
}

pub(crate) fn assert_same(replayed: &Value, ran: &Value) {
    let (total, told, sent) = (&replayed["total"], &ran["notifications"], &ran["deliveries"]);
    let out = &total["suppressed"];
    let waiting = number(total, &["waiting"]);
    let pairs = [
        (number(&replayed["events"], &["read"]), number(&ran["events"], &["offered"])),
        (number(&replayed["events"], &["replayed"]), number(&ran["events"], &["planned"])),
        (number(&replayed["events"], &["duplicate"]), number(&ran["events"], &["duplicate"])),
        (number(&replayed["events"], &["refused"]), number(&ran["events"], &["refused"])),
        (number(total, &["made"]), number(told, &["made"])),
        (number(out, &["duplicate", "untold"]), number(told, &["duplicate"])),
        (number(out, &["silenced"]), number(told, &["silenced"])),
        (denied(total), number(told, &["denied"])),
        // What has no address fails in a run; a replay asks nobody.
        (number(total, &["messages"]), number(sent, &["delivered", "dead"])),
        (
            number(total, &["gathered"]) + number(out, &["dropped", "withdrawn"]) + waiting,
            number(sent, &["held", "digested"]),
        ),
        (0, number(sent, &["expired", "waiting"])),
    ];
    for (place, (left, right)) in pairs.into_iter().enumerate() {
        assert_eq!(left, right, "{place}: {total}\n{told} {sent}");
    }
    for (name, rule) in ran["rules"].as_object().unwrap() {
        let replayed = &replayed["rules"][name];
        assert_eq!(replayed["fired"].as_u64().unwrap_or(0), number(rule, &["fired"]), "{name}");
        assert_eq!(replayed["suppressed"]["cooldown"].as_u64().unwrap_or(0), number(rule, &["cooldown"]), "{name}");
    }
    for (name, sink) in ran["sinks"].as_object().unwrap() {
        assert_eq!(replayed["sinks"][name], sink["matched"], "{name}");
    }
}

#[test]
fn a_replay_comes_to_what_a_run_comes_to() {
    let events = days();
    let mut seen = (0, 0, 0);
    for wishes in wishes() {
        let folder = Folder::new(&[("e.jsonl", &events), ("c.yaml", &config(&wishes))]);
        let (events, config) = (folder.path("e.jsonl"), folder.path("c.yaml"));
        let replayed = call(&["replay", &events, "-c", &config, "--json"]);
        assert_eq!(replayed.code, 0, "{}{}", replayed.err, replayed.out);
        let replayed = replayed.json();
        assert_closes(&replayed["a"]["total"]);
        assert_closes(&replayed["a"]["critical"]);
        replayed["a"]["rules"].as_object().unwrap().values().for_each(assert_closes);
        replayed["a"]["users"].as_object().unwrap().values().for_each(assert_closes);
        let ran = call(&["run", "--events", &events, "-c", &config, "--json"]);
        assert_same(&replayed["a"], &ran.json());
        let total = &replayed["a"]["total"];
        seen = (
            seen.0 + number(total, &["held"]),
            seen.1 + number(total, &["digested"]),
            seen.2 + number(total, &["summed_up"]),
        );
    }
    assert!(seen.0 > 0 && seen.1 > 0 && seen.2 > 0, "{seen:?}: each mechanism had something to do");
}

#[test]
fn the_recorded_runs_come_to_the_same_by_the_example() {
    let example = repository().join("examples/airline");
    let (events, config) = (example.join("events.jsonl"), example.join("tidings.yaml"));
    let (events, config) = (events.to_str().unwrap(), config.to_str().unwrap());
    let replayed = call(&["replay", events, "-c", config, "--json"]).json();
    assert_same(&replayed["a"], &call(&["run", "--events", events, "-c", config, "--json"]).json());
}

#[test]
fn the_guide_shows_what_a_replay_tells() {
    let mut command = command(&["replay", "examples/airline/events.jsonl", "-c", "examples/airline/tidings.yaml"]);
    let told: Call = command.current_dir(repository()).output().unwrap().into();
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    tidings_testkit::guide::check("replay.md", "text", &told.out);
    let Some(events) = tidings_testkit::data("airline-events.jsonl") else { return };
    let mut command = command_of_bare(&events.display().to_string());
    let told: Call = command.current_dir(repository()).output().unwrap().into();
    let shown = told.out.lines().skip_while(|line| !line.starts_with("in all")).collect::<Vec<_>>().join("\n");
    let (shown, _) = shown.split_once("\n\nmessages by rule").unwrap();
    let last = told.out.lines().last().unwrap();
    tidings_testkit::guide::check("replay.md", "bare", &format!("{shown}\n\n{last}"));
}

fn command_of_bare(events: &str) -> std::process::Command {
    command(&["replay", events, "-c", "examples/airline/tidings.yaml", "--bare"])
}

const ERROR: &str = r#"{"event_type": "tool.error", "timestamp": 1767603600, "agent_id": "a", "data": {"n": 1}}"#;

fn rule(cooldown: u32) -> String {
    json!({
        "triggers": [{"name": "errors", "condition": "event_type == 'tool.error'", "channels": ["team"],
            "cooldown_seconds": cooldown, "dedup_key": "{{ data.n }}"}],
        "channels": {"team": {"type": "slack", "url": "${NO_SUCH_SLACK_URL}"}},
        "users": {"ann": {}},
    })
    .to_string()
}

#[test]
fn two_configurations_are_compared() {
    let second = ERROR.replace("1767603600", "1767607201").replace("\"n\": 1", "\"n\": 2");
    let events = format!("{ERROR}\n{second}\n");
    let folder = Folder::new(&[("e.jsonl", &events), ("a.yaml", &rule(7_200)), ("b.yaml", &rule(0))]);
    let (a, b) = (folder.path("a.yaml"), folder.path("b.yaml"));
    let arguments = ["replay", &folder.path("e.jsonl"), "-c", &a, "--against", &b];
    let told = call(&[&arguments[..], &["--json"]].concat());
    assert_eq!((told.code, told.err.as_str()), (0, ""), "no variable is needed");
    let told = told.json();
    let difference = &told["difference"];
    assert_eq!(
        (&difference["total"]["messages"], &difference["total"]["suppressed"]["cooldown"]),
        (&json!(1), &json!(-1))
    );
    assert_eq!(difference["channels"], json!({"team": 1}));
    assert_eq!(difference["hours"]["2026-01-05T10:00:00Z"]["messages"], 1, "{difference}");
    assert_eq!(told["only_a"]["count"], 0);
    let only = &told["only_b"]["first"][0];
    assert_eq!(
        (&told["only_b"]["count"], &only["user"], &only["at"]),
        (&json!(1), &json!("ann"), &json!("2026-01-05T10:00:01Z"))
    );
    let text = call(&arguments).out;
    assert!(text.lines().any(|line| line.split_whitespace().eq(["messages", "sent", "1", "2", "+1"])), "{text}");
    assert!(text.contains("only B tells 1\n  2026-01-05T10:00:01Z  ann"), "{text}");
    let listed = call(&[&arguments[..], &["--list"]].concat()).out;
    let listed: Vec<_> = listed.lines().take(3).map(|line| line.get(..22).unwrap_or_default()).collect();
    assert_eq!(listed, ["A 2026-01-05T09:00:00Z", "B 2026-01-05T09:00:00Z", "B 2026-01-05T10:00:01Z"]);
}

/// Held against itself with everything off: what its cooldown kept, and which part it sends.
#[test]
fn a_configuration_is_held_against_its_rules_alone() {
    let events = format!("{ERROR}\n{}\n", ERROR.replace("1767603600", "1767603700").replace("\"n\": 1", "\"n\": 2"));
    let critical = rule(7_200).replacen("\"cooldown_seconds\"", "\"priority\": \"critical\", \"cooldown_seconds\"", 1);
    let folder = Folder::new(&[("e.jsonl", &events), ("c.yaml", &critical)]);
    let config = folder.path("c.yaml");
    let arguments = ["replay", &folder.path("e.jsonl"), "-c", &config, "--bare"];
    let told = call(&[&arguments[..], &["--json"]].concat()).json();
    let messages = |side: &str| told[side]["total"]["messages"].as_u64();
    assert_eq!((messages("a"), messages("b"), &told["share"]), (Some(1), Some(2), &json!(0.5)));
    let lost = |side: &str| number(&told[side]["critical_told"], &["in_cooldown"]);
    assert_eq!((lost("a"), lost("b")), (1, 0));
    assert!(told["b"]["config"].as_str().unwrap().ends_with(", everything off"), "{told}");
    let text = call(&arguments).out;
    assert!(text.ends_with("1 of the 2 messages that the rules alone would send: 50.0 %\n"), "{text}");
    let rested = |line: &str| line.split_whitespace().eq(["firings", "in", "a", "cooldown", "1", "0", "-1"]);
    assert!(text.lines().any(rested), "{text}");
    let both = [&arguments[..], &["--against", &config]].concat();
    assert_eq!(call(&both).code, 2, "it is one or the other");
    let nothing = piped(&["--bare", "--json"], "");
    assert_eq!((nothing.code, &nothing.json()["share"]), (0, &Value::Null));
}

#[test]
fn what_waits_goes_when_time_is_let_pass() {
    let config = json!({
        "triggers": [{"name": "errors", "condition": "event_type == 'tool.error'", "channels": ["log"]}],
        "users": {"ann": {}},
        "preferences": {"default": {"quiet_hours": {"from": "08:00", "to": "10:00"}}},
    });
    let folder = Folder::new(&[("e.jsonl", ERROR), ("c.yaml", &config.to_string())]);
    let replay = |until: &str| {
        let told = call(&["replay", &folder.path("e.jsonl"), "-c", &folder.path("c.yaml"), "--until", until, "--json"]);
        let total = told.json()["a"]["total"].clone();
        assert_closes(&total);
        (number(&total, &["waiting"]), number(&total, &["later"]))
    };
    assert_eq!([replay("59m"), replay("1h")], [(1, 0), (0, 1)]);
}

fn piped(arguments: &[&str], input: &str) -> Call {
    call_with_input(&[&["replay", "-"], arguments].concat(), input.as_bytes())
}

#[test]
fn lines_that_are_no_events_are_told_and_counted() {
    let input = format!("{ERROR}\nnot json\n{ERROR}\n");
    let told = piped(&["--json"], &input);
    let events = &told.json()["a"]["events"];
    assert_eq!(
        (told.code, events),
        (0, &json!({"read": 3, "replayed": 2, "duplicate": 0, "refused": 1})),
        "{}",
        told.err
    );
    assert!(told.err.contains("line 2: not JSON at column 2"), "{}", told.err);
    let strict = piped(&["--json", "--strict"], &input);
    assert_eq!((strict.code, &strict.json()["a"]["events"]["replayed"]), (2, &json!(1)));
    let nothing = piped(&["--json"], "");
    assert_eq!((nothing.code, &nothing.json()["a"]["from"]), (0, &Value::Null));
    assert_eq!(piped(&[], "").code, 0);
}

#[test]
fn a_call_that_is_wrong_says_so() {
    let folder = Folder::new(&[("bad.yaml", "triggers: [{name: a}]"), ("e.jsonl", ERROR)]);
    let (bad, events) = (folder.path("bad.yaml"), folder.path("e.jsonl"));
    let check = |arguments: &[&str]| assert_eq!(call(arguments).code, 2, "{arguments:?}");
    check(&["replay", &events, "-c", &bad]);
    check(&["replay", &events, "--against", &bad]);
    check(&["replay", &folder.path("none.jsonl")]);
    check(&["replay", &events, "--until", "soon"]);
    check(&["replay"]);
}

#[test]
fn a_variable_that_a_rule_needs_is_told() {
    let config = rule(0).replace("7200", "").replace("event_type == 'tool.error'", "load > ${NO_SUCH_LIMIT}");
    let folder = Folder::new(&[("c.yaml", &config), ("e.jsonl", ERROR)]);
    let told = command(&["replay", &folder.path("e.jsonl"), "-c", &folder.path("c.yaml")]).output().unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("triggers[0].condition") && told.contains("not set"), "{told}");
}
