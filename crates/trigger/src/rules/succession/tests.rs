use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::Event;

use super::*;
use crate::{Condition, FiringKind, RuleState};

fn rule(name: &str, agent_id: &str, condition: &str) -> RuleSpec {
    RuleSpec {
        name: name.to_owned(),
        agent_id: agent_id.parse().unwrap(),
        condition: Condition::compile(condition).unwrap(),
        cooldown: Duration::ZERO,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn set(rules: &[RuleSpec]) -> RuleSet {
    RuleSet::new(rules.to_vec())
}

fn fire(set: &mut RuleSet, second: i64, x: i64) -> Vec<FiringKind> {
    let event = Arc::new(Event::new("test").agent("a").at(at(second)).data(json!({"x": x})));
    set.fire(&event, at(second)).into_iter().map(|firing| firing.kind).collect()
}

fn replace(before: RuleSet, rules: &[RuleSpec], second: i64) -> RuleSet {
    let mut next = set(rules);
    next.take_over(before, at(second));
    next
}

fn until(set: &mut RuleSet, second: i64) -> Vec<(i64, FiringKind)> {
    let mut told = Vec::new();
    while let Some(due) = set.next_due().filter(|due| *due <= at(second)) {
        told.extend(set.tick(due));
    }
    told.into_iter().map(|firing| (firing.at.as_secs(), firing.kind)).collect()
}

#[test]
fn a_hold_goes_on_where_its_condition_does() {
    let check = |condition: &str, expected: &[(i64, FiringKind)]| {
        let mut before = set(&[rule("hold", "*", "x > 1 for 1m")]);
        before.tick(at(0));
        assert_eq!(fire(&mut before, 0, 2), []);
        let mut next = replace(before, &[rule("new", "*", "x > 100"), rule("hold", "*", condition)], 30);
        assert_eq!(until(&mut next, 1_000), expected, "{condition}");
    };
    check("x > 1 for 1m", &[(60, FiringKind::Fire)]);
    check("x>1   for 60s", &[(60, FiringKind::Fire)]);
    check("x > 1 for 2m", &[]);
    check("x > 2 for 1m", &[]);
}

#[test]
fn a_firing_stays_open_for_what_can_end_it() {
    let check = |condition: &str, expected: &[FiringKind], open: usize| {
        let mut before = set(&[rule("open", "*", "x > 1 resolve when x < 1")]);
        before.tick(at(0));
        assert_eq!(fire(&mut before, 0, 2), [FiringKind::Fire]);
        assert_eq!(before.open(), [(0, Some("a"))]);
        let mut next = replace(before, &[rule("open", "*", condition)], 1);
        assert_eq!(next.open().len(), open);
        assert_eq!(fire(&mut next, 2, 0), expected, "{condition}");
        assert_eq!(next.open(), []);
    };
    check("x > 1 resolve when x < 1", &[FiringKind::Resolve], 1);
    check("x > 5 resolve when x < 1", &[FiringKind::Resolve], 1);
    check("x > 5", &[], 0);
}

#[test]
fn a_window_and_a_cooldown_go_on_though_all_else_changes() {
    let rests = |condition: &str| RuleSpec { cooldown: Duration::from_secs(60), ..rule("w", "*", condition) };
    let mut before = set(&[rests("count(x > 0, 1m) >= 2")]);
    assert_eq!(fire(&mut before, 0, 1), []);
    let mut next = replace(before, &[rests("count(x > 0, 1m) >= 2 && x < 9")], 1);
    assert_eq!(fire(&mut next, 10, 1), [FiringKind::Fire], "it counts what came before");
    let mut next = replace(next, &[rests("count(x > 0, 1m) >= 1")], 11);
    assert_eq!(fire(&mut next, 69, 1), [], "it rests by its name");
    assert_eq!(fire(&mut next, 70, 1), [FiringKind::Fire]);
}

#[test]
fn only_what_is_new_is_to_be_looked_for_in_the_past() {
    let check = |new: &[RuleSpec], seconds, events| {
        let before = set(&[rule("a", "*", "count(x > 0, 1m) >= 2"), rule("b", "z", "silent(10s)")]);
        let look_back = set(new).look_back_beyond(&before);
        assert_eq!((look_back.span.as_secs(), look_back.events), (seconds, events));
    };
    check(&[rule("a", "*", "count(x > 0, 1m) >= 2")], 0, 0);
    check(&[rule("other", "q", "count(x > 0, 1m) > 7 && x > 1")], 0, 0);
    check(&[rule("a", "*", "count(x > 0, 2m) >= 2")], 120, 0);
    check(&[rule("a", "*", "count(x > 1, 1m) >= 2")], 60, 0);
    check(&[rule("b", "z", "silent(10s)")], 0, 0);
    check(&[rule("b", "*", "silent(10s)")], 10, 0);
    check(&[rule("c", "*", "consecutive(x > 0, 3)")], 0, 3);
}

#[test]
fn what_is_kept_of_a_rule_goes_only_where_the_rule_is_about_others() {
    let told = |states: Vec<RuleState>| -> Vec<_> {
        states.iter().map(|state| (state.rule().to_owned(), state.key(), state.is_empty())).collect()
    };
    let open = || {
        let mut before = set(&[rule("r", "*", "x > 1 resolve when x < 1")]);
        before.tick(at(0));
        before.changed();
        fire(&mut before, 0, 2);
        assert_eq!(before.changed().len(), 1);
        before
    };
    let mut gone = replace(open(), &[rule("other", "*", "x > 1 for 1m")], 1);
    assert_eq!(told(gone.changed()), [], "it may come back");
    let mut elsewhere = replace(open(), &[rule("r", "z", "x > 1 resolve when x < 1")], 1);
    assert_eq!(told(elsewhere.changed()), [("r".to_owned(), "=a".to_owned(), true)]);
    let mut plain = replace(open(), &[rule("r", "*", "x > 1")], 1);
    assert_eq!(told(plain.changed()), [("r".to_owned(), "=a".to_owned(), true)]);
    let mut same = replace(open(), &[rule("r", "*", "x > 1 resolve when x < 1")], 1);
    assert_eq!(told(same.changed()), []);
}

#[test]
fn what_has_come_is_not_told_again_beside_what_is_new() {
    let own = rule("own", "*", "absent(x, 20s) || y > 2 resolve when y < 1 || silent(1m)");
    let guest = |condition| [own.clone(), rule("guest", "*", condition)];
    let mut before = set(&guest("y > 7 resolve when silent(10s)"));
    before.tick(at(0));
    assert!(before.fire(&Arc::new(Event::new("test").agent("a").at(at(0)).data(json!({}))), at(0)).is_empty());
    assert_eq!(until(&mut before, 90), [(20, FiringKind::Fire), (60, FiringKind::Resolve)]);
    let mut next = replace(before, &guest("silent(10s) for 10s"), 90);
    assert_eq!(until(&mut next, 90), [(20, FiringKind::Fire)]);
}
