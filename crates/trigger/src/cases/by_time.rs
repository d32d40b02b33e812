//! What time alone changes, and what it does not.

use serde_json::json;

use super::over_time::{check, check_rested, tick, x};

#[test]
fn a_timer_that_an_event_moved_away_fires_nothing() {
    // The timer of the first event comes when the second one has moved it: `x > 5` has fired for itself.
    let entries = [
        (0.0, x(9), "fire"),
        (5.0, x(9), "fire"),
        (10.0, tick(), "no"),
        (14.0, tick(), "no"),
        (15.0, tick(), "fire"),
        (20.0, tick(), "firing"),
    ];
    check("x > 5 || silent(10s)", &entries);
    let entries = [
        (0.0, json!("a"), "fire"),
        (5.0, json!("b"), "fire"),
        (10.0, tick(), "no"),
        (20.0, json!("a"), "fire"),
        (30.0, tick(), "no"),
    ];
    check("!unfollowed(event_type == 'a', event_type == 'b', 10s)", &entries);
    check("!silent(10s)", &[(0.0, x(1), "fire"), (5.0, x(1), "fire"), (10.0, tick(), "no"), (15.0, tick(), "no")]);
}

#[test]
fn what_was_overdue_before_the_firing_resolves_it() {
    let entries =
        [(0.0, x(9), "pending"), (60.0, tick(), "pending"), (120.0, tick(), "fire"), (121.0, tick(), "resolve")];
    check("x > 5 for 2m resolve when silent(1m)", &entries);
    let entries = [(0.0, x(1), "no"), (60.0, x(9), "fire"), (61.0, tick(), "resolve"), (62.0, tick(), "no")];
    check("x > 5 resolve when absent(y, 1m)", &entries);
}

#[test]
fn time_resolves_only_by_what_it_changes() {
    // The last event before the silence met the condition, but came before the firing.
    let entries = [
        (0.0, json!("alive"), "no"),
        (60.0, tick(), "fire"),
        (600.0, tick(), "firing"),
        (601.0, json!("alive"), "resolve"),
    ];
    check("silent(1m) resolve when event_type == 'alive' || absent(y, 10m)", &entries);
    check("silent(1m) || absent(y, 2m) resolve when event_type == 'alive'", &entries);
}

#[test]
fn what_ends_a_firing_is_overdue_since_it_was_due() {
    let entries = [(0.0, x(9), "fire"), (75.0, tick(), "firing"), (90.0, tick(), "resolve")];
    check("x > 5 resolve when silent(1m) for 30s", &entries);
    check("x > 5 resolve when silent(1m) for 30s", &[(0.0, x(9), "fire"), (90.0, tick(), "resolve")]);
}

#[test]
fn an_absence_that_ended_within_the_cooldown_is_not_told_after_it() {
    let entries = [
        (0.0, x(9), "fire"),
        (1.0, json!("a"), "missing"),
        (11.0, tick(), "cooldown"),
        (12.0, json!("b"), "missing"),
        (13.0, tick(), "no"),
        (60.0, tick(), "no"),
    ];
    check_rested("x > 5 || unfollowed(event_type == 'a', event_type == 'b', 10s)", 60, &entries);
}

#[test]
fn the_last_event_does_not_come_before_itself_when_time_has_passed() {
    let rule = "silent(10s) && seq(event_type == 'a', event_type == 'a', 1m)";
    check(rule, &[(0.0, json!("a"), "no"), (10.0, tick(), "no"), (11.0, json!("a"), "no"), (21.0, tick(), "fire")]);
}

#[test]
fn an_agent_that_was_never_seen_has_empty_windows() {
    check("silent(10s) && count(1m) == 0", &[(0.0, tick(), "no"), (10.0, tick(), "fire")]);
    check("silent(10s) && avg(x, 1m) < 5", &[(0.0, tick(), "no"), (10.0, tick(), "no")]);
}

#[test]
fn an_event_ends_a_silence_whatever_else_it_lacks() {
    let entries = [
        (0.0, x(1), "no"),
        (10.0, tick(), "fire"),
        (11.0, json!({}), "missing"),
        (15.0, tick(), "no"),
        (21.0, tick(), "fire"),
        (22.0, x("text"), "error"),
        (32.0, tick(), "fire"),
        (33.0, x(9), "fire"),
    ];
    check("silent(10s) || x > 5", &entries);
}

#[test]
fn an_event_may_ask_and_answer_at_once() {
    let both = json!({"a": true, "b": true});
    check("unfollowed(a, b, 10s)", &[(0.0, both, "no"), (10.0, tick(), "fire")]);
}

#[test]
fn a_hold_may_be_written_with_blanks() {
    check("x > 1 for 1m 30s", &[(0.0, x(2), "pending"), (89.0, tick(), "pending"), (90.0, tick(), "fire")]);
}
