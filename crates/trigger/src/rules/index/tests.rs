use serde_json::{Value as Json, json};

use super::*;
use crate::{Condition, Verdict};

/// An index of rules for every agent.
fn index(conditions: &[&str]) -> RuleIndex {
    let mut builder = IndexBuilder::default();
    for (rule, source) in conditions.iter().enumerate() {
        let condition = Condition::compile(source).unwrap();
        let expression = condition.expression();
        builder.insert(rule, &AgentPattern::Any, Some(&expression.root), &expression.paths);
    }
    builder.finish()
}

fn event(data: Json) -> Event {
    Event::new("tool.error").agent("a").data(data)
}

fn touched(index: &mut RuleIndex, data: Json) -> Vec<(usize, Touch)> {
    index.touch(&event(data)).iter().map(|touched| (touched.rule(), touched.touch)).collect()
}

/// Whether the event touches the one rule, and how.
#[expect(clippy::needless_pass_by_value, reason = "so that rows are written as literals")]
fn check(source: &str, data: Json, expected: Option<Touch>) {
    let found = touched(&mut index(&[source]), data.clone());
    assert_eq!(found.first().map(|(_, touch)| *touch), expected, "{source} over {data}");
}

#[test]
fn one_comparison_with_constants_needs_no_evaluation() {
    use Touch::Certain;
    let yes = Some(Certain);
    for (source, data, expected) in [
        ("x > 5", json!({"x": 5.1}), yes),
        ("x > 5", json!({"x": 5}), None),
        ("x >= 5", json!({"x": 5.0}), yes),
        ("5 > x", json!({"x": 4}), yes),
        ("x < -5", json!({"x": -6}), yes),
        ("x <= 60 * 60", json!({"x": 3600}), yes),
        ("x > 5", json!({"x": true}), None),
        ("x > 9007199254740992.0", json!({"x": 9_007_199_254_740_993_i64}), yes),
        ("x > 9223372036854775807", json!({"x": u64::MAX}), yes),
        ("x == 1", json!({"x": true}), yes),
        ("x == true", json!({"x": 1.0}), yes),
        ("x in [1, 2]", json!({"x": true}), None),
        ("x in [1, 'a']", json!({"x": 1.0}), yes),
        ("x in ['a', 'b']", json!({"x": "b"}), yes),
        ("x in ['a', 'b']", json!({"x": "c"}), None),
        ("x == '1'", json!({"x": 1}), None),
        ("x == 0", json!({"x": -0.0}), yes),
        ("not (x > 5)", json!({"x": 5}), yes),
        ("not (x > 5)", json!({}), None),
        ("!(x != 'a')", json!({"x": "a"}), yes),
        ("done", json!({"done": true}), yes),
        ("not done", json!({"done": true}), None),
        ("not done", json!({"done": 0}), None),
        ("x.y.z > 1", json!({"x": {"y": {"z": 2}}}), yes),
        ("x.y.z > 1", json!({"x": {"y": 3}}), None),
        ("x == 'a' || x == 'b' || x in ['c']", json!({"x": "c"}), yes),
        ("event_type == 'tool.error' && x > 1", json!({"x": 2}), Some(Touch::Evaluate)),
        ("event_type == 'tool.start' && x > 1", json!({"x": 2}), None),
        ("severity >= 'error'", json!({}), yes),
        ("severity == 'info' || severity == 'critical'", json!({}), None),
        ("severity in ['error', 'info'] || !(severity < 'critical')", json!({}), yes),
    ] {
        check(source, data, expected);
    }
}

#[test]
fn what_no_posting_can_decide_is_evaluated() {
    use Touch::Evaluate;
    let maybe = Some(Evaluate);
    check("x > 5 || y > 5", json!({}), maybe);
    check("x > y", json!({}), maybe);
    check("x > 5 && y > x", json!({"x": 6}), maybe);
    check("x > 5 && y > x", json!({"x": 4}), None);
    check("xs.exists(x, x > 3)", json!({}), maybe);
    check("x == null", json!({}), maybe);
    check("x != 'a'", json!({}), maybe);
    check("absent(x)", json!({}), maybe);
    check("x ?? 7 > 5", json!({}), maybe);
    check("x ?? 7 > 5 && severity == 'info'", json!({"x": 9}), None);
}

