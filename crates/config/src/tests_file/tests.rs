use std::fmt::Write;

use super::*;

fn reads(text: &str) -> TestsFile {
    TestsFile::read(text, "t.yaml").unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The file is refused with these problems and no others, in this order.
fn refused(text: &str, expected: &[&str]) {
    let problems = TestsFile::read(text, "t.yaml").map(|_| ()).expect_err(text);
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn a_test_is_read_with_its_times() {
    let file = reads(
        "config: a.yaml
tests:
  - name: one
    start: 2026-01-05T23:30:00+01:00
    events:
      - {at: 10s, type: tool.error, agent: a, data: {n: 1, l: [a, null], t: '${X}'}, repeat: {times: 3, every: 20s}}
      - {type: x.y, severity: critical}
    silences: [{rule: r, until: 5m}]
    preferences: {ann: {default: {push: false}}}
    expect:
      firings: [{rule: r, agent: a, at: 2m}]
      deliveries: [{at: 2026-01-06T07:00:00Z, user: ann, channels: [push, email, push], digest: 2}]
      suppressed: {cooldown: 3}
",
    );
    let test = &file.tests[0];
    let start = Timestamp::from_secs(1_767_652_200);
    assert_eq!((test.start, file.config.as_deref()), (start, Some(Path::new("a.yaml"))));
    let events = test.events();
    let after: Vec<_> = events.iter().map(|event| event.timestamp.since(start).as_secs()).collect();
    assert_eq!(after, [0, 10, 30, 50]);
    assert_eq!(serde_json::Value::from(events[1].data.clone()), json!({"n": 1, "l": ["a", null], "t": "${X}"}));
    let delivery = &test.expect.deliveries.as_ref().unwrap().items[0];
    assert_eq!(delivery.what.at, Timestamp::from_secs(1_767_682_800));
    assert_eq!(delivery.what.channels.as_deref(), Some(["email".to_owned(), "push".to_owned()].as_slice()));
    assert_eq!((delivery.place.position.line, delivery.place.path.as_str()), (12, "tests[0].expect.deliveries[0]"));
    assert_eq!(test.until, delivery.what.at, "it lasts until the last moment that something is said about");
    assert_eq!(test.silences[0].until, start + Duration::from_secs(300));
    assert_eq!(test.expect.suppressed[0].what, (Mechanism::Cooldown, 3));
    assert!(test.expect.resolved.is_none());
}

#[test]
fn by_default_it_is_monday_morning() {
    let file = reads("tests: [{name: n, events: [{type: a}], expect: {nothing: true}}]");
    assert_eq!(
        file.tests[0].start,
        "2026-01-05T09:00:00Z".parse::<jiff::Timestamp>().map(|t| Timestamp::from_secs(t.as_second())).unwrap()
    );
    assert!(file.tests[0].expect.deliveries.as_ref().unwrap().items.is_empty());
}

#[test]
fn every_problem_is_told_at_once() {
    refused(
        "tests:
  - name: a
    events: [{tpye: x, at: 1s}, {type: x, at: soon}, {type: '', severity: loud}]
    expect: {firngs: []}
  - name: a
    until: 1m
    events: [{type: x, repeat: {times: 0, every: 1s}}, {type: y, repeat: {times: 2}}]
    preferences: {ann: {default: {push: maybe}, agnts: {}}}
    silences: [{until: 1m}]
    expect: {nothing: true, firings: [{rule: r, at: 2m}], deliveries: [{user: u, at: 1s, channels: []}]}
  - {name: c, start: noon, expect: {}}
",
        &[
            "t.yaml:3:14: tests[0].events[0]: `type` is missing; say what happens: `type: tool.error`",
            "t.yaml:3:15: tests[0].events[0].tpye: unknown key `tpye`; did you mean `type`?",
            "t.yaml:3:47: tests[0].events[1].at: expected a duration from the start such as 30s or 1h30m, or a time such as 2026-01-05T22:00:00Z; a time stands with its zone: Z or +01:00",
            "t.yaml:3:54: tests[0].events[2]: `event_type` must be 1 to 256 bytes without control characters",
            "t.yaml:3:75: tests[0].events[2].severity: unknown severity `loud`; known are info, warning, error, critical",
            "t.yaml:4:5: tests[0].expect: expects nothing that could fail; list `firings`, `resolved` or `deliveries`, or write `nothing: true`",
            "t.yaml:4:14: tests[0].expect.firngs: unknown key `firngs`; did you mean `firings`?",
            "t.yaml:5:11: tests[1].name: the test in line 2 is called `a` too; rename one of them",
            "t.yaml:7:40: tests[1].events[0].repeat.times: must be at least 1; take the event away instead",
            "t.yaml:7:74: tests[1].events[1].repeat: `every` is missing; say how far they are apart: `every: 10s`",
            "t.yaml:8:41: tests[1].preferences.ann.default.push: expected true or false",
            "t.yaml:8:49: tests[1].preferences.ann.agnts: unknown key `agnts`; did you mean `agents`?",
            "t.yaml:9:16: tests[1].silences[0]: matches nothing in particular, and would silence everything; name an agent, a rule, an event_type or a user",
            "t.yaml:10:14: tests[1].expect.nothing: `nothing` stands beside a list; keep one of them",
            "t.yaml:10:100: tests[1].expect.deliveries[0].channels: a message goes to at least one channel; leave it out for any",
            "t.yaml:11:22: tests[2].start: expected a time such as 2026-01-05T09:00:00Z, or Unix seconds; a time stands with its zone: Z or +01:00",
            "t.yaml:11:28: tests[2].expect: expects nothing that could fail; list `firings`, `resolved` or `deliveries`, or write `nothing: true`",
        ],
    );
}

#[test]
fn hostile_files_are_refused_and_cost_little() {
    refused("", &["t.yaml:1:1: the file has no test; add `tests: [{name: ..., events: [...], expect: {...}}]`"]);
    refused("tests: 5", &["t.yaml:1:8: tests: expected a list, not a number"]);
    let many = "tests: [{name: n, events: [{type: a, repeat: {times: 18000000000000000000, every: 1s}}], expect: {nothing: true}}]";
    assert!(TestsFile::read(many, "t").is_err());
    let late = "tests: [{name: n, until: 1m, events: [], expect: {firings: [{rule: r, at: 2m}]}}]";
    refused(late, &["t.yaml:1:61: tests[0].expect.firings[0]: is expected after the test's end; let `until` be later"]);
    let early = "tests: [{name: n, expect: {firings: [{rule: r, at: 2020-01-01T00:00:00Z}]}}]";
    refused(
        early,
        &[
            "t.yaml:1:52: tests[0].expect.firings[0].at: is before the test's start; set `start:`, or write how long after it",
        ],
    );
    let mut deep = String::from("tests: ");
    (0..200).for_each(|_| write!(deep, "[").unwrap());
    assert!(TestsFile::read(&deep, "t").is_err());
}

#[test]
fn what_the_config_does_not_know_is_told() {
    let config = "triggers: [{name: hot, condition: x > 1, channels: [log], user_ids: [ann]}]";
    let (plan, _) = crate::load(config, &crate::Options::default()).unwrap();
    let file = reads(
        "tests:
  - name: n
    silences: [{rule: hit, until: 1m}]
    expect:
      firings: [{rule: hto, at: 1s}]
      deliveries: [{user: anna, rule: hot, channels: [lgo], at: 1s}]
",
    );
    let told: Vec<_> = file.unknown_names(&plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "t.yaml:2:5: tests[0].silences[0]: the config knows no rule `hit`; did you mean `hot`?",
            "t.yaml:5:17: tests[0].expect.firings[0]: the config knows no rule `hto`; did you mean `hot`?",
            "t.yaml:6:20: tests[0].expect.deliveries[0]: the config knows no user `anna`; did you mean `ann`?",
            "t.yaml:6:20: tests[0].expect.deliveries[0]: the config knows no channel `lgo`; did you mean `log`?",
        ]
    );
}

#[test]
fn the_schema_names_every_key() {
    let text = schema().to_string();
    for key in ["config", "tests", "expect", "suppressed", "summed_up", "repeat", "preferences"] {
        assert!(text.contains(&format!("\"{key}\"")), "{key}");
    }
}
