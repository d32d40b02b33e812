use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tidings_core::Event;

use crate::{Code, Condition, Verdict};

/// What each warning says and of which part, in the order of the source.
fn warned(source: &str) -> Vec<(Code, &str)> {
    let condition = Condition::compile(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    condition.warnings().iter().map(|warning| (warning.code, &source[warning.span.clone()])).collect()
}

fn check(source: &str, expected: &[(Code, &str)]) {
    assert_eq!(warned(source), expected, "{source}");
}

#[test]
fn thresholds_that_leave_nothing_are_told() {
    let contradicts = |source: &str, part: &str| check(source, &[(Code::Contradiction, part)]);
    contradicts("x > 5 && x < 3", "x < 3");
    contradicts("3 > x && x > 5", "x > 5");
    contradicts("x > 5 && (y > 1 && x < 3)", "x < 3");
    contradicts("(x > 5 && a) && (b && (c && x <= 5))", "x <= 5");
    contradicts("x < 3 && not (y || x < 3)", "x < 3");
    contradicts("x > 5 && not x > 3", "not x > 3");
    contradicts("x == 4 && x > 4", "x > 4");
    contradicts("x > 5 && x == 'a'", "x == 'a'");
    contradicts("event_type == \"a\" && event_type == \"b\"", "event_type == \"b\"");
    contradicts("x in ['a', 'b'] && x != 'a' && x != 'b'", "x != 'b'");
    contradicts("x in [1, 2] && x > 2", "x > 2");
    contradicts("severity > 'error' && severity < 'critical'", "severity < 'critical'");
    contradicts("done && !done", "!done");
    contradicts("done == 1 && done == false", "done == false");
    contradicts("x == null && x > 5", "x > 5");
    contradicts("errors / requests > 0.5 && errors / requests < 0.3", "errors / requests < 0.3");
    contradicts("avg(x, 5m) > 5 && avg(x, 5m) < 3", "avg(x, 5m) < 3");
    contradicts("silent(5m) && !silent(5m)", "!silent(5m)");
    contradicts("xs.exists(x, x > 5 && x < 3)", "x < 3");
    contradicts("x > 5 && (x < 3 || y)", "x < 3");
    contradicts("a ? x > 5 && x < 3 : b", "x < 3");
    contradicts("took > 5m && took < 3m", "took < 3m");
    contradicts("x > 1 && x < 9 && y > 5 && x < 0", "x < 0");
}

#[test]
fn thresholds_that_leave_something_are_fine() {
    for source in [
        "x > 5 && x < 6",
        "x >= 5 && x <= 5",
        "x > 3 || x < 1",
        "x > 5 && y < 3",
        "avg(x, 5m) > 5 && avg(x, 10m) < 3",
        "avg(x, 5m) > 5 && max(x, 5m) < 3",
        "count(x > 5, 5m) > 5 && count(x > 6, 5m) < 3",
        "x != 'a' && x != 'b'",
        "severity >= 'error' && severity < 'critical'",
        "event_type == 'a' || event_type == 'b'",
        "x > 5 || (x <= 5 && y)",
        "x > 5 || x != 'a'",
        "x == true && x == 1",
        "x > 'a' && x < 'b'",
        "x > 9007199254740992 && x < 9007199254740994",
        "x.exists(i, i > 5) && x.exists(i, i < 3)",
        "x < 0 && x > -1 && x != 'a'",
    ] {
        check(source, &[]);
    }
}

#[test]
fn what_is_always_the_same_is_told() {
    check("1 < 2", &[(Code::Constant, "1 < 2")]);
    check("[1, 2].exists(i, i > 1)", &[(Code::Constant, "[1, 2].exists(i, i > 1)")]);
    check("x > 5 || true", &[(Code::Constant, "true")]);
    check("x > 5 && (y || 1 < 2)", &[(Code::Constant, "1 < 2")]);
    check("true ? x : y", &[(Code::Constant, "true")]);
    check("x == x", &[(Code::Constant, "x == x")]);
    check("x != 'a' || x != 'b'", &[(Code::Constant, "x != 'b'")]);
    check("x > 3 || x < 5", &[(Code::Constant, "x < 5")]);
    check("x || !x", &[(Code::Constant, "!x")]);
    check("severity >= 'info'", &[(Code::Constant, "severity >= 'info'")]);
    check("severity > 'critical' || x", &[(Code::Constant, "severity > 'critical'")]);
    check("x in []", &[(Code::Constant, "x in []")]);
    check("xs.exists(x, x > 5)", &[]);
    check("count(5m) >= 3 && silent(5m)", &[]);
    check("has(x) || absent(y)", &[]);
}

#[test]
fn exact_comparisons_of_doubles_are_told() {
    let rounds = |source: &str, side: &str| check(source, &[(Code::DoubleEquality, side)]);
    rounds("x == 0.1", "0.1");
    rounds("0.1 != x", "0.1");
    rounds("a / b == 0.5", "0.5");
    rounds("a / b == c", "a / b");
    rounds("1 == a / b", "a / b");
    rounds("x * 0.1 == y", "x * 0.1");
    rounds("double(x) == y", "double(x)");
    rounds("x in [1, 0.5]", "[1, 0.5]");
    rounds("avg(x, 5m) == 5", "avg(x, 5m)");
    rounds("y != 2 * rate(5m)", "2 * rate(5m)");
    for source in [
        "x == 1",
        "x == 1.0",
        "a / b == 0",
        "double(x) == 3",
        "math.floor(a / b) == 3",
        "a / b > 0.5",
        "count(5m) == 3",
        "max(x, 5m) == 3",
    ] {
        check(source, &[]);
    }
}

#[test]
fn many_thresholds_take_no_time() {
    let list: Vec<String> = (0..900).map(|item| item.to_string()).collect();
    check(&format!("x in [{}] && x > 5", list.join(",")), &[]);
    let chain: Vec<String> = (0..100).map(|item| format!("x != {item}")).collect();
    check(&format!("{} && (x == 1 || x == 2)", chain.join(" && ")), &[]);
}

fn condition() -> impl Strategy<Value = String> {
    let constant = || prop::sample::select(vec!["1", "2", "2.5", "3", "'a'", "'b'", "true", "null"]);
    let operator = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let leaf = prop_oneof![
        8 => (operator, constant()).prop_map(|(operator, constant)| format!("x {operator} {constant}")),
        1 => (constant(), constant()).prop_map(|(one, other)| format!("x in [{one}, {other}]")),
        1 => Just("x".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" && "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" || "))),
            inner.prop_map(|part| format!("!({part})")),
        ]
    })
}

