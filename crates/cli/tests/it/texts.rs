//! What people read: problems of a configuration, help, the account.

use crate::{Folder, call, repository};

const WRONG: &str = "\
events:
  sinks:
    - type: webhook
      min_severity: fatal
    - {type: log, events: []}
triggers:
  - name: a
    condition: error_rate > 0.05 &
    channels: [emial]
    colour: red
";

#[test]
fn every_problem_is_told_at_its_place() {
    let folder = Folder::new(&[("c.yaml", WRONG)]);
    let checked = call(&["check", &folder.path("c.yaml")]);
    assert_eq!(checked.code, 2);
    for place in [
        "c.yaml:3:7: events.sinks[0]",
        "c.yaml:4:21: events.sinks[0].min_severity",
        "events.sinks[1].events",
        "c.yaml:8:",
        "triggers[0].channels[0]",
        "c.yaml:10:5: triggers[0]",
    ] {
        assert!(checked.out.contains(place), "{place} in\n{}", checked.out);
    }
    assert!(checked.out.contains("refused: "), "{}", checked.out);
    let json = call(&["check", "--json", &folder.path("c.yaml")]).json();
    assert_eq!(json["ok"], false);
    assert!(json["problems"].as_array().unwrap().len() >= 6, "{json}");
}

#[test]
fn lints_leave_the_exit_code_unless_strict() {
    let config = "triggers: [{name: r, condition: 'a > 1', channels: [log], priority: critical, user_ids: [me]}]";
    let folder = Folder::new(&[("c.yaml", config)]);
    assert_eq!(call(&["check", &folder.path("c.yaml")]).code, 0);
    assert_eq!(call(&["check", "--strict", &folder.path("c.yaml")]).code, 2);
}

#[test]
fn variables_are_left_alone_on_request() {
    let config = "events: {sinks: [{type: webhook, url: 'https://example.com/', secret: '${NO_SUCH_SECRET}'}]}";
    let folder = Folder::new(&[("c.yaml", config)]);
    assert_eq!(call(&["check", &folder.path("c.yaml")]).code, 2);
    assert_eq!(call(&["check", "--no-env", &folder.path("c.yaml")]).code, 0);
}

#[test]
fn an_agents_own_file_is_read_beside_its_other_sections() {
    let agent = "model: gpt-4o\nservers: [{name: x}]\nevents: {sinks: [{type: log, events: [tool.error]}]}\n";
    let folder = Folder::new(&[("agent.superagent", agent)]);
    let path = folder.path("agent.superagent");
    assert_eq!(call(&["check", "--agent-file", &path]).code, 0);
    assert_eq!(call(&["check", &path]).code, 2, "our own file knows no `model`");
}

#[test]
fn the_schema_is_json_and_the_examples_are_good() {
    let schema: serde_json::Value = serde_json::from_str(&call(&["schema"]).out).unwrap();
    assert!(schema["properties"]["triggers"].is_object());
    let example = repository().join("examples/airline/tidings.yaml").display().to_string();
    let checked = call(&["check", &example]);
    assert_eq!(checked.code, 0, "{}", checked.out);
}

#[test]
fn help_names_every_verb() {
    let help = call(&["--help"]);
    assert_eq!(help.code, 0);
    for verb in ["run", "check", "schema", "eval", "emit", "send", "url-check", "redact", "verify"] {
        assert!(help.out.contains(verb), "{verb}");
        assert_eq!(call(&[verb, "--help"]).code, 0, "{verb}");
    }
    assert_eq!(call(&["no-such-verb"]).code, 2);
}

#[test]
fn log_lines_are_redacted_and_each_stays_on_its_line() {
    let config = "events: {sinks: [{type: log, events: [tool.error], logger_name: my.agents}]}";
    let folder = Folder::new(&[("c.yaml", config)]);
    let event = r#"{"event_type":"tool.error","agent_id":"a\nb","data":{"t":"x\ny","password":"hunter2","mail":"bob@example.com"}}"#;
    let arguments = ["run", "--events", "-", "--log", "json", "-c", &folder.path("c.yaml")];
    let ran = crate::call_with_env(&arguments, ("RUST_LOG", "info"), event.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<serde_json::Value> = ran.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Without a rule, the event is told by the log as well.
    assert_eq!(lines.len(), 2, "{}", ran.err);
    let sink = lines.iter().find(|line| line["target"] == "my.agents").unwrap();
    assert_eq!(
        (&sink["level"], &sink["severity"], &sink["agent_id"]),
        (&"ERROR".into(), &"error".into(), &"a b".into())
    );
    for secret in ["hunter2", "bob@example.com"] {
        assert!(!ran.err.contains(secret), "{secret} in {}", ran.err);
    }
}

#[test]
fn with_json_every_answer_is_one_object_on_one_line() {
    let folder = Folder::new(&[("c.yaml", WRONG), ("events.jsonl", "")]);
    let (config, events) = (folder.path("c.yaml"), folder.path("events.jsonl"));
    for (arguments, code) in [
        (&["schema"][..], 0),
        (&["run", "--events", &events], 0),
        (&["run", "--events", &events, "-c", &config], 2),
        (&["run", "--events", "/no/such/file"], 2),
        (&["run"], 2),
        (&["check", &config], 2),
        (&["check", "/no/such/file"], 2),
        (&["eval", "1 +"], 2),
        (&["eval", "true", "--data", "{"], 2),
        (&["emit", ""], 2),
        (&["emit", "x", "--data", "[]"], 2),
        (&["send", " "], 2),
        (&["send", "x", "--channel", "pigeon"], 2),
        (&["url-check", "http://127.0.0.1/"], 1),
        (&["verify", "--header", "x"], 2),
        (&["no-such-verb"], 2),
    ] {
        let called = call(&[arguments, &["--json"]].concat());
        assert_eq!(called.code, code, "{arguments:?}: {}", called.err);
        assert!(called.json().is_object(), "{arguments:?}");
    }
}

#[test]
fn a_lost_answer_is_a_failure_and_a_closed_pipe_is_none() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let lost = crate::command(&["schema"]).stdout(full).output().unwrap();
    assert_eq!(lost.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&lost.stderr).contains("standard output cannot be written"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = crate::command(&["schema"]).stdout(writer).output().unwrap();
    assert_eq!((closed.status.code(), closed.stderr.len()), (Some(0), 0));
}

#[test]
fn a_secret_that_is_no_text_is_not_shown() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = crate::command(&["verify", "--header", "x"]);
    command.env("WEBHOOK_SECRET", std::ffi::OsStr::from_bytes(b"super-secret-\xff"));
    let called: crate::Call = command.output().unwrap().into();
    assert_eq!((called.code, called.err.as_str()), (2, "error: the variable WEBHOOK_SECRET is not UTF-8\n"));
}

#[test]
fn with_json_logs_every_line_is_a_line_of_the_log() {
    let called = crate::call_with_input(
        &["run", "--events", "-", "--log", "json"],
        b"nonsense\n{\"event_type\": \"tool.error\"}",
    );
    assert_eq!(called.code, 0);
    for line in called.err.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(called.err.contains("line 1: not JSON"), "{}", called.err);
}
