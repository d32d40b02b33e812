//! `prefs`: what people wish, how it is changed, and what would become of a message.

use serde_json::{Value, json};
use tidings::{
    Timestamp,
    store::sqlite::{Options, SqliteStore},
};

use crate::{Call, Folder, call, call_with_env, call_with_input};

/// The configuration without its store.
const PEOPLE: &str = r#"
channels:
  email: {folder: mails, from: agents@example.com}
users:
  ann: {email: ann@example.com, timezone: Europe/Zurich}
  bob: {email: bob@example.com, phone: "+15550101"}
preferences:
  default: {sms: false, quiet_hours: {from: "22:00", to: "07:00"}}
  users:
    ann: {agents: {batch: {email: false}}}
triggers:
  - {name: slow, condition: latency > 5, channels: [email, log], priority: high, topic: speed}
  - {name: fire, condition: heat > 90, channels: [email, sms], priority: critical, mandatory: true}
"#;

/// A folder with a configuration that names a store.
struct Place(Folder);

impl Place {
    fn new() -> Self {
        let place = Self(Folder::new(&[]));
        place.write(PEOPLE);
        place
    }

    fn write(&self, people: &str) {
        let text = format!("store: {{path: '{}'}}\n{}", self.0.path("tidings.db"), people.trim_start());
        std::fs::write(self.0.path("c.yaml"), text).unwrap();
    }

