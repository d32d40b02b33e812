//! What is told later, as it is told about: the account, the log, why, and what `send` answers.

use serde_json::json;
use tidings::{
    NotificationId, Timestamp,
    store::{
        NewEntry, Step, Store, UserBatch,
        sqlite::{Options, SqliteStore},
    },
};

use crate::{Call, Folder, call};

/// Three events in a night of March; the last one is above everything.
const EVENTS: &str = r#"
{"event_type": "tool.slow", "agent_id": "a", "timestamp": 1773183600, "id": "first", "data": {"ms": 600}}
{"event_type": "tool.slow", "agent_id": "a", "timestamp": 1773183630, "id": "second", "data": {"ms": 700}}
{"event_type": "tool.slow", "agent_id": "a", "timestamp": 1773183660, "id": "third", "data": {"ms": 9000}}
"#;

const CONFIG: &str = r#"
users: {ann: {}, bob: {}}
preferences:
  users:
    ann: {quiet_hours: {from: "22:00", to: "07:00"}}
    bob: {digest: {every: daily, at: "08:00", max_priority: medium, channel: log}}
triggers:
  - {name: slow, condition: ms > 500, channels: [log], cooldown_seconds: 0, dedup_key: "{{ data.ms }}"}
  - {name: down, condition: ms > 5000, channels: [log], priority: critical}
"#;

/// Ann wants nothing until the next century.
const SNOOZED: &str = r#"
users: {ann: {}}
preferences: {users: {ann: {snooze_until: "2100-01-01T00:00:00Z"}}}
triggers: [{name: slow, condition: ms > 500, channels: [log]}]
"#;

/// A folder with a configuration that names a store in it, and one that names none.
fn folder(config: &str) -> Folder {
    let folder = Folder::new(&[("events.jsonl", EVENTS.trim_start()), ("memory.yaml", config)]);
    let stored = format!("store: {{path: '{}'}}\n{config}", folder.path("tidings.db"));
    std::fs::write(folder.path("c.yaml"), stored).unwrap();
    folder
}

