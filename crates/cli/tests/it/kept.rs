//! The verbs that look at a store: why, the log, what goes and what comes back.

use serde_json::{Value, json};
use tidings::{
    DeliveryId, Event, EventId, Payload, Severity, Timestamp,
    store::{
        Claim, Finish, NewDelivery, Note, Offer, Outcome, RuleBatch, RulePlan, Store, Which,
        sqlite::{Options, SqliteStore},
    },
};

use crate::{Folder, call};

const EVENTS: &str = r#"
{"event_type": "custom.load", "agent_id": "a", "timestamp": 1700000000, "id": "high", "data": {"load": 9}}
{"event_type": "custom.load", "agent_id": "a", "timestamp": 1700000030, "id": "again", "source": "ci", "data": {"load": 8}}
{"event_type": "custom.load", "agent_id": "a", "timestamp": 1700000060, "id": "low", "data": {"load": 1}}
{"event_type": "custom.load", "agent_id": "b", "timestamp": 1700000060, "id": "other", "data": {"lod": 1}}
"#;

/// A folder in which a file of events was run on a store.
fn ran() -> Folder {
    let folder = Folder::new(&[("events.jsonl", EVENTS.trim_start())]);
    let config = format!(
        "store: {{path: '{}'}}\nusers: {{ann: {{}}}}\ntriggers:\n  - {{name: hot, condition: load > 5, channels: [log]}}\n",
        folder.path("tidings.db")
    );
    std::fs::write(folder.path("c.yaml"), config).unwrap();
    let ran = call(&["run", "--events", &folder.path("events.jsonl"), "-c", &folder.path("c.yaml"), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    folder
}

#[test]
fn explain_tells_why_and_why_not() {
    let folder = ran();
    let check = |id: &str, parts: &[&str]| {
        let told = call(&["explain", id, "-c", &folder.path("c.yaml")]);
        assert_eq!(told.code, 0, "{}", told.err);
        for part in parts {
            assert!(told.out.contains(part), "{part} in\n{}", told.out);
        }
        let json = call(&["explain", id, "--store", &folder.path("tidings.db"), "--json"]).json();
        assert_eq!(json["id"], id);
        json
    };
    let high = check("high", &["custom.load (info) of a", "hot: fired", "load > 5 (load = 9)", "to ann by rule hot"]);
    check("ci#again", &["hot: in cooldown since 2023-11-14 22:13:20 until 2023-11-14 22:18:20", "load > 5 (load = 8)"]);
    check("low", &["hot: did not hold", "load > 5 (load = 1)"]);
    check("other", &["hot: something is missing", "load = missing"]);
    assert_eq!(high["rules"][0]["verdict"], "fired");
    let notification = high["notifications"][0]["id"].as_str().unwrap();
    check(notification, &["notification", "hot: fired", "delivered", "complete: 1 of 1 channel has taken it"]);
}

#[test]
fn the_log_says_what_was_sent_again_and_why_a_message_went_nowhere() {
    let folder = ran();
    let config = folder.path("c.yaml");
    let call = |words: &[&str]| {
        let told = call(&[words, &["-c", &config]].concat());
        assert_eq!(told.code, 0, "{words:?}: {}", told.err);
        told.out
    };
    call(&["run", "--events", &folder.path("events.jsonl")]);
    assert!(call(&["explain", "high"]).contains("sent again once, at"));
    assert_eq!(call(&["log", "--step", "resent", "--agent", "a"]).matches("resent      agent a  event ").count(), 3);
    let first = call(&["send", "done", "--user", "ann", "--channel", "log"]);
    let id = first.split_once("ann: sent as ").unwrap().1.lines().next().unwrap();
    // What was said in a process before only the store knows.
    assert!(
        call(&["send", "done", "--user", "ann", "--channel", "log"]).contains(&format!("within the window, as {id}"))
    );
    assert!(call(&["log", "--step", "duplicate", "--user", "ann"]).contains(&format!("of {id}")));
    let off = std::fs::read_to_string(&config).unwrap() + "preferences: {users: {ann: {default: {log: false}}}}\n";
    std::fs::write(&config, off).unwrap();
    let denied = call(&["send", "something else", "--user", "ann", "--channel", "log"]);
    let id = denied.split_once("not wanted on any of the channels: see ").unwrap().1.lines().next().unwrap();
    assert!(call(&["log", "--step", "denied"]).contains("not on log: channel_off by user"));
    assert!(call(&["explain", id]).contains("not on log: the channel is off, by the user's preferences"));
}

#[test]
fn what_a_store_does_not_know_exits_1() {
    let folder = ran();
    let told = call(&["explain", "no\u{1b}where", "--store", &folder.path("tidings.db")]);
    assert_eq!((told.code, told.out.as_str()), (1, ""));
    assert!(told.err.contains("the store knows no event, notification or delivery `no where`"), "{}", told.err);
    let json = call(&["explain", "nowhere", "--json", "--store", &folder.path("tidings.db")]);
    assert!(json.code == 1 && json.json()["error"].is_string());
}

#[test]
fn without_a_store_it_is_told_what_to_add() {
    let folder = Folder::new(&[("c.yaml", "events: {sinks: [{type: log}]}\n"), ("wrong.yaml", "store: 7\n")]);
    let check = |arguments: &[&str], code: i32, part: &str| {
        let told = call(arguments);
        assert_eq!(told.code, code, "{arguments:?}: {}", told.err);
        assert!(told.err.contains(part), "{part} in {}", told.err);
    };
    let (plain, wrong, none) = (folder.path("c.yaml"), folder.path("wrong.yaml"), folder.path("none.db"));
    for verb in [&["explain", "x"][..], &["log"], &["purge", "--before", "30d"], &["channels", "enable", "x"]] {
        check(&[verb, &["-c", &plain]].concat(), 2, "add `store: {path: tidings.db}` to it");
        check(&[verb, &["-c", &wrong]].concat(), 2, "store");
        check(&[verb, &["--store", &none]].concat(), 2, "there is no store at");
        check(&[verb, &["--store", &plain]].concat(), 2, "c.yaml");
    }
    assert!(!std::path::Path::new(&none).exists(), "no verb that looks at a store makes one");
    assert!(std::path::Path::new(&plain).exists(), "no verb sets aside what is no store");
}

#[test]
fn the_log_is_told_newest_first_and_by_pages() {
    let folder = ran();
    let store = folder.path("tidings.db");
    let page = |more: &[&str]| {
        let log = call(&[&["log", "--json", "--store", &store], more].concat());
        assert_eq!(log.code, 0, "{}", log.err);
        log.json()
    };
    let numbers = |page: &Value| -> Vec<u64> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
    };
    let all = page(&[]);
    let whole = numbers(&all);
    assert_eq!(all["next"], Value::Null);
    assert!(whole.len() >= 4 && whole.is_sorted_by(|one, other| one > other), "{whole:?}");
    let (mut paged, mut next) = (Vec::new(), None);
    loop {
        let before: Vec<String> =
            next.iter().flat_map(|next: &u64| ["--before".to_owned(), next.to_string()]).collect();
        let words: Vec<_> = ["--limit", "2"].into_iter().chain(before.iter().map(String::as_str)).collect();
        let page = page(&words);
        paged.extend(numbers(&page));
        next = page["next"].as_u64();
        if next.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole);
    let steps = |page: &Value| -> Vec<String> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["step"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(steps(&page(&["--step", "fired", "--step", "planned"])), ["planned", "fired"]);
    assert_eq!(steps(&page(&["--step", "fired", "--rule", "hot", "--agent", "a"])), ["fired"]);
    assert!(steps(&page(&["--agent", "b"])).is_empty());
    assert_eq!(numbers(&page(&["--since", "1h"])), whole);
    assert!(numbers(&page(&["--until", "2020-01-01T00:00:00Z"])).is_empty());
}

#[test]
fn the_log_is_told_to_people_line_by_line() {
    let folder = ran();
    let log = call(&["log", "--store", &folder.path("tidings.db"), "--limit", "1", "--step", "fired"]);
    assert!(log.out.contains("fired       rule hot  agent a  load > 5 (load = 9)  event "), "{}", log.out);
    assert!(!log.out.contains('\u{1b}') && log.out.lines().count() == 1, "{}", log.out);
    let log = call(&["log", "--store", &folder.path("tidings.db"), "--limit", "1"]);
    assert!(log.err.contains("older entries: --before "), "{}", log.err);
}

#[test]
fn words_of_the_log_that_are_wrong_are_refused() {
    let check = |arguments: &[&str], part: &str| {
        let told = call(&[&["log", "--store", "x.db"], arguments].concat());
        assert_eq!(told.code, 2, "{}", told.err);
        assert!(told.err.contains(part), "{part} in {}", told.err);
    };
    check(&["--step", "fried"], "known are resent, fired");
    check(&["--event", "high"], "32 lower-case hex digits");
    check(&["--since", "yesterday"], "expected a time such as");
    check(&["--limit", "0"], "0");
    check(&["--limit", "1001"], "1001");
    check(&["-c", "c.yaml"], "cannot be used with");
}

#[test]
fn purge_forgets_what_is_old_and_says_how_much() {
    let folder = ran();
    let store = folder.path("tidings.db");
    let kept = call(&["purge", "--before", "1h", "--json", "--store", &store]).json();
    assert_eq!((&kept["events"], &kept["entries"]), (&json!(0), &json!(0)), "{kept}");
    let gone = call(&["purge", "--before", "2100-01-01", "--store", &store]);
    assert_eq!(gone.code, 0, "{}", gone.err);
    assert!(gone.out.starts_with("forgot 4 events, 1 notifications, "), "{}", gone.out);
    assert_eq!(call(&["log", "--json", "--store", &store]).json()["entries"], json!([]));
    assert_eq!(call(&["explain", "high", "--store", &store]).code, 1);
}

#[test]
fn one_who_writes_is_told_who_holds_the_store_and_one_who_reads_goes_on() {
    let folder = ran();
    let path = folder.path("tidings.db");
    let (holder, _) = SqliteStore::open(path.as_ref(), &Options::default(), Timestamp::from_secs(1)).unwrap();
    for verb in [&["purge", "--before", "1d"][..], &["channels", "enable", "x"]] {
        let refused = call(&[verb, &["--store", &path]].concat());
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.err.contains(&format!("in use by process {}", std::process::id())), "{}", refused.err);
    }
    assert_eq!(call(&["explain", "high", "--store", &path]).code, 0);
    assert_eq!(call(&["log", "--store", &path]).code, 0);
    holder.close();
}

#[test]
fn fsck_tells_what_is_there_and_repairs_what_is_damaged() {
    let folder = ran();
    let path = folder.path("tidings.db");
    let whole = call(&["fsck", "--store", &path]);
    assert_eq!(whole.code, 0, "{}", whole.out);
    assert!(whole.out.contains("it is whole"), "{}", whole.out);
    // The last pages go, as on a disk that was pulled.
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = call(&["fsck", "--json", "--store", &path]);
    assert_eq!((damaged.code, &damaged.json()["state"]), (1, &json!("damaged")), "{}", damaged.out);
    let repaired = call(&["fsck", "--repair", "--json", "--store", &path]);
    assert_eq!((repaired.code, &repaired.json()["state"]), (0, &json!("whole")), "{} {}", repaired.out, repaired.err);
    assert!(repaired.json()["repaired"].is_object());
    assert_eq!(call(&["fsck", "-c", &folder.path("c.yaml")]).code, 0);
    assert_eq!(call(&["log", "--store", &path]).code, 0);
}

#[test]
fn fsck_of_what_is_no_store_is_a_wrong_call() {
    let folder =
        Folder::new(&[("notes.txt", "not a store at all, but a text that is longer than a header would be\n")]);
    let check = |path: &str, repair: &[&str], part: &str| {
        let told = call(&[&["fsck", "--store", path], repair].concat());
        assert_ne!(told.code, 0, "{}", told.out);
        assert!(told.out.contains(part) || told.err.contains(part), "{part} in {}{}", told.out, told.err);
    };
    check(&folder.path("none.db"), &[], "there is no such file");
    check(&folder.path("none.db"), &["--repair"], "is not there: check the path");
    check(&folder.path(""), &[], "it is a folder");
    check(&folder.path(""), &["--repair"], "is a folder: name the store's file");
    assert!(!std::path::Path::new(&folder.path("none.db")).exists());
}

/// A store in which the receiver of the sink `hook` has said that it is gone.
async fn gone(path: &str) {
    let now = Timestamp::from_secs(1_700_000_000);
    let (store, _) = SqliteStore::open(path.as_ref(), &Options::default(), now).unwrap();
    let event = std::sync::Arc::new(Event::new("tool.error").at(now));
    let id = EventId::named("", "1");
    let offer = Offer { id, event: event.clone(), repeatable: true };
    store.accept(&[offer], now).await.unwrap();
    let delivery = NewDelivery {
        id: DeliveryId::of_event(id, "hook"),
        event: Some(id),
        endpoint: "hook".into(),
        lane: 0,
        severity: Severity::Error,
        payload: Payload::Event(event),
        leg: None,
        to: None,
        due: now,
        expires: now,
        yields: false,
    };
    let plan = RulePlan { sinks: vec![delivery], ..RulePlan::nothing(id) };
    store.plan_rule(&RuleBatch { plans: vec![plan], states: Vec::new() }, now).await.unwrap();
    let lease = std::time::Duration::from_secs(60);
    let claim = Claim { endpoint: "hook".into(), limit: 1, lease, which: Which::Due };
    let lease = store.claim(claim, now).await.unwrap().leases.remove(0);
    let finish = Finish {
        id: lease.delivery.id,
        endpoint: "hook".into(),
        fence: lease.fence,
        attempt: Some(lease.attempt),
        outcome: Outcome::Gone,
        note: Note { kind: Some("gone"), code: Some(410), ..Note::default() },
        fallbacks: Vec::new(),
    };
    store.finish(vec![finish], now).await.unwrap();
    store.close();
}

#[tokio::test]
async fn a_channel_is_enabled_again_once() {
    let folder = Folder::new(&[]);
    let path = folder.path("tidings.db");
    gone(&path).await;
    let wrong = call(&["channels", "enable", "hok", "--store", &path]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("hok is not disabled"), "{}", wrong.err);
    assert!(wrong.err.contains("  hook since 2023-11-14 22:13:20 UTC"), "{}", wrong.err);
    let enabled = call(&["channels", "enable", "hook", "--store", &path]);
    assert_eq!((enabled.code, enabled.out.as_str()), (0, "hook is enabled\n"), "{}", enabled.err);
    let again = call(&["channels", "enable", "hook", "--json", "--store", &path]);
    assert_eq!((again.code, again.json()), (1, json!({"enabled": false, "again": [], "disabled": []})));
    assert!(call(&["log", "--store", &path]).out.contains("enabled"));
}
