//! Verbs through a daemon and on the file: the same answer either way.

use serde_json::{Value, json};

use crate::{Call, Folder, daemon::Running};

const CONFIG: &str = r#"
store: {path: tidings.db}
events:
  sinks: [{type: log, name: lines, min_severity: error}]
triggers:
  - {name: hot, condition: load > 5, channels: [inbox], cooldown_seconds: 0s, user_ids: [ann, bob]}
  - {name: cold, condition: load < 0, channels: [inbox]}
channels:
  dead: {type: webhook, url: "http://127.0.0.1:1024/", allow_private_networks: true, retry: []}
users: {ann: {timezone: Europe/Zurich}, bob: {}}
preferences: {users: {bob: {default: {inbox: false}}}}
"#;

/// The same call on a file of its own, and through a daemon that holds one.
fn both(arguments: &[&str]) -> (Call, Call) {
    let running = Running::start(&[("tidings.yaml", CONFIG)], &[]);
    let through = running.call(arguments);
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    // A store that is there already, as the daemon's is.
    let mut seeded = crate::command(&["emit", "custom.nothing", "--json"]);
    assert!(seeded.current_dir(folder.path("")).output().unwrap().status.success());
    let mut alone = crate::command(arguments);
    let alone = alone.current_dir(folder.path("")).stdin(std::process::Stdio::null()).output().unwrap();
    (through, alone.into())
}