fn ran(folder: &Folder, more: &[&str]) -> Call {
    let (events, config) = (folder.path("events.jsonl"), folder.path("c.yaml"));
    let ran = call(&[&["run", "--events", &events, "-c", &config], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

#[test]
fn the_account_says_what_is_told_later_and_where_it_waits() {
    let night = folder(CONFIG);
    let ran_once = ran(&night, &[]);
    let row = "told later                               3 held for quiet hours or a snooze, 3 in digests\n";
    assert!(ran_once.out.contains(row), "{}", ran_once.out);
    let waits = "  told later: 3 held, 3 for digests, due from 2026-03-11 07:00:00 UTC on\n";
    let head = "waiting in the store; the next start goes on with it:\n";
    assert!(ran_once.err.contains(&format!("{head}{waits}")), "{}", ran_once.err);
    let json = ran(&folder(CONFIG), &["--json"]).json();
    assert_eq!((&json["deliveries"]["held"], &json["deliveries"]["digested"]), (&json!(3), &json!(3)), "{json}");
}

#[test]
fn nothing_is_said_of_later_where_nothing_waits() {
    let ran = ran(&folder("users: {ann: {}}\ntriggers: [{name: slow, condition: ms > 500, channels: [log]}]\n"), &[]);
    assert!(!ran.out.contains("later") && !ran.err.contains("later"), "{}{}", ran.out, ran.err);
}

#[test]
fn why_and_the_log_tell_until_when() {
    let folder = folder(CONFIG);
    ran(&folder, &[]);
    let config = folder.path("c.yaml");
    let check = |words: &[&str], parts: &[&str]| {
        let told = call(&[words, &["-c", &config]].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        for part in parts {
            assert!(told.out.contains(part), "{part} in\n{}", told.out);
        }
        told.out
    };
    let held = "held until 2026-03-11 07:00:00: quiet hours, by the user's preferences";
    let kept = "kept for the digest on log at 2026-03-11 08:00:00, by the user's preferences";
    check(&["explain", "first"], &[held, "waiting, due at 2026-03-11 07:00:00", kept]);
    let held =
        check(&["log", "--step", "held"], &["held        rule slow", "until 2026-03-11 07:00:00: quiet_hours by user"]);
    assert_eq!(held.lines().count(), 3, "{held}");
    check(&["log", "--step", "digested"], &["user bob  on log at 2026-03-11 08:00:00: digest by user"]);
    check(&["log", "--step", "delivered"], &["rule down  agent a  user ann", "user bob"]);
    let json = call(&["explain", "first", "-c", &config, "--json"]).json();
    let told = &json["notifications"][0];
    assert_eq!((&told["decision"], &told["later"][0]["step"]), (&json!("held"), &json!("held")), "{told}");
    assert_eq!(told["waits"]["until"], json!(1_773_212_400.0), "{told}");
}

#[test]
fn send_answers_until_when_and_why() {
    let folder = folder(SNOOZED);
    let until = "held until 2100-01-01 00:00:00 UTC: snoozed, by the user's preferences";
    let send = |config: &str, more: &[&str]| {
        let sent = call(&[&["send", "hello", "-c", &folder.path(config)], more].concat());
        assert_eq!(sent.code, 0, "{}", sent.err);
        sent
    };
    let sent = send("memory.yaml", &[]);
    assert!(sent.out.contains(&format!("ann: {until}; see ")), "{}", sent.out);
    let gone = "gone with this process, since no `store` is configured: 1 held, due from 2100-01-01 00:00:00 UTC on";
    assert!(sent.err.contains(gone), "{}", sent.err);
    let sent = send("c.yaml", &["--json"]).json();
    let answer = &sent["told"][0];
    assert_eq!((&answer["user"], &answer["answer"]), (&json!("ann"), &json!("later")), "{sent}");
    assert_eq!((&answer["waits"]["why"], &answer["waits"]["layer"]), (&json!("snooze"), &json!("user")), "{sent}");
    let explained = call(&["explain", answer["id"].as_str().unwrap(), "-c", &folder.path("c.yaml")]).out;
    assert!(explained.contains("held until 2100-01-01 00:00:00: snoozed"), "{explained}");
}

/// A store with one entry about a notification to a user.
async fn logged(folder: &Folder, step: Step, detail: serde_json::Value) -> String {
    let path = folder.path("tidings.db");
    let store = SqliteStore::open(path.as_ref(), &Options::default(), Timestamp::EPOCH).unwrap().0;
    let entry = NewEntry {
        notification: Some(NotificationId::from_bytes([7; 16])),
        rule: Some("r\u{1b}[2J".into()),
        user: Some("ann\nbob".to_owned()),
        detail: detail.as_object().cloned().unwrap_or_default(),
        ..NewEntry::new(step)
    };
    store.plan_user(&UserBatch { plans: Vec::new(), trace: vec![entry] }, Timestamp::EPOCH).await.unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_has_its_words_and_none_moves_the_cursor() {
    let into = "07".repeat(16);
    for (step, detail, log, why) in [
        (
            Step::Silenced,
            json!({"silence": "s1", "author": "eve\u{1b}[2J", "reason": "de\nploy", "until": 60}),
            "by eve [2J until 1970-01-01 00:01:00: de ploy",
            "not sent: silenced by eve [2J until 00:01:00: \"de ploy\" (silence s1)",
        ),
        (
            Step::Held,
            json!({"until": 60, "why": "a\u{7}b", "layer": "x\ty"}),
            "until 1970-01-01 00:01:00: a b by x y",
            "held until 00:01:00: a b, by x y",
        ),
        (
            Step::Digested,
            json!({"until": 60, "why": "storm"}),
            "at 1970-01-01 00:01:00: storm",
            "ann bob at once: told in a summary at 00:01:00",
        ),
        (Step::Digested, json!({"channel": 7, "until": "never"}), "user ann bob  notification", "kept for the digest"),
        (Step::Gathered, json!({"into": into, "title": "t"}), &format!("into {into}"), "put into the digest 0707"),
        (
            Step::Resumed,
            json!({"title": "due", "muted": []}),
            "user ann bob  due  notification",
            "its time had come: sent",
        ),
        (
            Step::Dropped,
            json!({"title": "over"}),
            "user ann bob  over  notification",
            "left out: what it told of was over",
        ),
        (
            Step::Resumed,
            json!({"muted": [{"channel": "p\u{1b}", "reason": "topic_off", "layer": "operator"}]}),
            "not on p : topic_off by operator",
            "not on p : its topic is off, by the operator's preferences",
        ),
    ] {
        let folder = Folder::new(&[]);
        let path = logged(&folder, step, detail).await;
        let id = NotificationId::from_bytes([7; 16]).to_string();
        for (words, expected) in [(vec!["log", "--step", step.as_str()], log), (vec!["explain", &id], why)] {
            let told = call(&[&words[..], &["--store", &path]].concat());
            assert_eq!(told.code, 0, "{step:?}: {}", told.err);
            assert!(told.out.contains(expected), "{step:?}: {expected} in\n{}", told.out);
            assert!(told.out.chars().all(|c| c == '\n' || !c.is_control()), "{step:?}: {:?}", told.out);
        }
    }
}

#[test]
fn what_nobody_wants_any_more_is_told_apart_from_what_waits() {
    let folder = folder(CONFIG);
    ran(&folder, &[]);
    let config = folder.path("c.yaml");
    let done = |words: &[&str]| {
        let told = call(&[words, &["-c", &config]].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        told.out
    };
    done(&["prefs", "set", "ann", "--data", r#"{"default": {"log": false}}"#]);
    let matcher = ["silence", "add", "--user", "bob", "--reason", "deploy", "--author", "eve"];
    done(&[&matcher[..], &["--from", "2026-03-11T00:00:00Z", "--until", "2026-04-11T00:00:00Z"]].concat());
    let next = r#"{"event_type": "x", "timestamp": 1773300000, "id": "next"}"#;
    std::fs::write(folder.path("events.jsonl"), next).unwrap();
    let row = "told later                               6 withdrawn, since nobody wants them any more\n";
    let ran = ran(&folder, &[]);
    assert!(ran.out.contains(row) && !ran.err.contains("told later"), "{}{}", ran.out, ran.err);
    let log = done(&["log", "--step", "denied"]);
    let silenced = "user bob  silenced by eve until 2026-04-11 00:00:00: deploy  notification";
    assert!(log.contains("user ann  not on log: channel_off by user") && log.contains(silenced), "{log}");
    let told = done(&["explain", "first"]);
    assert!(told.contains("not sent after all: silenced by eve until 2026-04-11 00:00:00: \"deploy\""), "{told}");
}
