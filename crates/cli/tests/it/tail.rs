//! `tail`: entries as they come, and completions.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::Value;

use crate::{call, command, daemon::Running};

#[test]
fn what_happens_is_told_while_it_happens() {
    let running = Running::start(&[], &[]);
    assert_eq!(running.call(&["emit", "tool.error", "--agent", "early", "--json"]).code, 0);
    let arguments = ["tail", "--json", "--step", "planned", "--step", "delivered", "--user", "me"];
    let mut tail = command(&arguments);
    let tail = tail.current_dir(running.folder.path("")).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = tail.stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let told = |entry: &Value| (entry["step"].as_str().unwrap().to_owned(), entry["agent"].as_str().map(str::to_owned));
    let check = |entry: Value, step: &str, agent: &str| {
        assert_eq!(told(&entry), (step.to_owned(), Some(agent.to_owned())), "{entry}");
    };
    check(next(), "planned", "early");
    check(next(), "delivered", "early");
    assert_eq!(running.call(&["emit", "tool.error", "--agent", "late", "--json"]).code, 0);
    check(next(), "planned", "late");
    check(next(), "delivered", "late");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_store_that_is_not_there_has_no_tail() {
    let told = call(&["tail", "--store", "/nowhere/tidings.db"]);
    assert!(told.code == 2 && told.err.contains("there is no store at"), "{}", told.err);
}

#[test]
fn every_shell_gets_its_completions() {
    for (shell, part) in [("bash", "complete -F"), ("zsh", "#compdef tidings"), ("fish", "complete -c tidings")] {
        let told = call(&["completions", shell]);
        assert!(told.code == 0 && told.out.contains(part) && told.out.contains("channels"), "{shell}");
    }
    assert_eq!(call(&["completions", "cmd"]).code, 2);
}
