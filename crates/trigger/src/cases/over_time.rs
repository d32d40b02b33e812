//! What rules make of events one after the other, and of time that passes.

use serde_json::{Value, json};

use super::*;

/// Each entry: a second, the data of an event or null for a tick, the verdict.
pub(super) fn check(rule: &str, entries: &[(f64, Value, &str)]) {
    check_rested(rule, 0, entries);
}

pub(super) fn check_rested(rule: &str, cooldown: u64, entries: &[(f64, Value, &str)]) {
    let event = |(second, data, _): &(f64, Value, &str)| match data {
        Value::Null => json!({"tick": second}),
        // A text is short for a type of event.
        Value::String(event_type) => json!({"t": second, "event_type": event_type}),
        data => json!({"t": second, "data": data}),
    };
    let events: Vec<Value> = entries.iter().map(event).collect();
    let line = json!({"expr": rule, "rule": {"cooldown_seconds": cooldown}, "events": events});
    let expected: Vec<&str> = entries.iter().map(|(_, _, verdict)| *verdict).collect();
    assert_eq!(answer(&line, Profile::Tidings)["verdict"], json!(expected), "{rule}");
}

pub(super) fn tick() -> Value {
    Value::Null
}

pub(super) fn x(value: impl Into<Value>) -> Value {
    json!({"x": value.into()})
}

#[test]
fn a_hold_fires_when_it_is_over_and_starts_again_after_a_no() {
    let entries = [
        (0.0, x(2), "pending"),
        (119.0, json!({}), "missing"),
        (120.0, x(2), "fire"),
        (125.0, x("text"), "error"),
        (130.0, x(1), "no"),
        (140.0, x(5), "pending"),
        (259.0, tick(), "pending"),
        (260.0, tick(), "fire"),
        (300.0, tick(), "no"),
        (301.0, x(5), "fire"),
    ];
    check("x > 1 for 2m", &entries);
}

#[test]
fn a_hold_that_is_over_within_the_cooldown_fires_after_it() {
    let entries = [
        (0.0, x(2), "pending"),
        (10.0, tick(), "fire"),
        (20.0, x(2), "cooldown"),
        (30.0, x(0), "no"),
        (31.0, x(2), "pending"),
        (45.0, tick(), "cooldown"),
        (70.0, tick(), "fire"),
    ];
    check_rested("x > 1 for 10s", 60, &entries);
}

#[test]
fn a_firing_is_silent_until_it_is_resolved_once() {
    let entries = [
        (0.0, x(6), "fire"),
        (1.0, x(9), "firing"),
        (2.0, x(4), "firing"),
        (3.0, json!({}), "missing"),
        (4.0, x(1), "resolve"),
        (5.0, x(1), "no"),
        (6.0, x(9), "fire"),
    ];
    check("x > 5 resolve when x < 3", &entries);
    let entries = [
        (0.0, x(6), "fire"),
        (1.0, x(1), "firing"),
        (2.0, x(4), "firing"),
        (3.0, x(1), "firing"),
        (12.0, tick(), "firing"),
        (13.0, tick(), "resolve"),
        (14.0, tick(), "no"),
    ];
    check("x > 5 resolve when x < 3 for 10s", &entries);
    let rested = [(0.0, x(6), "fire"), (1.0, x(1), "resolve"), (2.0, x(6), "cooldown"), (60.0, x(6), "fire")];
    check_rested("x > 5 resolve when x < 3", 60, &rested);
}

#[test]
fn a_silence_fires_once_and_an_event_ends_it() {
    let entries = [
        (0.0, json!({}), "no"),
        (299.0, tick(), "no"),
        (300.0, tick(), "fire"),
        (900.0, tick(), "firing"),
        (901.0, json!({}), "no"),
        (1200.0, tick(), "no"),
        (1201.0, tick(), "fire"),
    ];
    check("silent(5m)", &entries);
    // Counting starts at load.
    check(
        "silent(5m)",
        &[(0.0, tick(), "no"), (300.0, tick(), "fire"), (400.0, tick(), "firing"), (500.0, x(1), "no")],
    );
    // It is judged with the last event.
    let last = |event_type: &str, verdict| {
        check("silent(5m) && event_type != 'done'", &[(0.0, json!(event_type), "no"), (300.0, tick(), verdict)]);
    };
    last("working", "fire");
    last("done", "no");
}

#[test]
fn a_silence_within_the_cooldown_is_told_after_it() {
    let entries = [
        (0.0, x(1), "no"),
        (10.0, tick(), "fire"),
        (20.0, x(1), "no"),
        (30.0, tick(), "cooldown"),
        (69.0, tick(), "cooldown"),
        (70.0, tick(), "fire"),
        (90.0, tick(), "firing"),
    ];
    check_rested("silent(10s)", 60, &entries);
}

#[test]
fn what_is_overdue_holds_from_when_it_was_due() {
    check("silent(5m) for 2m", &[(0.0, x(1), "no"), (419.0, tick(), "pending"), (420.0, tick(), "fire")]);
    check(
        "silent(5m) for 2m",
        &[(0.0, x(1), "no"), (300.0, tick(), "pending"), (350.0, x(1), "no"), (649.0, tick(), "no")],
    );
    let entries = [(0.0, x(9), "fire"), (59.0, tick(), "firing"), (60.0, tick(), "resolve")];
    check("x > 5 resolve when silent(1m)", &entries);
}

