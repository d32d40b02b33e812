//! `hook` as a coding assistant calls it: silent on standard output, never in its way, and what it reports arrives.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{Call, Folder, command, home::Home};

const CONFIG: &str = "store: {path: tidings.db}\nusers: {ann: {}}\nchannels: {inbox: {}}\n\
    triggers:\n  - {name: asked, condition: 'event_type == \"approval.requested\"', channels: [inbox], cooldown_seconds: 0}\n";

/// Calls the hook in a folder, with this on standard input.
fn call(folder: &Folder, arguments: &[&str], input: &str) -> Call {
    call_by(in_folder(folder, arguments), input)
}

fn call_by(mut command: Command, input: &str) -> Call {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that does not read closes its end.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap().into()
}

fn in_folder(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = command(&[&["hook"], arguments].concat());
    command.current_dir(folder.path("")).env_remove("TIDINGS_URL").env_remove("TIDINGS_KEY");
    command
}

/// Runs a daemon's work to its end on the store, so that what was only accepted is planned; what it told.
fn settle(folder: &Folder) -> Value {
    let run = |arguments: &[&str]| -> Call {
        let mut command = command(arguments);
        command.current_dir(folder.path("")).stdin(Stdio::null()).output().unwrap().into()
    };
    let ran = run(&["run", "--events", "-", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    run(&["log", "--step", "fired", "--json"]).json()["entries"].clone()
}

#[test]
fn what_happens_without_a_daemon_is_kept_for_the_next_one() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let payload = json!({
        "hook_event_name": "Notification", "notification_type": "permission_prompt", "session_id": "s1",
        "message": "may I run it", "cwd": "/home/ann/shop",
    });
    let told = call(&folder, &["claude-code", "--agent", "ann's"], &payload.to_string());
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
    let told = call(&folder, &["codex", &json!({"type": "approval-requested", "thread-id": "t1"}).to_string()], "");
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
    let fired = settle(&folder);
    let agents: Vec<_> = fired.as_array().unwrap().iter().map(|entry| entry["agent"].as_str().unwrap()).collect();
    assert!(agents.len() == 2 && agents.contains(&"ann's") && agents.contains(&"codex"), "{fired}");
    let store = std::fs::read(folder.path("tidings.db")).unwrap();
    let holds = |part: &str| store.windows(part.len()).any(|bytes| bytes == part.as_bytes());
    assert!(holds("shop") && !holds("may I run it") && !holds("/home/ann"), "more was kept than was meant");
}

#[test]
fn a_daemon_takes_what_happens() {
    let home = Home::up(&CONFIG.replace("store: {path: tidings.db}\n", ""));
    let payload = json!({"hook_event_name": "PermissionRequest", "tool_name": "Bash", "session_id": "s1"}).to_string();
    for arguments in [&["hook", "claude-code", "--url", &home.url()][..], &["hook", "claude-code", "--agent", "b"]] {
        let told = call_by(home.command(arguments), &payload);
        assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
    }
    let mut entries = Vec::new();
    // The answer came before the event's way was over.
    while entries.len() < 2 {
        entries = home.log("fired");
    }
    assert_eq!(entries.len(), 2);
}

#[test]
fn whatever_goes_wrong_the_assistant_goes_on() {
    let folder = Folder::new(&[("wrong.yaml", "store: 7\n"), ("tidings.yaml", "users: {ann: {}}\n")]);
    let deep = "[".repeat(100_000);
    let good = r#"{"hook_event_name": "Stop"}"#;
    let away = ["claude-code", "--url", "http://127.0.0.1:1"];
    let check = |arguments: &[&str], input: &str, part: &str| {
        let told = call(&folder, arguments, input);
        assert_eq!((told.code, told.out.as_str()), (0, ""), "{arguments:?}: {}", told.err);
        assert_eq!(told.err.lines().count(), 1, "{arguments:?}: {}", told.err);
        assert!(told.err.contains(part) && !told.err.contains("hunter2"), "{part} in {}", told.err);
    };
    check(&away, good, "no daemon answers at 127.0.0.1:1");
    check(&away, "", "was given nothing");
    check(&away, "hunter2", "was given no JSON");
    check(&away, &deep, "was given no JSON");
    check(&away, "[1]", "not an object");
    check(&away, "{\"hunter2\": 1}", "no `hook_event_name`");
    check(&["claude-code", "--url", "https://hunter2@example.com"], good, "a daemon's address looks like");
    check(&["claude-code", "-c", "wrong.yaml"], good, "the configuration is wrong");
    check(&["claude-code", "-c", "none.yaml"], good, "none.yaml");
    check(&["claude-code", "--bogus"], good, "unexpected argument '--bogus'");
    check(&["cursor"], good, "cursor");
    check(&["codex", "--json", "--include", "everything"], good, "invalid value 'everything'");
    check(&[], good, "say whose hook it is");
}

#[test]
fn hooks_that_come_at_once_are_all_kept() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let payload = json!({"hook_event_name": "PermissionRequest", "tool_name": "Bash"}).to_string();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..3)
            .map(|n| {
                let (folder, payload, agent) = (&folder, &payload, format!("a{n}"));
                scope.spawn(move || call(folder, &["claude-code", "--agent", &agent], payload))
            })
            .collect();
        for told in calls.into_iter().map(|called| called.join().unwrap()) {
            assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
        }
    });
    assert_eq!(settle(&folder).as_array().unwrap().len(), 3);
}

