//! `run`, `emit` and `send`: what was read, what was told, and how it ended.

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tidings_testkit::{HttpPeer, Script, data};

use crate::{Folder, call, call_with_input, command, repository};

const ERROR: &str = r#"{"event_type": "tool.error", "timestamp": 1700000000, "agent_id": "a", "data": {"n": 1}}"#;

fn hook(url: &str) -> String {
    json!({"events": {"sinks": [{
        "type": "webhook", "name": "hook", "url": url, "allow_private_networks": true,
        "secret": "a secret for this test", "max_retries": 1, "retry_delay": 0.01,
    }], "shutdown_timeout": 5}})
    .to_string()
}

/// Left and right side of every account in the JSON.
fn assert_closes(account: &Value) {
    let sum = |level: &Value, keys: &[&str]| keys.iter().map(|key| level[key].as_u64().unwrap()).sum::<u64>();
    let check =
        |level: &Value, left: &str, right: &[&str]| assert_eq!(sum(level, &[left]), sum(level, right), "{level}");
    check(&account["events"], "offered", &["shed", "refused", "duplicate", "planned", "waiting"]);
    for sink in account["sinks"].as_object().unwrap().values() {
        check(sink, "matched", &["delivered", "dead", "shed", "waiting"]);
    }
    for rule in account["rules"].as_object().unwrap().values() {
        let right = ["no", "missing", "error", "pending", "firing", "cooldown", "resolved", "fired"];
        check(rule, "evaluated", &right);
    }
    check(&account["notifications"], "made", &["duplicate", "silenced", "denied", "planned"]);
    check(&account["deliveries"], "made", &["delivered", "dead", "expired", "held", "digested", "waiting"]);
}

#[test]
fn without_a_configuration_warnings_and_worse_are_told() {
    let input = format!("{ERROR}\n{{\"event_type\": \"invocation.start\"}}\n");
    let ran = call_with_input(&["run", "--events", "-", "--json"], input.as_bytes());
    let account = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_closes(&account);
    assert_eq!((&account["events"]["offered"], &account["deliveries"]["delivered"]), (&json!(2), &json!(1)));
    assert!(ran.err.contains("error: tool.error from a"), "{}", ran.err);
    let keys: Vec<_> = account.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["events", "sinks", "rules", "notifications", "deliveries"]);
}

#[test]
fn a_malformed_line_is_told_and_the_rest_goes_on() {
    let input = format!("{ERROR}\nnot json\n\n[1]\n{{\"event_type\": \"a\", \"severity\": \"fatal\"}}\n{ERROR}\n");
    let ran = call_with_input(&["run", "--events", "-", "--json"], input.as_bytes());
    let account = ran.json();
    assert_closes(&account);
    assert_eq!((ran.code, &account["events"]["refused"], &account["events"]["planned"]), (0, &json!(3), &json!(2)));
    for text in [
        "line 2: not JSON at column 2",
        "line 4: an event is a JSON object, this is an array",
        "line 5: unknown severity `fatal`; known are info, warning, error, critical",
    ] {
        assert!(ran.err.contains(text), "{text} in {}", ran.err);
    }
    let strict = call_with_input(&["run", "--events", "-", "--json", "--strict"], input.as_bytes());
    let account = strict.json();
    assert_closes(&account);
    assert_eq!((strict.code, &account["events"]["planned"]), (2, &json!(1)));
}

