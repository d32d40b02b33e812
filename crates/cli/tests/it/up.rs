//! `up`: comes up on nothing, says how it is used, and stops without losing anything.

use std::{net::TcpStream, path::Path};

use serde_json::Value;

use crate::{
    Folder, call, command,
    daemon::{Running, entries, eventually, taken},
};

/// The `curl` line of a greeting, as the request that it sends.
fn request_of(greeting: &str) -> (String, String) {
    let line = greeting.lines().find(|line| line.contains("curl ")).unwrap();
    let path = line.split_once("/v1/").unwrap().1.split(' ').next().unwrap();
    let body = line.split_once("-d '").unwrap().1.trim_end_matches('\'');
    (format!("POST /v1/{path}"), body.to_owned())
}

#[test]
fn it_comes_up_on_nothing_and_the_first_event_becomes_a_message() {
    let mut running = Running::start(&[], &[]);
    for part in ["rules     warnings and worse", "channels  inbox, ", "users     me", "store     tidings.db"] {
        assert!(running.greeting.contains(part), "{part} in {}", running.greeting);
    }
    let (line, body) = request_of(&running.greeting);
    let (status, answer) = running.ask(&line, &[], &body);
    assert_eq!(status, 200, "{answer}");
    let store = running.folder.path("tidings.db");
    eventually(|| entries(&running, &store, &["--user", "me", "--step", "delivered"]).pop());
    let stopped = running.stop();
    assert_eq!(stopped.code, 0, "{}", stopped.err);
    assert_eq!(
        stopped.out,
        "stopped: 1 events, 1 notifications, 1 delivered, 0 suppressed, 0 failed, 0 waiting in the store\n"
    );
    assert!(TcpStream::connect(running.address).is_err(), "it listens on");
    assert!(!Path::new(&running.folder.path("tidings.db.daemon")).exists(), "the note stays");
}

#[test]
fn the_real_curl_line_works() {
    let mut running = Running::start(&[], &[]);
    let line = running.greeting.lines().find(|line| line.contains("curl ")).unwrap().trim().to_owned();
    let Ok(output) = std::process::Command::new("sh").args(["-c", &format!("{line} -s --max-time 20")]).output() else {
        return;
    };
    if output.status.code() == Some(127) {
        eprintln!("skipped: there is no curl");
        return;
    }
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"duplicate\":false"), "{output:?}");
    assert_eq!(running.stop().code, 0);
}

#[test]
fn with_json_it_ends_with_the_account() {
    let mut running = Running::start(&[("c.yaml", "events: {sinks: [{type: log}]}")], &["--json", "-c", "c.yaml"]);
    let (line, body) = request_of(&running.greeting);
    assert_eq!(running.ask(&line, &[], &body).0, 200);
    running.signal("INT");
    let stopped = running.wait();
    let account = stopped.json();
    let keys: Vec<_> = account.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["events", "sinks", "rules", "notifications", "deliveries"]);
    assert_eq!((stopped.code, &account["events"]["offered"]), (0, &Value::from(1)));
}

#[test]
fn a_key_is_asked_for_where_there_are_some() {
    // The SHA-256 of `secret`.
    let yaml =
        "server: {keys: [{name: ops, sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b}]}";
    let running = Running::start(&[("tidings.yaml", yaml)], &[]);
    assert!(running.greeting.contains("-H \"Authorization: Bearer $TIDINGS_KEY\""), "{}", running.greeting);
    let (line, body) = request_of(&running.greeting);
    assert_eq!(running.ask(&line, &[], &body).0, 401);
    assert_eq!(running.ask(&line, &["Authorization: Bearer secret"], &body).0, 200);
    let refused = running.call(&["emit", "tool.error"]);
    assert!(refused.code == 2 && refused.err.contains("into the variable TIDINGS_KEY"), "{}", refused.err);
    let mut command = command(&["emit", "tool.error", "--json"]);
    let output = command.current_dir(running.folder.path("")).env("TIDINGS_KEY", "secret").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_stands_in_the_way_is_told() {
    let (_listener, address) = taken();
    let folder = Folder::new(&[("open.yaml", "store: {path: a.db}"), ("wrong.yaml", "triggers: 3")]);
    let check = |arguments: &[&str], parts: &[&str]| {
        let mut command = command(&[&["up"], arguments].concat());
        let output = command.current_dir(folder.path("")).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{err}");
        for part in parts {
            assert!(err.contains(part), "{part} in {err}");
        }
    };
    let listen = address.to_string();
    check(&["--listen", &listen], &["another program listens on", "--listen 127.0.0.1:"]);
    check(&["--listen", "0.0.0.0:0"], &["no key is asked of them"]);
    check(&["-c", "wrong.yaml"], &["wrong.yaml:1"]);
    check(&["-c", "none.yaml"], &["none.yaml"]);
    check(&["--listen", "nowhere"], &["--listen"]);
    check(&["--demo", "-c", "open.yaml"], &["cannot be used with"]);
}

#[test]
fn a_second_daemon_names_the_first() {
    let running = Running::start(&[], &[]);
    let second = running.call(&["up", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, 2);
    let expected = format!("in use by the daemon at http://{}/", running.address);
    assert!(second.err.contains(&expected), "{}", second.err);
}

#[test]
fn what_was_accepted_outlives_a_killed_daemon_and_its_note_is_not_believed() {
    let running = Running::start(&[], &[]);
    let (line, body) = request_of(&running.greeting);
    assert_eq!(running.ask(&line, &[], &body).0, 200);
    let folder = running.kill();
    assert!(Path::new(&folder.path("tidings.db.daemon")).exists(), "a killed process tidies nothing up");
    let silent = call(&["silence", "list", "--store", &folder.path("tidings.db")]);
    assert_eq!(silent.code, 0, "{}", silent.err);
    let again = Running::start_in(folder, &[]);
    let store = again.folder.path("tidings.db");
    eventually(|| entries(&again, &store, &["--user", "me", "--step", "delivered"]).pop());
}

#[test]
fn a_demo_lives_within_seconds() {
    let mut running = Running::start(&[], &["--demo"]);
    let store = running.greeting.lines().find_map(|line| line.trim().strip_prefix("store     ")).unwrap().to_owned();
    let seen = |filter: &[&str]| eventually(|| entries(&running, &store, filter).pop());
    seen(&["--step", "delivered", "--endpoint", "inbox"]);
    seen(&["--step", "duplicate"]);
    seen(&["--step", "retry", "--endpoint", "pager"]);
    seen(&["--step", "denied", "--user", "ben"]);
    seen(&["--step", "digested", "--user", "ann"]);
    let stopped = running.stop();
    assert_eq!(stopped.code, 0, "{}", stopped.err);
    assert!(!Path::new(&store).exists(), "its store stays");
}