#[test]
fn rules_that_share_a_constant_are_told_apart_by_their_thresholds() {
    let conditions: Vec<String> = (0..1_000).map(|t| format!("event_type == 'tool.error' && rate > {t}")).collect();
    let mut index = index(&conditions.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(touched(&mut index, json!({"rate": 0})), []);
    assert_eq!(touched(&mut index, json!({"rate": 2})), [(0, Touch::Certain), (1, Touch::Certain)]);
    assert_eq!(index.touch(&Event::new("other").data(json!({"rate": 2000}))), []);
}

#[test]
fn the_operand_that_fewest_rules_share_selects() {
    let conditions: Vec<String> =
        (0..100).map(|n| format!("kind == 'k' && calls >= 20 && user == 'u{n}' && rate > {n}")).collect();
    let mut index = index(&conditions.iter().map(String::as_str).collect::<Vec<_>>());
    let many = json!({"kind": "k", "calls": 30, "rate": 1000, "user": "u7"});
    // Three operands were looked at or one: either way nobody else is touched.
    assert_eq!(touched(&mut index, many).iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), [7]);
    let thresholds: Vec<String> = (0..100).map(|n| format!("calls >= 20 && rate > {n}")).collect();
    let mut index = self::index(&thresholds.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(touched(&mut index, json!({"calls": 30, "rate": 1})), [(0, Touch::Evaluate)]);
    let own: Vec<String> = (0..100).map(|n| format!("calls >= {n} && thing{n} > 1")).collect();
    let mut index = self::index(&own.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(touched(&mut index, json!({"calls": 1_000, "thing7": 2})), [(7, Touch::Evaluate)]);
}

#[test]
fn an_event_with_many_keys_and_rules_with_many_paths_meet_on_either_side() {
    let conditions: Vec<String> = (0..500).map(|n| format!("m{n}.value > 1")).collect();
    let mut index = index(&conditions.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(touched(&mut index, json!({"m7": {"value": 2}, "other": 1})), [(7, Touch::Certain)]);
    let all: serde_json::Map<String, Json> = (0..5_000).map(|n| (format!("m{n}"), json!({"value": n % 3}))).collect();
    assert_eq!(touched(&mut index, Json::Object(all)).len(), 166);
    assert_eq!(touched(&mut index, json!({"m7": 3, "m8": null, "m9": {"value": "x"}})), []);
    let account = |rule| index.account(rule, RuleAccount::default());
    assert_eq!((account(7).evaluated, account(7).error, account(7).missing), (3, 1, 0));
    assert_eq!((account(8).error, account(8).missing), (0, 2));
    assert_eq!((account(9).error, account(9).missing, account(9).no), (1, 1, 1));
}

#[test]
fn a_rule_without_a_condition_sees_every_event_of_its_agents() {
    let mut builder = IndexBuilder::default();
    builder.insert(0, &"a*".parse().unwrap(), None, &[]);
    builder.insert(1, &"b".parse().unwrap(), None, &[]);
    let mut index = builder.finish();
    assert_eq!(touched(&mut index, json!({})), [(0, Touch::Evaluate)]);
    assert_eq!(index.touch(&Event::new("t")), []);
}

#[test]
fn a_set_of_no_rules_touches_nothing() {
    assert_eq!(touched(&mut index(&[]), json!({"x": 1})), []);
}

#[test]
fn settled_without_evaluation_one_operand_counts_as_the_evaluator_would() {
    let values = [json!(2), json!(1), json!("2"), json!(null), json!(true), json!([1]), json!({"y": 1}), json!(1.5)];
    let sources = [
        "x > 1",
        "x == 1",
        "x == 'a'",
        "x in ['a', 'b']",
        "x in [1, 'a']",
        "x",
        "not x",
        "x.y > 1",
        "x.y == 'a'",
        "x.y",
    ];
    for source in sources {
        let condition = Condition::compile(source).unwrap();
        let mut index = index(&[source]);
        let mut expected = RuleAccount::default();
        let mut own = RuleAccount::default();
        for data in values.iter().map(|value| json!({"x": value})).chain([json!({})]) {
            let verdict = condition.verdict(&event(data.clone()));
            expected.count(verdict);
            if !touched(&mut index, data).is_empty() {
                own.count(Verdict::Fire);
            }
        }
        assert_eq!(index.account(0, own), expected, "{source}");
    }
}
