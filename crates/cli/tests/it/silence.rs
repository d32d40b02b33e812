//! `silence`: nobody is told what somebody knows already, until it is over.

use serde_json::{Value, json};

use crate::{Call, Folder, call};

/// Three events of a fleet, a minute after one another.
const EVENTS: &str = r#"
{"event_type": "custom.load", "agent_id": "a", "timestamp": 1700000000, "id": "first", "data": {"load": 9}}
{"event_type": "custom.load", "agent_id": "b", "timestamp": 1700000060, "id": "other", "data": {"load": 9}}
{"event_type": "custom.load", "agent_id": "a", "timestamp": 1700000600, "id": "late", "data": {"load": 9}}
"#;

/// A folder with events, and a configuration that names a store.
struct Place(Folder);

impl Place {
    fn new() -> Self {
        let folder = Folder::new(&[("events.jsonl", EVENTS.trim_start())]);
        let config = format!(
            "store: {{path: '{}'}}\nusers: {{ann: {{}}}}\ntriggers:\n  - {{name: hot, condition: load > 5, channels: [log]}}\n",
            folder.path("tidings.db")
        );
        std::fs::write(folder.path("c.yaml"), config).unwrap();
        Self(folder)
    }

    fn call(&self, arguments: &[&str]) -> Call {
        call(&[arguments, &["-c", &self.0.path("c.yaml")]].concat())
    }

    /// Silences, and gives the id.
    fn add(&self, arguments: &[&str]) -> String {
        let told = self.call(&[&["silence", "add", "--reason", "known"], arguments].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        told.out.trim_end().to_owned()
    }

    fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let told = self.call(&[&["silence", "list", "--json"], arguments].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        told.json()["silences"].as_array().unwrap().clone()
    }

    fn run(&self) -> Value {
        let told = self.call(&["run", "--events", &self.0.path("events.jsonl"), "--json"]);
        assert_eq!(told.code, 0, "{}", told.err);
        told.json()
    }
}

#[test]
fn what_a_silence_covers_is_told_to_nobody_and_explained() {
    let place = Place::new();
    let span = ["--from", "2023-11-14T22:00:00Z", "--until", "2023-11-14T22:20:00Z", "--author", "ops"];
    let id = place.add(&[&["--agent", "a*"], &span[..]].concat());
    let account = place.run();
    assert_eq!(account["notifications"]["silenced"], 1, "{account}");
    assert_eq!(account["notifications"]["planned"], 2, "{account}");
    let told = place.call(&["log", "--step", "silenced", "--json"]).json();
    let detail = &told["entries"][0]["detail"];
    assert_eq!(
        (&detail["silence"], &detail["author"], &detail["reason"]),
        (&json!(id), &json!("ops"), &json!("known"))
    );
    let explained = place.call(&["explain", "first"]);
    assert!(explained.code == 0 && explained.out.contains("silenced by ops until"), "{}", explained.out);
    let words = place.call(&["prefs", "test", "ann", "--rule", "hot", "--agent", "a1", "--at", "2023-11-14T22:10:00Z"]);
    assert!(
        words.out.contains(&format!("until 2023-11-14 22:20:00 UTC by ops: known (silence {id})")),
        "{}",
        words.out
    );
}

#[test]
fn a_silence_that_was_ended_covers_nothing_more() {
    let place = Place::new();
    let id = place.add(&["--rule", "hot", "--for", "2h", "--author", "ops"]);
    let shown = |all: &[&str]| place.list(all).iter().map(|one| one["state"].clone()).collect::<Vec<_>>();
    assert_eq!(shown(&[]), ["active"]);
    let denied = |place: &Place| place.call(&["prefs", "test", "ann", "--rule", "hot"]).out.contains("deny");
    assert!(denied(&place));
    let ended = place.call(&["silence", "end", &id]);
    assert_eq!((ended.code, ended.out), (0, format!("{id} is over\n")), "{}", ended.err);
    assert!(!denied(&place));
    assert_eq!((shown(&[]).len(), shown(&["--all"])), (0, vec![json!("over")]));
    let again = place.call(&["silence", "end", &id]);
    assert!(again.code == 0 && again.out.contains("was over already"), "{}", again.out);
    let empty = place.call(&["silence", "list"]);
    assert!(empty.code == 0 && empty.err.contains("`--all` tells those that are over"), "{}", empty.err);
    assert_eq!(place.run()["notifications"]["planned"], 3);
}

#[test]
fn the_one_that_ends_first_is_told_first() {
    let place = Place::new();
    let long = place.add(&["--user", "ann", "--for", "2h"]);
    let short = place.add(&["--type", "custom.*", "--for", "1h", "--author", "o\u{1f600}"]);
    let later = place.add(&["--agent", "a", "--from", "2100-01-01", "--until", "2100-02-01"]);
    let ids: Vec<_> = place.list(&[]).iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, [short.clone(), long, later.clone()]);
    let told = place.call(&["silence", "list"]);
    for part in ["id        state", "type custom.*", "from 2100-01-01 00:00:00 UTC", "2100-02-01 00:00:00 UTC", "known"]
    {
        assert!(told.out.contains(part), "{part} in\n{}", told.out);
    }
    let one = &place.list(&[])[0];
    assert_eq!((&one["active"], &one["matcher"]), (&json!(true), &json!({"event_type": "custom.*"})));
}

