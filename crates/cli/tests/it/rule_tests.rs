//! `test`: unit tests of rules, what they tell where they fail, and how the call ends.

use serde_json::json;
use tidings_testkit::guide;

use crate::{Call, Folder, call, repository};

const CONFIG: &str = "
triggers:
  - {name: hot, condition: load > 5, channels: [push, email], user_ids: [ann], cooldown_seconds: 5m, dedup_key: '{{ data.load }}'}
  - {name: still, condition: silent(1m), channels: [log], user_ids: [bob], cooldown_seconds: 0}
  - {name: held, condition: load > 90 for 2m resolve when load < 2, channels: [log], user_ids: [bob]}
channels: {email: {smtp_host: '${NO_SUCH_HOST_OF_OURS}', from: a@example.com, password: '${NO_SUCH_PASSWORD_OF_OURS}'}}
users:
  ann: {email: ann@example.com, timezone: Europe/Zurich}
  bob: {email: bob@example.com}
";

fn run(tests: &str) -> Call {
    let folder = Folder::new(&[("tidings.yaml", CONFIG), ("tests.yaml", tests)]);
    call(&["test", &folder.path("tests.yaml"), "--json"])
}

/// A test with these events and expectations fails so: each failure as `line: expected / came`.
fn fails(events: &str, more: &str, expect: &str, failures: &[&str]) {
    let ran =
        run(&format!("tests:\n  - name: n\n    events: [{events}]\n{more}    until: 1d\n    expect: {{{expect}}}\n"));
    let told = ran.json();
    let list = told["tests"][0]["failures"].as_array().unwrap_or_else(|| panic!("{told} {}", ran.err));
    let text = |failure: &serde_json::Value, key: &str| failure[key].as_str().unwrap().to_owned();
    let came: Vec<_> =
        list.iter().map(|failure| format!("{} / {}", text(failure, "expected"), text(failure, "came"))).collect();
    assert_eq!(came, failures, "{expect}");
    assert_eq!(ran.code, i32::from(!failures.is_empty()));
}

const HOT: &str = "{type: s, agent: a, data: {load: 9}}";

#[test]
fn what_is_as_expected_passes() {
    fails(HOT, "", "firings: [{rule: still, at: 1m}, {rule: hot, agent: a, at: 0s}]", &[]);
    fails(HOT, "", "deliveries: [{at: 0, user: ann, channels: [email, push]}, {at: 1m, user: bob, rule: still}]", &[]);
    fails("", "", "nothing: true", &[]);
}

#[test]
fn a_firing_that_does_not_come_tells_the_nearest() {
    let late = "{type: s, agent: a, at: 2m10s, data: {load: 9}}";
    fails(
        late,
        "",
        "firings: [{rule: hot, at: 2m}, {rule: still, at: 3m10s}]",
        &["`hot` fires at 2m / it fired at 2m10s instead"],
    );
    let twice = "{type: s, agent: a, data: {load: 9}, repeat: {times: 2, every: 30s}}";
    fails(
        twice,
        "",
        "firings: [{rule: hot, at: 0}, {rule: hot, at: 30s}, {rule: still, at: 90s}], suppressed: {cooldown: 2}",
        &[
            "`hot` fires at 30s / the rule was in its cooldown until 5m, since it fired at 0s",
            "cooldown: 2 / cooldown: 1",
        ],
    );
    fails(
        HOT,
        "",
        "firings: [{rule: held, at: 1s}, {rule: hot, agent: b, at: 0s}]",
        &[
            "nothing else / `still` fires for a at 1m",
            "`held` fires at 1s / it never fired: its condition did not hold",
            "`hot` fires for b at 0s / it fired for a",
        ],
    );
    fails(
        HOT,
        "",
        "resolved: [{rule: held, at: 1s}]",
        &["`held` ends at 1s / it never ended: its condition did not hold"],
    );
}

#[test]
fn an_end_is_expected_at_its_moment() {
    let events = "{type: s, agent: a, data: {load: 99}}, {type: s, agent: a, at: 2m30s, data: {load: 1}}";
    fails(events, "", "resolved: [{rule: held, agent: a, at: 2m30s}]", &[]);
    fails(events, "", "resolved: []", &["nothing / `held` ends for a at 2m30s"]);
}

