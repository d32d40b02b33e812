use proptest::prelude::*;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "so that rows are written as literals")]
fn check(line: Json, expected: Json) {
    assert_eq!(answer(&line, Profile::Tidings), expected, "{line}");
}

#[test]
fn a_case_is_answered_with_its_verdict() {
    check(json!({"id": 1, "expr": "x > 1", "data": {"x": 2}}), json!({"id": 1, "verdict": "fire"}));
    check(json!({"id": "a", "expr": "x > 1", "data": null}), json!({"id": "a", "verdict": "missing"}));
    check(
        json!({"expr": "severity >= 'error' && agent_id == 'a'", "event": {"severity": "critical", "agent_id": "a"}}),
        json!({"id": null, "verdict": "fire"}),
    );
    check(json!({"expr": "x == x", "data": {"x": {"$f64": "NaN"}}}), json!({"id": null, "verdict": "missing"}));
    check(
        json!({"expr": "has(x.y) && x.y > 1e308", "data": {"x": {"y": {"$f64": "Infinity"}}}}),
        json!({"id": null, "verdict": "fire"}),
    );
    check(
        json!({"expr": "true", "rule": {"agent_id": "a"}, "event": {"agent_id": "b"}}),
        json!({"id": null, "verdict": "no"}),
    );
}

#[test]
fn a_refused_condition_has_its_code_and_diagnostics() {
    let refused = answer(&json!({"id": 2, "expr": "severity > 'eror' and x = 1"}), Profile::Tidings);
    assert_eq!(refused["verdict"], json!({"reject": "severity-literal"}));
    assert_eq!(refused["diagnostics"][0]["help"], "did you mean \"error\"?");
    assert_eq!(refused["diagnostics"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer(&json!({}), Profile::Tidings)["verdict"], json!({"reject": "syntax"}));
}

#[test]
fn events_set_the_clock_and_have_a_verdict_each() {
    let events = json!([
        {"t": 0, "agent_id": "a", "data": {"x": 2}},
        {"t": 10, "agent_id": "a", "data": {"x": 2}},
        {"t": 5, "agent_id": "b", "data": {"x": 2}},
        {"tick": 30},
        {"t": 20, "agent_id": "a", "data": {"x": 2}},
        {"t": 31, "agent_id": "a", "data": {"x": "2"}},
    ]);
    check(
        json!({"id": 3, "expr": "x > 1", "rule": {"cooldown_seconds": 30}, "events": events}),
        json!({"id": 3, "verdict": ["fire", "cooldown", "fire", "no", "fire", "error"]}),
    );
}

#[test]
fn the_first_time_sets_the_clock_whatever_it_is() {
    let events = json!([
        {"t": -100, "data": {"x": 2}},
        {"t": -95, "data": {"x": 2}},
        {"t": -90, "data": {"x": 2}},
        {"tick": null, "t": null, "agent_id": null, "severity": null, "data": null},
    ]);
    check(
        json!({"id": 4, "expr": "x > 1", "rule": {"cooldown_seconds": 10, "agent_id": null}, "events": events}),
        json!({"id": 4, "verdict": ["fire", "cooldown", "fire", "missing"]}),
    );
    check(json!({"id": 5, "expr": "x > 1", "events": []}), json!({"id": 5, "verdict": []}));
}

#[test]
fn metadata_has_its_own_doubles() {
    let event = json!({"metadata": {"load": {"$f64": "NaN"}, "peak": {"$f64": "-Infinity"}}});
    check(json!({"expr": "metadata.load > 1", "event": event}), json!({"id": null, "verdict": "missing"}));
    check(json!({"expr": "metadata.peak < 1", "event": event}), json!({"id": null, "verdict": "fire"}));
}

#[test]
fn a_case_of_the_suite_is_answered_with_its_value() {
    let line =
        json!({"file": "f", "section": "s", "name": "n", "expr": "x / 2", "bind": {"x": {"k": "int64", "v": "7"}}});
    let expected = json!({"file": "f", "section": "s", "name": "n", "value": {"k": "int64", "v": "3"}});
    assert_eq!(answer(&line, Profile::Cel), expected);
    let line = json!({"file": "f", "expr": "1 / 0"});
    assert_eq!(
        answer(&line, Profile::Cel),
        json!({"file": "f", "section": null, "name": null, "error": "division by zero (`1 / 0`)"})
    );
    let check =
        |line: Json, key: &str, expected: Json| assert_eq!(answer(&line, Profile::Cel)[key], expected, "{line}");
    check(json!({"name": "n", "expr": "1.0 / 0.0"}), "value", json!({"k": "double", "v": "Infinity"}));
    let bound = json!({"y.z": {"k": "int64", "v": "42"}});
    check(
        json!({"name": "n", "expr": "[{'z': 0}].exists(y, y.z == 0 && .y.z == 42)", "bind": bound}),
        "value",
        json!({"k": "bool", "v": true}),
    );
    check(
        json!({"name": "n", "expr": "[[[[1]]]].all(a, a.all(b, b.all(c, c.all(d, d == 1))))"}),
        "value",
        json!({"k": "bool", "v": true}),
    );
    let line = json!({"id": 4, "expr": "x / 2 == 3", "data": {"x": 7}});
    assert_eq!(answer(&line, Profile::Cel), json!({"id": 4, "verdict": "fire"}));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::sample::select(vec!["x > 1", "x", "a", "*", "NaN", "", "error", "x.map(y, y)"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop::sample::select(vec![
            "id",
            "expr",
            "data",
            "event",
            "rule",
            "events",
            "t",
            "tick",
            "agent_id",
            "severity",
            "cooldown_seconds",
            "bind",
            "x",
            "$f64",
            "k",
            "v",
            "event_type",
            "file",
            "metadata",
            "timestamp",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Json::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_line_is_answered(line in any_json()) {
        prop_assert!(answer(&line, Profile::Tidings).is_object());
        prop_assert!(answer(&line, Profile::Cel).is_object());
    }
}

#[test]
fn a_time_may_be_written_as_text() {
    let line = |time| json!({"expr": "timestamp.getHours('Europe/Zurich') == 22", "event": {"timestamp": time}});
    assert_eq!(answer(&line(json!("2026-01-05T21:30:00Z")), Profile::Tidings)["verdict"], "fire");
    assert_eq!(answer(&line(json!(1_767_648_600)), Profile::Tidings)["verdict"], "fire");
    assert!(answer(&line(json!("yesterday")), Profile::Tidings)["error"].is_string());
}