#[test]
fn an_absent_path_and_an_unfollowed_event_are_awaited() {
    let entries = [
        (0.0, json!({}), "no"),
        (59.0, json!({}), "no"),
        (60.0, tick(), "fire"),
        (61.0, json!({}), "firing"),
        (62.0, x(1), "no"),
        (63.0, json!({}), "no"),
        (121.0, tick(), "no"),
        (122.0, json!({}), "fire"),
    ];
    check("absent(x, 1m)", &entries);
    let entries = [
        (0.0, json!("a"), "no"),
        (30.0, json!("a"), "no"),
        (60.0, tick(), "fire"),
        (90.0, tick(), "firing"),
        (100.0, json!("b"), "no"),
        (110.0, json!("a"), "no"),
        (120.0, json!("b"), "no"),
        (500.0, tick(), "no"),
    ];
    check("unfollowed(event_type == 'a', event_type == 'b', 1m)", &entries);
}

#[test]
fn windows_end_exactly_and_keep_the_current_event() {
    let entries = [
        (0.0, x(1), "no"),
        (1.0, x(4), "fire"),
        (9.9, json!({}), "fire"),
        (10.0, json!({}), "fire"),
        (11.0, json!({}), "missing"),
    ];
    check("avg(x, 10s) > 2", &entries);
    let entries = [
        (0.0, json!("e"), "no"),
        (1.0, json!("e"), "no"),
        (2.0, json!("x"), "no"),
        (3.0, json!("e"), "fire"),
        (299.0, json!("x"), "fire"),
        (300.0, json!("x"), "no"),
    ];
    check("count(event_type == 'e', 5m) >= 3", &entries);
    check("rate(10s) == 0.2 && count(10s) == 2", &[(0.0, x(1), "no"), (1.0, x(1), "fire")]);
}

#[test]
fn a_late_event_takes_its_place_and_is_judged() {
    let entries = [
        (100.0, x(1), "no"),
        (95.0, x(5), "fire"),
        (90.0, x(50), "fire"),
        (89.0, x(5), "fire"),
        (105.0, json!({}), "no"),
    ];
    check("sum(x, 10s) > 5", &entries);
    check("last(x, 1m) == 1", &[(10.0, x(1), "fire"), (5.0, x(2), "fire")]);
    check("prev(x, 1m) == 2", &[(10.0, x(1), "missing"), (5.0, x(2), "fire")]);
}

#[test]
fn order_and_runs_look_at_earlier_events() {
    let entries =
        [(0.0, json!("a"), "no"), (1.0, json!("b"), "fire"), (9.9, json!("b"), "fire"), (10.0, json!("b"), "no")];
    check("seq(event_type == 'a', event_type == 'b', 10s)", &entries);
    check("seq(event_type == 'a', event_type == 'a', 10s)", &[(0.0, json!("a"), "no"), (1.0, json!("a"), "fire")]);
    let entries = [
        (0.0, json!({"ok": false}), "no"),
        (1.0, json!({"ok": false}), "fire"),
        (2.0, json!({}), "no"),
        (3.0, json!({"ok": false}), "no"),
        (4.0, json!({"ok": false}), "fire"),
    ];
    check("consecutive(ok == false, 2)", &entries);
}

#[test]
fn a_score_needs_a_baseline_without_the_event_itself() {
    let mut entries: Vec<(f64, Value, &str)> =
        (0..8).map(|second| (f64::from(second), x(1 + second % 2), "missing")).collect();
    entries.push((8.0, x(10), "fire"));
    entries.push((9.0, json!({}), "missing"));
    check("zscore(x, 1h) > 3", &entries);
    let mut even: Vec<(f64, Value, &str)> = (0..8).map(|second| (f64::from(second), x(1), "missing")).collect();
    even.push((8.0, x(10), "missing"));
    check("zscore(x, 1h) > 3", &even);
}

#[test]
fn agents_have_histories_of_their_own() {
    let event = |t: i64, agent: &str| json!({"t": t, "agent_id": agent});
    let events = json!([event(0, "a"), event(1, "b"), event(2, "a"), event(3, "b"), event(4, "c")]);
    let line = json!({"expr": "count(1m) == 2", "events": events});
    assert_eq!(answer(&line, Profile::Tidings)["verdict"], json!(["no", "no", "fire", "fire", "no"]));
    let line = json!({"expr": "count(1m) == 2", "rule": {"agent_id": "b"}, "events": events});
    assert_eq!(answer(&line, Profile::Tidings)["verdict"], json!(["no", "no", "no", "fire", "no"]));
}

#[test]
fn an_event_without_a_time_comes_when_the_clock_says() {
    let line = json!({"expr": "count(1m) == 2", "events": [{"t": 100}, {"data": {}}, {"tick": 200}, {}]});
    assert_eq!(answer(&line, Profile::Tidings)["verdict"], json!(["no", "fire", "no", "no"]));
}

#[test]
fn one_event_is_its_whole_history() {
    let line = |expr: &str| json!({"expr": expr, "data": {"x": 2}});
    let verdict = |expr| answer(&line(expr), Profile::Tidings)["verdict"].clone();
    assert_eq!(verdict("avg(x, 5m) == 2 && count(1m) == 1 && distinct(x, 1h) == 1"), "fire");
    assert_eq!(verdict("x > 1 for 2m"), "pending");
    assert_eq!(verdict("silent(5m)"), "no");
    assert_eq!(verdict("delta(x, 5m) > 0"), "missing");
}
