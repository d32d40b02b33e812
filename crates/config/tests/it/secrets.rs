//! Secrets: files that hold them, and that nothing ever shows one.

use std::{fs, path::Path};

use secrecy::ExposeSecret;
use tidings_config::{Options, Plan, Problem, SinkKind, load, load_file};

use crate::{options, problems};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn with_file(folder: &Path, name: &str) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
    let text = format!("events: {{sinks: [{{type: webhook, url: 'https://a.example.com', secret_file: {name}}}]}}");
    load(&text, &Options { folder: Some(folder), ..options() })
}

#[test]
fn a_secret_file_is_read_without_its_line_break() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), format!("{KEY}\r\n")).unwrap();
    let (plan, _) = with_file(folder.path(), "key").unwrap();
    let SinkKind::Webhook(webhook) = &plan.sinks[0].kind else { panic!("a webhook") };
    assert_eq!(webhook.secret.as_ref().unwrap().expose_secret(), KEY);
    assert!(!format!("{plan:?}").contains("MfKQ9"));
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_everyone_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, KEY).unwrap();
    for (mode, count) in [(0o600, 0), (0o640, 0), (0o644, 1)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(with_file(folder.path(), "key").unwrap().1.len(), count, "{mode:o}");
    }
}

#[test]
fn a_bad_secret_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empty"), "\n").unwrap();
    fs::write(folder.path().join("binary"), [0xff, 0xfe]).unwrap();
    fs::write(folder.path().join("huge"), "x".repeat(100_000)).unwrap();
    for (name, part) in [
        ("empty", "empty"),
        ("binary", "UTF-8"),
        ("huge", "larger"),
        ("nowhere", "cannot be read"),
        (".", "not a file"),
    ] {
        let problems = with_file(folder.path(), name).unwrap_err();
        let told = |problem: &Problem| problem.message.contains(part) && problem.path == "events.sinks[0].secret_file";
        assert!(problems.iter().any(told), "{name}: {problems:?}");
    }
}

#[test]
fn a_file_is_read_beside_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.yaml");
    fs::write(folder.path().join("key"), KEY).unwrap();
    fs::write(&path, "events: {sinks: [{type: webhook, url: 'https://a.example.com', secret_file: key}]}").unwrap();
    assert!(load_file(&path, &options()).is_ok());
    fs::write(&path, b"a: 1\nb: \xff").unwrap();
    let problems = load_file(&path, &options()).unwrap_err();
    assert_eq!(problems[0].to_string(), format!("{}:2:4: is not UTF-8", path.display()));
    assert!(load_file(&folder.path().join("nowhere"), &options()).is_err());
    assert!(load_file(folder.path(), &options()).is_err());
}

#[test]
fn no_problem_shows_a_wrong_value() {
    let secret = "hunter2hunter2";
    for place in [
        "secret: [S]",
        "secret: {S: S}",
        "max_retries: S",
        "retry_delay: S",
        "redact_sensitive: S",
        "headers: S",
        "headers: [S]",
        "allow_private_networks: S",
        "secret: whsec_S",
        "url: S",
        "secret_file: [S]",
        "events: S",
        "secret:S",
        "template: {a: S}",
        "secret: !!int S",
        "events: [!!float S]",
        "secret S",
        "secret=S",
        "sekret S",
    ] {
        let keys = place.replace('S', secret);
        let keys = keys.replacen(&format!("secret:{secret}"), &format!("'secret:{secret}': "), 1);
        let text = format!("events: {{sinks: [{{type: webhook, {keys}}}]}}");
        for line in problems(&text) {
            let allowed = place.starts_with("secret: {") && line.contains("unknown key");
            assert!(allowed || !line.contains(secret), "{place}: {line}");
        }
    }
}

#[test]
fn no_problem_shows_what_a_variable_holds() {
    let secret = "hunter2hunter2";
    let variables = |name: &str| (name == "SECRET").then(|| secret.to_owned());
    let options = Options { environment: tidings_config::Environment::Given(&variables), ..options() };
    for (place, expected) in [
        ("events: {sinks: [{type: '${SECRET}'}]}", "unknown sink type `…`"),
        ("events: {sinks: [{type: log, events: ['${SECRET} x']}]}", "`… x` is no event name"),
        ("events: {sinks: [{type: log, min_severity: 'a ${SECRET}'}]}", "unknown severity `a …`"),
        ("triggers: [{name: r, condition: 'x > 1', channels: ['${SECRET}']}]", "unknown channel `…`"),
        ("triggers: [{name: r, condition: 'x > > ${SECRET}', channels: [log]}]", "expected a value, found `>`"),
        ("triggers: [{name: r, condition: 'x > 1', channels: [log], title: '{{ ${SECRET} }}'}]", "unknown name `…`"),
        ("triggers: [{name: r, condition: 'x > 1', channels: [log], priority: '${SECRET}'}]", "unknown priority `…`"),
    ] {
        let problems = load(place, &options).unwrap_err();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.contains(expected)), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains(secret)), "{lines:#?}");
    }
}