    fn prefs(&self, arguments: &[&str]) -> Call {
        call(&[&["prefs"], arguments, &["-c", &self.0.path("c.yaml")]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let told = self.prefs(&[arguments, &["--json"]].concat());
        assert_eq!(told.code, 0, "{arguments:?}: {}{}", told.out, told.err);
        told.json()
    }

    /// A start of a notifier, which lets profiles follow the file.
    fn start(&self) {
        let told = call_with_input(&["run", "--events", "-", "-c", &self.0.path("c.yaml"), "--json"], b"");
        assert_eq!(told.code, 0, "{}", told.err);
    }

    /// The word on each channel at a moment, and who decides.
    fn words(&self, arguments: &[&str]) -> Vec<String> {
        let told = self.json(&[&["test"], arguments].concat());
        let text = |channel: &Value, key: &str| channel[key].as_str().unwrap_or_default().to_owned();
        let channels = told["channels"].as_array().unwrap().iter();
        channels.map(|one| ["channel", "decision", "layer", "why"].map(|key| text(one, key)).join(" ")).collect()
    }
}

#[test]
fn what_is_set_is_told_and_who_changed_it() {
    let place = Place::new();
    let before = place.json(&["get", "ann"]);
    assert_eq!((&before["version"], &before["timezone"]), (&Value::Null, &json!("Europe/Zurich")));
    let wishes = r#"{"default": {"log": false}, "min_priority": "high"}"#;
    let set = place.json(&["set", "ann", "--data", wishes, "--timezone", "Asia/Tokyo", "--author", "ann herself"]);
    assert_eq!(set, json!({"user": "ann", "version": 1}));
    let told = place.json(&["get", "ann"]);
    assert_eq!((&told["version"], &told["author"]), (&json!(1), &json!("ann herself")));
    assert_eq!(told["timezone"], "Asia/Tokyo");
    assert_eq!(told["preferences"], json!({"default": {"log": false, "min_priority": "high"}, "agents": {}}));
    assert_eq!(told["contacts"], json!({"email": "an***********om"}), "an address stays, and is shown to nobody");
    let channel = |name: &str| {
        let all = told["channels"].as_array().unwrap();
        all.iter().find(|channel| channel["channel"] == name).cloned().unwrap()
    };
    assert_eq!(
        channel("log"),
        json!({"channel": "log", "on": false, "by": "user", "min_priority": "high", "min_priority_by": "user"})
    );
    assert_eq!(channel("sms")["by"], "operator");
    assert_eq!(channel("email")["by"], "built_in");
    let all = place.json(&["get"]);
    let users: Vec<_> = all["users"].as_array().unwrap().iter().map(|user| user["user"].clone()).collect();
    assert_eq!(users, ["ann", "bob"]);
    assert_eq!((&before["source"], &all["users"][1]["source"]), (&json!("configuration"), &json!("store")));
}

#[test]
fn people_are_told_in_words() {
    let place = Place::new();
    let told = place.prefs(&["get", "ann"]);
    for part in ["as the configuration says", "Europe/Zurich", "sms          off (the operator)", "for agent batch off"]
    {
        assert!(told.out.contains(part), "{part} in\n{}", told.out);
    }
    assert!(told.err.contains("there is no store at"), "{}", told.err);
    place.prefs(&["set", "ann", "--data", "null", "--author", "o\u{1b}p"]);
    let hostile = place.prefs(&["set", "b\u{1b}b", "--timezone", "UTC"]);
    assert!(!hostile.err.contains('\u{1b}') && hostile.code == 2, "{}", hostile.err);
    let told = place.prefs(&["get"]);
    assert!(!told.out.contains('\u{1b}') && !told.out.contains("@example"), "{}", told.out);
}

#[test]
fn a_part_is_changed_and_the_rest_stays() {
    let place = Place::new();
    let stands = |expected: Value| assert_eq!(place.json(&["get", "ann"])["preferences"], expected);
    place.json(&["set", "ann", "--merge", "--data", r#"{"default": {"log": false}, "min_priority": "low"}"#]);
    stands(json!({"default": {"log": false, "min_priority": "low"}, "agents": {"batch": {"email": false}}}));
    place.json(&["set", "ann", "--merge", "--data", r#"{"min_priority": null, "agents": {"batch": null}}"#]);
    stands(json!({"default": {"log": false}, "agents": {}}));
    let config = place.0.path("c.yaml");
    let read = call_with_input(
        &["prefs", "set", "ann", "--file", "-", "-c", &config],
        b"\xef\xbb\xbf{\"default\": {\"email\": true}}",
    );
    assert_eq!(read.code, 0, "{}", read.err);
    stands(json!({"default": {"email": true}, "agents": {}}));
    place.json(&["set", "ann", "--data", "null", "--contact", "email="]);
    stands(Value::Null);
    assert_eq!(place.json(&["get", "ann"])["contacts"], json!({}));
}

#[test]
fn of_two_changes_one_is_told_of_the_other() {
    let place = Place::new();
    place.json(&["set", "ann", "--timezone", "UTC", "--expect", "0", "--author", "eve"]);
    let late = place.prefs(&["set", "ann", "--timezone", "Asia/Tokyo", "--expect", "0"]);
    assert_eq!(late.code, 1);
    assert!(late.err.contains("version 1 stands, by eve at "), "{}", late.err);
    let late = place.prefs(&["remove", "ann", "--expect", "0", "--json"]);
    assert_eq!((late.code, &late.json()["conflict"]["version"]), (1, &json!(1)));
    assert_eq!(place.json(&["get", "ann"])["timezone"], "UTC", "nothing was done");
    assert_eq!(place.json(&["set", "ann", "--timezone", "Asia/Tokyo", "--expect", "1"])["version"], 2);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_changed() {
    let place = Place::new();
    let check = |arguments: &[&str], part: &str| {
        let told = place.prefs(arguments);
        assert_eq!(told.code, 2, "{arguments:?}: {}", told.out);
        assert!(told.err.contains(part), "{part} in {}", told.err);
        assert!(!told.err.contains("secret"), "{}", told.err);
    };
    check(&["set", "ann"], "--data <JSON>");
    check(&["set", "ann", "--merge", "--timezone", "UTC"], "--merge needs --data or --file");
    check(&["set", "ann", "--data", "{"], "--data is not JSON");
    check(&["set", "ann", "--data", "[]"], "expected an object such as");
    check(&["set", "ann", "--data", r#"{"defalt": {}}"#], "defalt: unknown key");
    check(
        &["set", "ann", "--data", r#"{"quiet_hours": {"from": "25:00", "to": "07:00"}}"#],
        "quiet_hours.from: expected",
    );
    check(&["set", "ann", "--file", &place.0.path("none.json")], "cannot be read");
    check(&["set", "ann", "--timezone", "Mars/Base"], "unknown time zone");
    check(&["set", "ann", "--contact", "email=secret"], "not a mail address");
    check(&["set", "ann", "--contact", "sms=secret"], "not a phone number");
    check(&["set", "ann", "--contact", "emial=ann@example.com"], "did you mean `email`?");
    check(&["set", "ann", "--timezone", "UTC", "--author", " "], "--author is empty");
    check(&["set", "an", "--timezone", "UTC"], "there is no user `an`: did you mean `ann`?; `--new` takes");
    check(&["set", "$event", "--new", "--timezone", "UTC"], "does not begin with `$`");
    check(&["set", "ann", "--new"], "ann is there already");
    check(&["remove", "eve"], "there is no user `eve`: known are ann, bob");
    check(&["get", "eve"], "there is no user `eve`");
    check(&["test", "eve"], "there is no user `eve`");
    check(&["test", "ann", "--rule", "slwo"], "there is no rule `slwo`: did you mean `slow`?");
    check(&["test", "ann", "--channel", "emial"], "no channel is called `emial`: did you mean `email`?");
    check(&["test", "ann", "--at", "1h"], "expected a time such as");
    assert_eq!(place.json(&["get", "ann"])["version"], Value::Null);
}

#[test]
fn somebody_comes_and_goes() {
    let place = Place::new();
    place.json(&["set", "eve", "--new", "--contact", "email=eve@example.com", "--contact", "sms=+15550102"]);
    assert_eq!(place.json(&["get", "eve"])["contacts"], json!({"email": "ev***********om", "sms": "+1*****02"}));
    let send = || call(&["send", "hi", "--user", "eve", "-c", &place.0.path("c.yaml")]);
    assert_eq!(send().code, 0, "she is known, though the file does not name her");
    let gone = place.prefs(&["remove", "eve"]);
    assert_eq!((gone.code, gone.out.as_str()), (0, "eve is removed at version 2\n"), "{}", gone.err);
    assert_eq!(place.prefs(&["get", "eve"]).code, 2);
    let refused = send();
    assert!(refused.code == 2 && refused.err.contains("there is no user `eve`"), "{}", refused.err);
    let gone = place.prefs(&["remove", "bob"]);
    assert!(gone.code == 0 && gone.err.contains("`prefs set bob --new`"), "{}", gone.err);
    place.start();
    assert_eq!(place.prefs(&["get", "bob"]).code, 2, "whoever was removed stays so, whatever the file says");
    place.json(&["set", "bob", "--new"]);
    assert_eq!(place.json(&["get", "bob"])["contacts"]["email"], "bo***********om", "as the file says");
    assert_eq!(place.json(&["set", "cat", "--new"]), json!({"user": "cat", "version": 1}));
}

#[test]
fn a_persons_change_stays_and_who_changed_nothing_follows_the_file() {
    let place = Place::new();
    place.start();
    assert_eq!(place.json(&["get", "ann"])["author"], "config");
    place.json(&["set", "ann", "--data", r#"{"default": {"log": false}}"#, "--author", "ann"]);
    place.write(&PEOPLE.replace("Europe/Zurich", "Asia/Tokyo").replace("bob@example", "bobby@example"));
    for _ in 0..2 {
        let (ann, bob) = (place.json(&["get", "ann"]), place.json(&["get", "bob"]));
        assert_eq!((&ann["author"], &ann["timezone"]), (&json!("ann"), &json!("Europe/Zurich")));
        assert_eq!((&bob["author"], &bob["contacts"]["email"]), (&json!("config"), &json!("bo*************om")));
        place.start();
    }
    assert_eq!(place.json(&["get", "bob"])["version"], 2);
    // Under the configuration's own name a profile is given back to it.
    place.json(&["set", "ann", "--data", "null", "--author", "config"]);
    assert_eq!(place.json(&["get", "ann"])["timezone"], "Asia/Tokyo");
}

#[test]
fn a_message_is_tested_at_the_edges_of_quiet_hours() {
    let place = Place::new();
    let check =
        |at: &str, expected: &[&str]| assert_eq!(place.words(&["ann", "--rule", "slow", "--at", at]), expected, "{at}");
    let (now, held) = (
        ["email allow built_in ", "log allow built_in "],
        ["email hold operator quiet_hours", "log hold operator quiet_hours"],
    );
    // Zurich is an hour ahead of UTC, and from 29 March 2026, 01:00 UTC, two.
    check("2026-03-28T21:59:59+01:00", &now);
    check("2026-03-28T22:00:00+01:00", &held);
    check("2026-03-28 20:59:59", &now);
    check("2026-03-29T04:59:59Z", &held);
    check("2026-03-29T05:00:00Z", &now);
    let told = place.json(&["test", "ann", "--rule", "slow", "--at", "2026-03-28T22:00:00Z"]);
    assert_eq!(told["channels"][0]["until"], 1_774_760_400.0);
    assert_eq!(told["channels"][0]["until_local"], "2026-03-29 07:00:00 +02:00");
    let words = place.prefs(&["test", "ann", "--rule", "slow", "--at", "2026-03-28T22:00:00Z"]);
    for part in ["2026-03-29 07:00:00 +02:00 Europe/Zurich (2026-03-29 05:00:00 UTC)", "quiet hours", "the operator"] {
        assert!(words.out.contains(part), "{part} in {}", words.out);
    }
}

#[test]
fn a_test_asks_what_the_rule_says_unless_the_call_says_otherwise() {
    let place = Place::new();
    let at = ["--at", "2026-03-28T23:30:00+01:00"];
    let check = |arguments: &[&str], expected: &[&str]| {
        assert_eq!(place.words(&[&["ann"], arguments, &at].concat()), expected, "{arguments:?}");
    };
    check(&["--rule", "fire"], &["email allow mandatory ", "sms allow mandatory "]);
    check(&["--rule", "slow", "--priority", "critical", "--channel", "log"], &["log allow built_in "]);
    check(&["--agent", "batch", "--channel", "email"], &["email deny user_agent channel_off"]);
    check(&["--channel", "sms", "--channel", "sms"], &["sms deny operator channel_off"]);
    place.json(&["set", "ann", "--data", r#"{"topics": {"speed": false}}"#]);
    check(&["--rule", "slow", "--channel", "log"], &["log deny user topic_off"]);
    check(&["--topic", "speed", "--channel", "log"], &["log deny user topic_off"]);
    check(&["--rule", "slow", "--topic", "other", "--channel", "log"], &["log hold operator quiet_hours"]);
    place.json(&["set", "ann", "--data", r#"{"digest": {"every": "daily", "at": "09:00", "max_priority": "high"}}"#]);
    check(&["--rule", "slow", "--channel", "log"], &["log digest user digest"]);
}

#[test]
fn a_judgement_is_told_as_everywhere_and_what_it_does_not_know_beside_it() {
    let place = Place::new();
    let asked = ["test", "ann", "--rule", "fire", "--at", "2026-03-28T12:00:00Z"];
    let told = place.json(&asked);
    let allow = |channel: &str| json!({"channel": channel, "decision": "allow", "layer": "mandatory"});
    let mut sms = allow("sms");
    sms["no_address"] = json!(true);
    assert_eq!(told["channels"], json!([allow("email"), sms]), "ann has no number");
    let words = place.prefs(&asked);
    assert!(words.out.contains("nothing is against it; but there is no address\n"), "{}", words.out);
    place.json(&["set", "ann", "--data", r#"{"digest": {"every": "daily", "at": "09:00", "max_priority": "high"}}"#]);
    let asked = ["test", "ann", "--rule", "slow", "--channel", "log", "--at", "2026-03-28T12:00:00Z"];
    let digest = json!({"channel": "log", "decision": "digest", "layer": "user", "why": "digest", "digest": "email",
        "until": 1_774_767_600.0, "until_local": "2026-03-29 09:00:00 +02:00"});
    assert_eq!(place.json(&asked)["channels"], json!([digest]));
    let words = place.prefs(&asked);
    assert!(words.out.contains("digest on email  the user's default  wished in a digest"), "{}", words.out);
}

#[test]
fn without_a_store_wishes_are_told_and_cannot_be_changed() {
    let folder = Folder::new(&[("c.yaml", PEOPLE)]);
    let config = folder.path("c.yaml");
    let told = call(&["prefs", "get", "ann", "-c", &config]);
    assert!(told.code == 0 && told.err.contains("it names no store"), "{}", told.err);
    let told = call(&["prefs", "test", "ann", "--json", "-c", &config]);
    assert_eq!(told.json()["source"], "configuration");
    for verb in [&["set", "ann", "--timezone", "UTC"][..], &["remove", "ann"]] {
        let told = call(&[&["prefs"], verb, &["-c", &config]].concat());
        assert_eq!(told.code, 2);
        assert!(told.err.contains("add `store: {path: tidings.db}` to it"), "{}", told.err);
    }
    let nowhere = call(&["prefs", "get", "--json", "-c", &folder.path("none.yaml")]);
    assert!(nowhere.code == 2 && nowhere.json()["error"].is_string());
}

#[test]
fn whoever_only_looks_needs_no_secret() {
    let place = Place::new();
    place.write(&PEOPLE.replace("{email: ann@example.com", "{email: '${NOBODY_SETS_THIS}'"));
    assert_eq!(place.prefs(&["test", "bob", "--rule", "slow"]).code, 0);
    let refused = place.prefs(&["set", "bob", "--timezone", "UTC"]);
    assert!(refused.code == 2 && refused.err.contains("NOBODY_SETS_THIS"), "{}", refused.err);
    let set = ["prefs", "set", "bob", "--timezone", "UTC", "-c", &place.0.path("c.yaml")];
    assert_eq!(call_with_env(&set, ("NOBODY_SETS_THIS", "ann@example.com"), b"").code, 0);
}

#[test]
fn while_somebody_holds_the_store_people_are_told_and_not_changed() {
    let place = Place::new();
    place.start();
    let path = place.0.path("tidings.db");
    let (holder, _) = SqliteStore::open(path.as_ref(), &Options::default(), Timestamp::from_secs(1)).unwrap();
    let refused = place.prefs(&["set", "ann", "--timezone", "UTC"]);
    assert_eq!(refused.code, 2);
    let held = format!("in use by process {}, and one process writes a store: stop that one", std::process::id());
    assert!(refused.err.contains(&held) && !refused.err.contains("another path"), "{}", refused.err);
    assert_eq!(place.json(&["get", "ann"])["source"], "store");
    assert_eq!(place.prefs(&["test", "ann"]).code, 0);
    holder.close();
}
