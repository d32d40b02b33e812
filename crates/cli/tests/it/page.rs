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
