//! The page of the guide on people shows what is really answered.

use std::process::Stdio;

use tidings_testkit::guide;

use crate::{Call, Folder, command};

const PAGE: &str = "people.md";

/// The configuration as the page shows it, which is held to be what is used here.
const CONFIG: &str = r#"store: {path: tidings.db}
channels:
  email: {folder: mails, from: agents@example.com}
users:
  ann: {email: ann@example.com, timezone: Europe/Zurich}
  bob: {email: bob@example.com}
preferences:
  default: {quiet_hours: {from: "22:00", to: "07:00"}}      # the operator's, for everyone
  users:
    ann: {agents: {batch: {email: false}}}                  # ann's own
triggers:
  - {name: slow, condition: latency > 5, channels: [email, log], priority: high}
"#;

#[test]
fn the_page_on_people_shows_what_is_answered() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let prefs = |arguments: &[&str]| -> String {
        let mut command = command(&[&["prefs"], arguments].concat());
        let told: Call = command.current_dir(folder.path("")).stdin(Stdio::null()).output().unwrap().into();
        assert_eq!(told.code, 0, "{}", told.err);
        told.out
    };
    guide::check(PAGE, "config", CONFIG);
    guide::check(PAGE, "test", &prefs(&["test", "ann", "--rule", "slow", "--at", "2026-03-28T23:30:00+01:00"]));
    prefs(&["set", "ann", "--merge", "--data", r#"{"default": {"log": false}, "min_priority": "high"}"#]);
    guide::check(PAGE, "changed", &prefs(&["test", "ann", "--rule", "slow", "--at", "2026-03-29T12:00:00+02:00"]));
    prefs(&["set", "ann", "--timezone", "Asia/Tokyo", "--contact", "sms=+15550101"]);
    prefs(&["set", "eve", "--new", "--contact", "email=eve@example.com"]);
    prefs(&["remove", "eve"]);
}

/// The daemon's configuration as its page shows it.
const DAEMON: &str = r#"server:
  listen: 0.0.0.0:7171
  public_url: https://tidings.example.com
  hosts: [tidings.internal]                   # further names that it answers to
  keys:
    - {name: ops, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
    - {name: support, sha256: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752, agents: ["support-*"]}
    - {name: ann, sha256: 4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce, user: ann}
  heartbeat: {url: "${HEARTBEAT_URL}", every: 1m}
store: {path: /var/lib/tidings/tidings.db, retention: 30d}
users: {ann: {timezone: Europe/Zurich}}
triggers:
  - {name: tools fail, condition: error_rate > 0.05, channels: [inbox], user_ids: [ann]}
"#;

#[test]
fn the_page_on_the_daemon_shows_a_configuration_that_runs() {
    guide::check("daemon.md", "config", DAEMON);
    let folder = Folder::new(&[("tidings.yaml", DAEMON)]);
    let mut command = command(&["check", "--json", &folder.path("tidings.yaml")]);
    let output = command.env("HEARTBEAT_URL", "https://beats.example.com/ping/1").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