#[test]
fn an_incident_is_told_and_its_end_too() {
    let line = |second: u32, load: u32| {
        let event = json!({"event_type": "sample", "timestamp": 1_700_000_000 + second, "agent_id": "a", "data": {"load": load}});
        format!("{event}\n")
    };
    let events: String =
        [(0, 9), (60, 8), (121, 8), (130, 1), (131, 1)].map(|(second, load)| line(second, load)).concat();
    let condition = "load > 5 for 2m resolve when load < 2";
    let config = json!({
        "triggers": [{"name": "hot", "condition": condition, "channels": ["log"], "priority": "critical"}],
        "users": {"ann": null},
    });
    let folder = Folder::new(&[("events.jsonl", &events), ("tidings.yaml", &config.to_string())]);
    let arguments = ["run", "--events", &folder.path("events.jsonl"), "-c", &folder.path("tidings.yaml")];
    let ran = call(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: Vec<_> = ran.err.lines().filter(|line| line.contains("hot")).collect();
    assert_eq!(told.len(), 2, "{}", ran.err);
    assert!(told[0].contains("ERROR") && !told[0].contains("resolved"), "{}", told[0]);
    let end = told[1];
    assert!(end.contains("INFO") && end.contains("Resolved: hot") && end.contains("kind=\"resolved\""), "{end}");
    assert!(ran.out.contains("1 resolved"), "{}", ran.out);
    assert!(ran.out.contains("2 made, 2 sent on"), "{}", ran.out);
    let account = call(&[&arguments[..], &["--json"]].concat()).json();
    assert_closes(&account);
    assert_eq!(account["rules"]["hot"]["resolved"], json!(1));
}

#[test]
fn the_same_file_is_read_with_its_own_times() {
    let line =
        |seconds: u32| format!("{{\"event_type\": \"tool.error\", \"timestamp\": {seconds}, \"agent_id\": \"a\"}}\n");
    let events: String = [0, 299, 300, 10].into_iter().map(line).collect();
    let config =
        "triggers: [{name: r, condition: 'true', channels: [log], user_ids: [me], dedup_key: '{{ timestamp }}'}]";
    let folder = Folder::new(&[("events.jsonl", &events), ("tidings.yaml", config)]);
    let ran = call(&["run", "--json", "--events", &folder.path("events.jsonl"), "-c", &folder.path("tidings.yaml")]);
    let rule = &ran.json()["rules"]["r"];
    assert_eq!((&rule["fired"], &rule["cooldown"]), (&json!(2), &json!(2)), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_is_named_and_the_exit_says_so() {
    let gone = {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        peer.url("/gone?token=secret-in-the-query")
    };
    let folder = Folder::new(&[("c.yaml", &hook(&gone)), ("events.jsonl", ERROR)]);
    let ran = call(&["run", "--json", "--events", &folder.path("events.jsonl"), "-c", &folder.path("c.yaml")]);
    let account = ran.json();
    assert_closes(&account);
    assert_eq!((ran.code, &account["sinks"]["hook"]["dead"]), (1, &json!(1)), "{}", ran.err);
    assert!(ran.err.contains("not delivered:") && ran.err.contains("hook: tool.error"), "{}", ran.err);
    assert!(!ran.err.contains("secret-in-the-query"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_were_refused_some_are_named_and_all_are_counted() {
    let peer = HttpPeer::start(Script::statuses([404])).await.unwrap();
    let events: String =
        (0..150).map(|n| format!("{{\"event_type\": \"tool.error\", \"timestamp\": {n}}}\n")).collect();
    let folder = Folder::new(&[("c.yaml", &hook(&peer.url("/"))), ("events.jsonl", &events)]);
    let ran = call(&["run", "--json", "--events", &folder.path("events.jsonl"), "-c", &folder.path("c.yaml")]);
    assert_eq!((ran.code, &ran.json()["sinks"]["hook"]["dead"]), (1, &json!(150)));
    assert!(ran.err.contains("and 140 more"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_sends_nothing() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let wrong = hook(&peer.url("/")).replace("\"max_retries\"", "\"max_retry\"");
    let folder = Folder::new(&[("c.yaml", &wrong), ("events.jsonl", ERROR)]);
    let ran = call(&["run", "--events", &folder.path("events.jsonl"), "-c", &folder.path("c.yaml")]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("c.yaml:1:") && ran.err.contains("max_retries"), "{}", ran.err);
    assert!(ran.err.contains("nothing was sent"), "{}", ran.err);
    assert!(peer.requests().is_empty());
    let missing = call(&["run", "--events", &folder.path("events.jsonl"), "-c", &folder.path("none.yaml")]);
    assert_eq!(missing.code, 2);
}

#[test]
fn a_missing_secret_names_its_variable() {
    let config = "events: {sinks: [{type: webhook, url: 'https://example.com/', secret: '${NO_SUCH_SECRET}'}]}";
    let folder = Folder::new(&[("c.yaml", config), ("events.jsonl", ERROR)]);
    let ran = call(&["run", "--events", &folder.path("events.jsonl"), "-c", &folder.path("c.yaml")]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("NO_SUCH_SECRET"), "{}", ran.err);
}

#[test]
fn an_events_file_that_is_not_there_is_an_error() {
    for unreadable in ["/", "/proc/self/mem"] {
        let ran = call(&["run", "--events", unreadable]);
        assert!(ran.code == 2 && ran.err.contains("cannot be read"), "{unreadable}: {}", ran.err);
    }
    let ran = call(&["run", "--events", "/no/such/file.jsonl"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: /no/such/file.jsonl cannot be read: No such file or directory (os error 2)\n")
    );
    assert_eq!(call(&["run"]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_still_delivers_what_was_accepted() {
    for signal in ["-INT", "-TERM"] {
        stopped_by(signal).await;
    }
}

async fn stopped_by(signal: &str) {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let folder = Folder::new(&[("c.yaml", &hook(&peer.url("/")))]);
    let mut child = command(&["run", "--json", "--events", "-", "-c", &folder.path("c.yaml")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Standard input stays open: only the signal can end it.
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, format!("{ERROR}\n").as_bytes()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), peer.wait_for(1)).await.unwrap();
    let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let ended: crate::Call = tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap().unwrap().into();
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_closes(&ended.json());
    assert_eq!(ended.json()["sinks"]["hook"]["delivered"], 1);
    assert!(ended.err.contains("stopping"), "{}", ended.err);
}

#[test]
fn the_example_runs_as_it_stands() {
    let folder = repository().join("examples/airline");
    let (events, config) = (folder.join("events.jsonl"), folder.join("tidings.yaml"));
    let ran = call(&["run", "--json", "--events", &events.display().to_string(), "-c", &config.display().to_string()]);
    let account = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_closes(&account);
    for (name, rule) in account["rules"].as_object().unwrap() {
        assert!(rule["fired"].as_u64() > Some(0), "rule `{name}` shows itself: {rule}");
    }
    assert!(account["notifications"]["denied"].as_u64() > Some(0), "and so do preferences");
}

#[test]
fn the_example_runs_on_recorded_runs() {
    let Some(events) = data("airline-events.jsonl") else { return };
    let events = events.display().to_string();
    let config = repository().join("examples/airline/tidings.yaml").display().to_string();
    let ran = call(&["run", "--json", "--events", &events, "-c", &config]);
    let account = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_closes(&account);
    assert_eq!(account["events"]["planned"], 1_021);
}

#[test]
fn the_demo_needs_nothing() {
    let ran = call(&["run", "--demo", "--json"]);
    let account = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_closes(&account);
    for rule in account["rules"].as_object().unwrap().values() {
        assert!(rule["fired"].as_u64() > Some(0), "every rule of the demo shows itself: {account}");
    }
    assert!(account["notifications"]["denied"].as_u64() > Some(0), "and so do preferences");
}

#[test]
fn emit_and_send() {
    let emitted = call(&["emit", "tool.error", "--agent", "billing", "--data", r#"{"rate": 0.2}"#, "--json"]);
    assert_eq!((emitted.code, &emitted.json()["events"]["planned"]), (0, &json!(1)));
    assert!(emitted.err.contains("error: tool.error from billing"), "{}", emitted.err);
    let sent = call(&["send", "the title\nand a body", "--user", "ann"]);
    assert_eq!(sent.code, 0);
    assert!(sent.out.starts_with("ann: sent as ") && sent.err.contains("the title"), "{}{}", sent.out, sent.err);
    for wrong in [
        &["emit", "x", "--data", "[1]"][..],
        &["emit", "x", "--data", "{"],
        &["emit", ""],
        &["emit", "x", "--severity", "bad"],
    ] {
        assert_eq!(call(wrong).code, 2, "{wrong:?}");
    }
}