proptest! {
    /// A warning for the whole is a promise: nothing fires, or everything does.
    #[test]
    fn what_is_told_of_the_whole_is_true(source in condition()) {
        let Ok(condition) = Condition::compile(&source) else { return Ok(()) };
        let numbers = [0.0, 1.0, 1.5, 2.0, 2.2, 2.5, 2.7, 3.0, 9.0].map(Json::from);
        let texts = ["", "a", "aa", "b", "c"].map(Json::from);
        let values = numbers.into_iter().chain(texts).chain([json!(true), json!(false), Json::Null]);
        let verdicts: Vec<_> = values.map(|x| condition.verdict(&Event::new("e").data(json!({"x": x})))).collect();
        let flat = !source.contains("||") && !source.contains("!(");
        let told = |code| condition.warnings().iter().any(|warning| warning.code == code);
        if flat && told(Code::Contradiction) {
            prop_assert!(!verdicts.contains(&Verdict::Fire), "{source}");
        }
        // Every constant has its neighbours among the values, so that what never fires in a plain conjunction is told.
        if flat && source.contains("&&") && !verdicts.contains(&Verdict::Fire) {
            prop_assert!(!condition.warnings().is_empty(), "{source}");
        }
        let all_of_one = !source.contains("&&") && !source.contains("!(");
        if all_of_one && condition.warnings().iter().any(|warning| warning.label.starts_with("always true")) {
            prop_assert!(!verdicts.contains(&Verdict::No), "{source}");
        }
    }
}
