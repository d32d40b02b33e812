//! `reload` and SIGHUP: a daemon that runs takes another configuration up, and keeps its own where the new one is wrong.

use serde_json::{Value, json};

use crate::{
    call,
    daemon::{Running, entries, eventually},
};

const BEFORE: &str =
    "triggers:\n  - {name: one, condition: 'event_type == \"custom.one\"', channels: [inbox]}\nusers: {ann: {}}\n";
const AFTER: &str =
    "triggers:\n  - {name: two, condition: 'event_type == \"custom.two\"', channels: [inbox]}\nusers: {ann: {}}\n";

fn write(running: &Running, text: &str) {
    std::fs::write(running.folder.path("tidings.yaml"), text).unwrap();
}

/// Which rule told of this event, once one has.
fn told(running: &Running, event_type: &str) -> String {
    let body = json!({"event_type": event_type, "agent_id": "a"}).to_string();
    assert_eq!(running.ask("POST /v1/events", &[], &body).0, 200);
    let store = running.folder.path("tidings.db");
    let entry = eventually(|| entries(running, &store, &["--step", "delivered"]).into_iter().next());
    entry["rule"].as_str().unwrap().to_owned()
}

#[test]
fn a_daemon_takes_another_configuration_up_and_says_what_changed() {
    let running = Running::start(&[("tidings.yaml", BEFORE)], &[]);
    write(&running, AFTER);
    let reloaded = running.call(&["reload", "--json"]);
    assert_eq!(reloaded.code, 0, "{}", reloaded.err);
    let difference: Value = reloaded.json();
    assert_eq!(difference["rules"]["added"], json!(["two"]), "{difference:#}");
    assert_eq!((&difference["rules"]["removed"], &difference["restart"]), (&json!(["one"]), &json!([])));
    assert_eq!(told(&running, "custom.two"), "two");
    assert_eq!(running.call(&["reload"]).out, "nothing changed\n");
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_changes_nothing() {
    let running = Running::start(&[("tidings.yaml", BEFORE)], &[]);
    write(&running, &BEFORE.replace("channels: [inbox]", "channels: [inbxo]"));
    let refused = running.call(&["reload"]);
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(
        refused.err.contains("2:") && refused.err.contains("inbxo") && refused.err.contains("inbox"),
        "{}",
        refused.err
    );
    assert_eq!(told(&running, "custom.one"), "one");
}

#[test]
fn a_hang_up_signal_reloads() {
    let mut running = Running::start(&[("tidings.yaml", BEFORE)], &[]);
    write(&running, AFTER);
    running.signal("HUP");
    eventually(|| {
        let (_, rules) = running.ask("GET /v1/rules", &[], "");
        rules.contains("\"two\"").then_some(())
    });
    let said = running.stop();
    assert_eq!(said.code, 0);
    assert!(said.err.contains("reload: rules      added two; removed one"), "{}", said.err);
}

#[test]
fn without_a_daemon_it_says_how_one_is_started() {
    let folder = crate::Folder::new(&[("tidings.yaml", BEFORE)]);
    let file = folder.path("tidings.yaml");
    let refused = call(&["reload", "-c", &file]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("tidings up"), "{}", refused.err);
}