/// The JSON without what differs from run to run.
fn plain(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    match key.as_str() {
                        "id" | "of" | "from" | "until" | "at" | "took_ms" => *value = Value::Null,
                        _ => walk(value),
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}

fn check(arguments: &[&str], code: i32) -> Value {
    let (through, alone) = both(&[arguments, &["--json"]].concat());
    assert_eq!((through.code, alone.code), (code, code), "{} / {}", through.err, alone.err);
    assert_eq!(plain(through.json()), plain(alone.json()), "{arguments:?}");
    through.json()
}

#[test]
fn an_event_is_told_as_if_it_were_emitted_here() {
    let told = check(&["emit", "custom.load", "--data", r#"{"load": 9}"#, "--severity", "error"], 0);
    assert_eq!(
        (&told["rules"]["hot"]["fired"], &told["sinks"]["lines"]["delivered"]),
        (&json!(1), &json!(1)),
        "{told}"
    );
    assert_eq!(told["notifications"], json!({"made": 2, "duplicate": 0, "silenced": 0, "denied": 1, "planned": 1}));
    let quiet = check(&["emit", "custom.load", "--data", r#"{"load": 1}"#], 0);
    assert_eq!((&quiet["rules"]["hot"]["no"], &quiet["sinks"]["lines"]["matched"]), (&json!(1), &json!(0)), "{quiet}");
}

#[test]
fn what_is_no_event_is_refused_the_same_way() {
    for arguments in [&["emit", "x", "--data", "{"][..], &["emit", "x", "--data", "[1]"]] {
        let (through, alone) = both(&[arguments, &["--json"]].concat());
        assert_eq!((through.code, &through.out), (alone.code, &alone.out), "{arguments:?}");
        assert_eq!(through.code, 2);
    }
}

#[test]
fn a_message_is_followed_until_it_is_delivered() {
    let told = check(&["send", "hello", "--channel", "inbox", "--user", "ann"], 0);
    assert_eq!(
        (&told["told"][0]["answer"], &told["deliveries"]["delivered"]),
        (&json!("planned"), &json!(1)),
        "{told}"
    );
    let denied = check(&["send", "hello", "--channel", "inbox", "--user", "bob"], 0);
    assert_eq!(denied["told"][0]["answer"], "denied");
    let running = Running::start(&[("tidings.yaml", CONFIG)], &[]);
    let words = running.call(&["send", "hello", "--channel", "dead", "--user", "ann", "--wait", "1s"]);
    assert!(words.code == 1 && words.err.contains("not delivered:\n  dead: "), "{}{}", words.out, words.err);
    let unknown = running.call(&["send", "hello", "--channel", "inbox", "--user", "anne"]);
    assert!(unknown.code == 2 && unknown.err.contains("did you mean `ann`"), "{}", unknown.err);
}

#[test]
fn silences_are_begun_and_ended_by_the_daemon() {
    check(&["silence", "add", "--rule", "hot", "--for", "1h", "--reason", "known", "--author", "ops"], 0);
    check(&["silence", "end", "nothing"], 1);
    let running = Running::start(&[("tidings.yaml", CONFIG)], &[]);
    let add = running.call(&["silence", "add", "--rule", "hit", "--for", "1h", "--reason", "known"]);
    assert_eq!(add.code, 0, "{}", add.err);
    assert!(add.err.contains("warning: there is no rule `hit`"), "{}", add.err);
    let id = add.out.trim();
    let ended = running.call(&["silence", "end", id]);
    assert_eq!((ended.code, ended.out.as_str()), (0, format!("{id} is over\n").as_str()), "{}", ended.err);
    let again = running.call(&["silence", "end", id, "--author", "ops"]);
    assert!(again.code == 0 && again.err.contains("`--author` is not told to it"), "{}", again.err);
    let rule = running.call(&["silence", "add", "--rule", "hot", "--for", "1h", "--reason", "known"]);
    assert_eq!(rule.code, 0, "{}", rule.err);
    let told = running.call(&["emit", "custom.load", "--data", r#"{"load": 9}"#, "--json"]).json();
    assert_eq!(told["notifications"]["silenced"], 2, "{told}");
}

#[test]
fn wishes_are_changed_by_the_daemon_and_hold_at_once() {
    check(&["prefs", "set", "ann", "--data", r#"{"default": {"inbox": false}}"#], 0);
    check(&["prefs", "set", "ann", "--timezone", "Asia/Tokyo"], 0);
    let conflict = ["prefs", "set", "ann", "--contact", "email=ann@example.com", "--expect", "7", "--json"];
    let (through, alone) = both(&conflict);
    assert_eq!((through.code, alone.code), (1, 1), "{}", through.err);
    assert_eq!(plain(through.json()["conflict"].clone()), plain(alone.json()["conflict"].clone()));
    check(&["prefs", "remove", "bob"], 0);
    let running = Running::start(&[("tidings.yaml", CONFIG)], &[]);
    let send = || running.call(&["send", "hello", "--channel", "inbox", "--user", "ann", "--json"]).json();
    let answer = |told: &Value| told["told"][0]["answer"].as_str().unwrap().to_owned();
    assert_eq!(answer(&send()), "planned");
    let set = running.call(&["prefs", "set", "ann", "--merge", "--data", r#"{"default": {"inbox": false}}"#]);
    assert_eq!(set.code, 0, "{}", set.err);
    let muted = running.call(&["send", "again", "--channel", "inbox", "--user", "ann", "--json"]).json();
    assert_eq!(answer(&muted), "denied");
    let got = running.call(&["prefs", "get", "ann", "--json"]).json();
    assert_eq!(got["preferences"]["default"]["inbox"], false, "{got}");
}

#[test]
fn somebody_is_taken_in_by_the_daemon() {
    let told = check(&["prefs", "set", "eve", "--new"], 0);
    assert_eq!(told, json!({"user": "eve", "version": 1}));
    let running = Running::start(&[("tidings.yaml", CONFIG)], &[]);
    let wishes = r#"{"default": {"log": false}}"#;
    let taken = running.call(&["prefs", "set", "eve", "--new", "--timezone", "Asia/Tokyo", "--data", wishes]);
    assert_eq!(taken.code, 0, "{}", taken.err);
    assert_eq!(running.call(&["prefs", "remove", "eve"]).code, 0);
    // Versions go on over a removal.
    let again = running.call(&["prefs", "set", "eve", "--new", "--timezone", "UTC", "--data", wishes]);
    assert_eq!(again.code, 0, "{}", again.err);
    let eve = running.call(&["prefs", "get", "eve", "--json"]).json();
    assert_eq!((&eve["timezone"], &eve["preferences"]["default"]["log"]), (&json!("UTC"), &json!(false)), "{eve}");
}

#[test]
fn a_channel_is_tried_with_a_daemon_and_without() {
    check(&["channels", "test", "inbox", "--user", "ann"], 0);
    let dead = check(&["channels", "test", "dead"], 1);
    assert_eq!(dead["outcome"], "failed", "{dead}");
    let (through, alone) = both(&["channels", "test", "nothing"]);
    assert_eq!((through.code, alone.code), (2, 2), "{}", through.err);
    assert!(!through.err.contains("127.0.0.1:1024"), "{}", through.err);
}

#[test]
fn what_is_not_disabled_cannot_be_enabled_either_way() {
    check(&["channels", "enable", "dead"], 1);
}