#[test]
fn a_message_that_is_held_tells_by_whom_and_until_when() {
    let more = "    start: 2026-01-05T23:00:00+01:00
    preferences: {ann: {default: {email: false}, quiet_hours: {from: '22:00', to: '07:00'}}}\n";
    fails(
        HOT,
        more,
        "deliveries: [{at: 8h, user: ann, rule: hot, channels: [push]}, {at: 1m, user: bob}], suppressed: {held: 1}",
        &[],
    );
    fails(
        HOT,
        more,
        "deliveries: [{at: 0s, user: ann, rule: hot}, {at: 1m, user: bob}]",
        &[
            "ann is told of `hot` at 0s / it went out at 8h (2026-01-06T06:00:00Z) instead: it was held until 8h (2026-01-06T06:00:00Z) by ann's quiet hours",
        ],
    );
}

#[test]
fn a_message_that_is_not_wanted_or_otherwise_tells_how() {
    let off = "    preferences: {ann: {default: {push: false, email: false}}}\n";
    fails(
        HOT,
        off,
        "deliveries: [{at: 0s, user: ann, rule: hot}, {at: 1m, user: bob}]",
        &[
            "ann is told of `hot` at 0s / what was made was not wanted: push is off by ann's word, email is off by ann's word",
        ],
    );
    fails(
        HOT,
        "",
        "deliveries: [{at: 0s, user: ann, channels: [push], title: warm, body: load, digest: 2}, {at: 1m, user: bob}]",
        &[
            "ann is told of 2 together on push at 0s / it went out on email and push, its title was `hot`, it was no digest",
        ],
    );
    let silence = "    silences: [{rule: hot, until: 1h}]\n";
    fails(
        HOT,
        silence,
        "deliveries: [{at: 0s, user: ann, rule: hot}, {at: 1m, user: bob}], suppressed: {silenced: 1}",
        &["ann is told of `hot` at 0s / what was made was silenced"],
    );
    fails(
        HOT,
        silence,
        "nothing: true",
        &[
            "nothing / `hot` fires for a at 0s",
            "nothing / `still` fires for a at 1m",
            "nothing / bob was told `still` on log at 1m",
        ],
    );
}

#[test]
fn files_that_are_wrong_are_told_whole_and_nothing_is_run() {
    let ran = run("tests: [{name: n, expcet: {}}, {name: m, events: [{type: s, at: -1s}], expect: {nothing: true}}]");
    assert_eq!(ran.code, 2);
    let problems = ran.json()["problems"].clone();
    let told: Vec<_> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["column"].clone(), problem["path"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!(9), json!("tests[0]")),
            (json!(19), json!("tests[0].expcet")),
            (json!(65), json!("tests[1].events[0].at")),
        ]
    );
    let ran = run("tests: [{name: n, expect: {firings: [{rule: hto, at: 1s}]}}]");
    assert_eq!((ran.code, ran.json()["problems"][0]["help"].clone()), (2, json!("did you mean `hot`?")));
    assert_eq!(call(&["test", "/no/such/file.yaml"]).code, 2);
    assert_eq!(call(&["test"]).code, 2);
}

#[test]
fn the_schema_of_tests_is_printed() {
    let schema = call(&["schema", "--tests", "--json"]).json();
    assert_eq!(schema["title"], "Tests of Tidings' rules");
    assert!(schema["properties"]["tests"].is_object());
}

#[test]
fn the_examples_tests_pass() {
    let file = repository().join("examples/airline/tests.yaml").display().to_string();
    let ran = call(&["test", &file]);
    assert_eq!((ran.code, ran.out.lines().last()), (0, Some("6 passed")), "{}{}", ran.out, ran.err);
}

/// What the guide shows is what the binary answers.
#[test]
fn the_page_shows_what_is_told() {
    let page = std::fs::read_to_string(repository().join("docs/guide/testing.md")).unwrap();
    let shown = |label: &str| {
        let (_, behind) = page.split_once(&format!("<!-- file: {label} -->\n```yaml\n")).unwrap();
        behind.split_once("```").unwrap().0.to_owned()
    };
    let (config, tests) = (shown("tidings.yaml"), shown("tests.yaml"));
    let folder = Folder::new(&[("tidings.yaml", config.as_str()), ("tests.yaml", tests.as_str())]);
    let told = |file: &str| call(&["test", file]).out.replace(file, "tests.yaml");
    let file = folder.path("tests.yaml");
    guide::check("testing.md", "passed", &told(&file));
    std::fs::write(&file, tests.replace("at: 9h", "at: 2m")).unwrap();
    guide::check("testing.md", "failed", &told(&file));
}