#[test]
fn a_store_that_stays_in_use_and_a_daemon_that_hangs_hold_nobody_up() {
    let folder = Folder::new(&[("tidings.yaml", &format!("{CONFIG}server: {{listen: \"127.0.0.1:1\"}}\n"))]);
    let path = std::path::PathBuf::from(folder.path("tidings.db"));
    let now = tidings_core::clock::system_now();
    let (store, _) =
        tidings::store::sqlite::SqliteStore::open(&path, &tidings::store::sqlite::Options::default(), now).unwrap();
    let good = r#"{"hook_event_name": "Stop"}"#;
    let told = call(&folder, &["claude-code"], good);
    assert_eq!((told.code, told.out.as_str(), told.err.lines().count()), (0, "", 1), "{}", told.err);
    assert!(told.err.contains("in use by process"), "{}", told.err);
    store.close();
    // It takes the connection and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let told = call(&folder, &["claude-code", "--url", &url], good);
    assert_eq!((told.code, told.out.as_str(), told.err.lines().count()), (0, "", 1), "{}", told.err);
    assert!(told.err.contains("it took longer than 2 s"), "{}", told.err);
}

#[test]
fn a_key_goes_to_nobody_whose_note_was_left_behind() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stranger.local_addr().unwrap();
    let note = json!({"address": address.to_string(), "process": std::process::id(), "configuration": null});
    std::fs::write(folder.path("tidings.db.daemon"), note.to_string()).unwrap();
    let mut hook = in_folder(&folder, &["claude-code"]);
    hook.env("TIDINGS_KEY", "k-hunter2");
    let told = call_by(hook, r#"{"hook_event_name": "Stop"}"#);
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""), "kept in the store");
    stranger.set_nonblocking(true).unwrap();
    let heard = stranger.accept().map(|(mut stream, _)| {
        let mut heard = String::new();
        drop(stream.read_to_string(&mut heard));
        heard
    });
    assert!(heard.is_err(), "{heard:?}");
}

#[test]
fn a_hundred_megabytes_are_not_read() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let told = call(&folder, &["claude-code"], &" ".repeat(100 * 1024 * 1024));
    assert_eq!((told.code, told.out.as_str(), told.err.lines().count()), (0, "", 1), "{}", told.err);
    assert!(told.err.contains("is longer than") || told.err.contains("took longer than"), "{}", told.err);
}

#[test]
fn an_input_that_does_not_end_holds_nobody_up() {
    let folder = Folder::new(&[]);
    let mut command = in_folder(&folder, &["claude-code", "--url", "http://127.0.0.1:1"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take();
    let told: Call = child.wait_with_output().unwrap().into();
    drop(input);
    assert_eq!((told.code, told.out.as_str()), (0, ""));
    assert!(told.err.contains("it took longer than 2 s"), "{}", told.err);
}

#[test]
fn content_goes_along_where_it_is_asked_for_and_never_a_secret() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let payload = json!({
        "hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "tool_input": {"command": "deploy it", "password": "hunter2"},
        "error": "refused: AKIAIOSFODNN7EXAMPLE",
    });
    let told = call(&folder, &["claude-code", "--include", "content"], &payload.to_string());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    settle(&folder);
    let store = std::fs::read(folder.path("tidings.db")).unwrap();
    let holds = |part: &str| store.windows(part.len()).any(|bytes| bytes == part.as_bytes());
    assert!(holds("deploy it") && !holds("hunter2") && !holds("AKIAIOSFODNN7EXAMPLE"));
}

#[test]
fn what_to_paste_calls_this_binary() {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    let told = call(&folder, &["claude-code", "--print-config", "--agent", "my agent", "-c", "tidings.yaml"], "");
    let settings: Value = serde_json::from_str(&told.out).unwrap();
    for hook in ["SessionStart", "UserPromptSubmit", "PostToolUseFailure", "Notification", "Stop", "SessionEnd"] {
        let own = &settings["hooks"][hook][0]["hooks"][0];
        let command = own["command"].as_str().unwrap();
        assert!(
            own["type"] == "command" && command.contains("hook claude-code --agent 'my agent' --directory /"),
            "{own}"
        );
    }
    // A shell reads it as it was meant.
    let command = settings["hooks"]["Stop"][0]["hooks"][0]["command"].as_str().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir("/").env_remove("TIDINGS_URL");
    let told = call_by(shell, r#"{"hook_event_name": "PermissionRequest"}"#);
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
    assert_eq!(settle(&folder)[0]["agent"], "my agent");
    let told = call(&folder, &["codex", "--print-config"], "");
    assert!(
        told.out.starts_with("notify = [\"/") && told.out.contains("\"hook\", \"codex\", \"--directory\", \"/"),
        "{}",
        told.out
    );
}