#[test]
fn what_cannot_be_silenced_is_refused() {
    let place = Place::new();
    let check = |arguments: &[&str], code: i32, part: &str| {
        let told = place.call(&[&["silence"], arguments].concat());
        assert_eq!(told.code, code, "{arguments:?}: {}", told.err);
        assert!(told.err.contains(part) && !told.err.contains('\u{1b}'), "{part} in {}", told.err);
    };
    check(&["add", "--for", "2h", "--reason", "x"], 2, "--agent <GLOB>");
    check(&["add", "--user", "ann", "--reason", "x"], 2, "--for <SPAN>|--until <TIME>");
    check(&["add", "--user", "ann", "--for", "2h"], 2, "--reason <TEXT>");
    check(&["add", "--user", "ann", "--for", "soon", "--reason", "x"], 2, "expected a span such as 90s");
    check(&["add", "--user", "ann", "--for", "0s", "--reason", "x"], 2, "it ends before it begins");
    check(&["add", "--user", "ann", "--until", "2020-01-01", "--reason", "x"], 2, "it ends before it begins");
    check(&["add", "--user", "ann", "--for", "2h", "--until", "2100-01-01", "--reason", "x"], 2, "cannot be used with");
    check(&["add", "--user", "ann", "--for", "400d", "--reason", "x"], 2, "longer than a year");
    check(&["add", "--user", "ann", "--for", "2h", "--reason", " "], 2, "the reason is empty");
    check(&["add", "--user", "", "--for", "2h", "--reason", "x"], 2, "the user is empty");
    check(&["add", "--type", "a..b", "--for", "2h", "--reason", "x"], 2, "the event type");
    check(&["add", "--user", "a\u{1b}", "--for", "2h", "--reason", "x"], 2, "one line of text");
    place.add(&["--user", "ann", "--for", "1h"]);
    check(&["end", "no\u{1b}ne"], 1, "there is no silence `no ne`; there are");
    assert_eq!(place.list(&["--all"]).len(), 1);
    let told = place.call(&["silence", "end", "none", "--json"]);
    assert!(told.code == 1 && told.json()["error"].is_string());
}

#[test]
fn a_name_that_nobody_knows_is_warned_of() {
    let place = Place::new();
    let check = |arguments: &[&str], expected: &str| {
        let told = place.call(&[&["silence", "add", "--for", "1h", "--reason", "x"], arguments].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        let warning = told.err.lines().find(|line| line.starts_with("warning")).unwrap_or_default();
        assert_eq!(warning, expected, "{arguments:?}");
    };
    let stands = "and the silence stands all the same";
    check(&["--rule", "hot", "--user", "ann"], "");
    check(&["--agent", "nobody", "--type", "custom.*"], "");
    check(&["--rule", "hit"], &format!("warning: there is no rule `hit`, {stands}: did you mean `hot`?"));
    check(&["--user", "zed"], &format!("warning: there is no user `zed`, {stands}: known are ann"));
    assert_eq!(place.call(&["prefs", "set", "zed", "--new"]).code, 0);
    check(&["--user", "zed"], "");
}

#[test]
fn a_silence_says_when_it_holds() {
    let place = Place::new();
    let check = |span: &[&str], expected: &str| {
        let told = place.call(&[&["silence", "add", "--user", "ann", "--reason", "x"], span].concat());
        assert!(told.code == 0 && told.err.contains(expected), "{expected} in {}", told.err);
    };
    check(
        &["--until", "2100-02-01", "--from", "2100-01-01"],
        "from 2100-01-01 00:00:00 until 2100-02-01 00:00:00 UTC\n",
    );
    check(&["--from", "2020-01-01", "--until", "2020-01-02"], "which is over: only a run over past events goes by it");
    check(&["--from", "2021-01-01", "--until", "2021-01-02"], "which is over: only a run over past events goes by it");
    assert_eq!(place.list(&["--all"]).len(), 3, "what was begun for a run over past events stays for it");
}

#[test]
fn a_silence_needs_a_store() {
    let folder = Folder::new(&[(
        "c.yaml",
        "users: {ann: {}}\ntriggers:\n  - {name: hot, condition: load > 5, channels: [log]}\n",
    )]);
    let told = call(&["silence", "add", "--user", "ann", "--for", "1h", "--reason", "x", "-c", &folder.path("c.yaml")]);
    assert!(told.code == 2 && told.err.contains("add `store: {path: tidings.db}` to it"), "{}", told.err);
    let told = call(&["silence", "list", "--store", &folder.path("none.db")]);
    assert!(told.code == 2 && told.err.contains("there is no store at"), "{}", told.err);
    let add = ["silence", "add", "--user", "a", "--for", "1h", "--reason", "x", "--store", &folder.path("none.db")];
    assert_eq!(call(&add).code, 2, "a name that is mistyped makes no store");
}
