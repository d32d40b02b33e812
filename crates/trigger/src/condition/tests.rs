use serde_json::{Value as Json, json};

use super::*;

fn judge(source: &str, data: Json) -> Result<Verdict, String> {
    let event = Event::new("tool.error").agent("a").at(tidings_core::Timestamp::from_secs(0)).data(data);
    match Condition::compile(source) {
        Ok(condition) => Ok(condition.verdict(&event)),
        Err(problems) => Err(problems.iter().find(|p| p.is_error()).map_or("", |p| p.code.as_str()).to_owned()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "so that rows are written as literals")]
fn check(source: &str, data: Json, expected: Verdict) {
    assert_eq!(judge(source, data.clone()), Ok(expected), "{source} over {data}");
}

fn refused(source: &str, code: &str) {
    assert_eq!(judge(source, json!({})), Err(code.to_owned()), "{source}");
}

#[test]
fn the_bugs_of_the_article_are_none_of_ours() {
    use Verdict::{Error, Fire, No};
    check("ok == False", json!({"ok": true}), No);
    check("ok == false", json!({"ok": false}), Fire);
    check("ok == 0", json!({"ok": false}), Fire);
    check("steps > 2.5", json!({"steps": 3}), Fire);
    check("size > 9", json!({"size": "10"}), Error);
    check("error_rate>0.05", json!({"error_rate": 0.2}), Fire);
    check("error_rate>=0.2", json!({"error_rate": 0.2}), Fire);
}

#[test]
fn missing_is_neither_yes_nor_no() {
    use Verdict::{Error, Fire, Missing, No};
    check("x > 5", json!({}), Missing);
    check("x > 5", json!({"x": null}), Missing);
    check("x.y.z > 5", json!({"x": {"y": null}}), Missing);
    check("x.y > 5", json!({"x": 3}), Error);
    check("x == null", json!({"x": null}), Fire);
    check("x == null", json!({"x": 1}), No);
    check("x == null", json!({}), Missing);
    check("x != null", json!({"x": 1}), Fire);
    check("x != 3", json!({}), Missing);
    check("x / 0 > 1", json!({"x": 1}), Missing);
    check("xs[3] > 1", json!({"xs": [1]}), Missing);
    check("has(x.y)", json!({"x": 3}), No);
    check("has(x)", json!({"x": null}), Fire);
    check("absent(x)", json!({}), Fire);
    check("x ?? 7 > 5", json!({}), Fire);
    check("x ?? 7 > 5", json!({"x": null}), Fire);
    check("(x.y ?? 7) > 5", json!({"x": 1}), Error);
    check("x > 5 ? true : false", json!({}), Missing);
}

/// What is known of an operand, in the order of `&&`: the earlier one wins, but an error beats what is missing.
const OPERANDS: [(&str, Verdict); 4] =
    [("f", Verdict::No), ("z > 1", Verdict::Error), ("y > 1", Verdict::Missing), ("t", Verdict::Fire)];

#[test]
fn logic_is_kleenes_and_commutes() {
    use Verdict::{Error, Fire, Missing, No};
    // y is missing, z > 1 is an error, t is true, f is false.
    let data = || json!({"z": "text", "t": true, "f": false});
    let rank = |order: [Verdict; 4], a, b| order.into_iter().find(|verdict| *verdict == a || *verdict == b).unwrap();
    for (a, left) in OPERANDS {
        for (b, right) in OPERANDS {
            check(&format!("{a} && {b}"), data(), rank([No, Error, Missing, Fire], left, right));
            check(&format!("{a} || {b}"), data(), rank([Fire, Error, Missing, No], left, right));
            for (c, other) in OPERANDS {
                let chosen = match left {
                    Fire => right,
                    No => other,
                    undecided => undecided,
                };
                check(&format!("{a} ? {b} : {c}"), data(), chosen);
            }
        }
        let not = match left {
            Fire => No,
            No => Fire,
            undecided => undecided,
        };
        check(&format!("not {a}"), data(), not);
        check(&format!("!({a})"), data(), not);
    }
    check("f && 5 > y || t", data(), Fire);
}

#[test]
fn a_field_that_the_event_leaves_out_is_absent() {
    use Verdict::{Fire, Missing, No};
    check("user_id != 'u'", json!({}), Missing);
    check("user_id == null", json!({}), Missing);
    check("has(user_id)", json!({}), No);
    check("absent(session_id)", json!({}), Fire);
    check("user_id ?? 'nobody' == 'nobody'", json!({}), Fire);
    check("has(agent_id) && agent_id == 'a'", json!({}), Fire);
    check("metadata.host == 'h'", json!({}), Missing);
}

#[test]
fn numbers_are_compared_by_value() {
    use Verdict::{Error, Fire, No};
    check("x == 9007199254740993", json!({"x": 9_007_199_254_740_992.0}), No);
    check("x > 9223372036854775807", json!({"x": 18_446_744_073_709_551_615_u64}), Fire);
    check("x == 18446744073709551615.0", json!({"x": 18_446_744_073_709_551_615_u64}), No);
    check("errors / requests > 0.05", json!({"errors": 1, "requests": 10}), Fire);
    check("div(x, 2) == 3", json!({"x": 7}), Fire);
    check("x + 1 > 0", json!({"x": i64::MAX}), Error);
    check("x + 0.5 == 1.5", json!({"x": 1}), Fire);
    check("x == 1", json!({"x": true}), Fire);
    check("x != 0", json!({"x": true}), Fire);
    check("x == 'a'", json!({"x": 1}), No);
    check("x % 2 == 1", json!({"x": 1.5}), Error);
    refused("x > 9223372036854775808", "int-range");
    check("x == -9223372036854775808", json!({"x": i64::MIN}), Fire);
}

#[test]
fn severities_are_ranked() {
    use Verdict::{Fire, No};
    check("severity >= 'warning'", json!({}), Fire);
    check("'critical' > severity", json!({}), Fire);
    check("severity == 'error'", json!({}), Fire);
    check("severity in ['error', 'critical']", json!({}), Fire);
    check("severity < data.severity", json!({"severity": "critical"}), Fire);
    check("data.severity == 'x'", json!({"severity": "x"}), Fire);
    check("severity.startsWith('crit')", json!({}), No);
    refused("severity >= 'warn'", "severity-literal");
    refused("severity in ['error', 'crit']", "severity-literal");
    refused("severity > 3", "type");
}

#[test]
fn text_time_and_macros_work() {
    use Verdict::{Fire, Missing, No};
    check("tool.starts_with('se') && tool.matches('^s.a')", json!({"tool": "search"}), Fire);
    check("tool.size() == 2 && size(tool) == 2", json!({"tool": "é✌"}), Fire);
    check("data['a.b'] > 1 && data.`a.b` > 1", json!({"a.b": 2}), Fire);
    check(
        "tools.exists(t, t.name == 'x' && t.ms > limit)",
        json!({"tools": [{"name": "x", "ms": 5}], "limit": 3}),
        Fire,
    );
    check("tools.all(i, t, t > i)", json!({"tools": [1, 2]}), Fire);
    check("tools.filter(t, t > 1).size() == 1", json!({"tools": [1, 2]}), Fire);
    check("tools.exists(t, t > 1)", json!({"tools": [{}, null]}), Verdict::Error);
    check("tools.exists(t, t > 1)", json!({}), Missing);
    check("duration(took) > 1m30s", json!({"took": "2m"}), Fire);
    check("timestamp.getHours('Europe/Zurich') == 1", json!({}), Fire);
    check("timestamp < timestamp('2000-01-01T00:00:00Z') - 1d", json!({}), Fire);
    check("math.greatest(x, 3, 2.5) == 3", json!({"x": 1}), Fire);
    check("x in [1, 2] or 'k' in data", json!({"x": 3, "k": null}), Fire);
    check("x in ['a', 'b']", json!({"x": "c"}), No);
    check("string(x) + '!' == '1!'", json!({"x": 1}), Fire);
}

#[test]
fn what_cannot_work_is_refused_with_a_code() {
    refused("x +", "syntax");
    refused("1 < x < 3", "syntax");
    refused("x > 1 for 2", "syntax");
    refused("x > 1 resolve x < 1", "syntax");
    refused("x > 1 for 32d", "too-long");
    refused("'a' > 1", "type");
    refused("x + 1", "type");
    refused("null", "type");
    refused("agent_id.x == 1", "type");
    refused("x.matches('(')", "regex");
    refused("frobnicate(x)", "unknown-function");
    refused("average(x, 5m) > 1", "unknown-function");
    refused("x.contains()", "type");
    refused("a.exists(x, b.exists(y, c.exists(z, x == z)))", "too-deep");
    refused("a.exists(x, b.exists(y, c.contains(y) && d.matches(x) || e.contains(x) || x.matches(y)))", "cost");
    refused("!x > 5 && 1", "type");
    refused("math.greatest('a', 2) > 1", "type");
    refused("math.least({}) > 1", "type");
    refused("math.greatest(1, [2]) > 1", "type");
    refused(".x > 1", "syntax");
}

#[test]
fn hints_say_what_was_meant() {
    let hint = |source: &str| {
        let problems = match Condition::compile(source) {
            Ok(condition) => condition.warnings().to_vec(),
            Err(problems) => problems,
        };
        problems.into_iter().find_map(|problem| problem.help).unwrap_or_default()
    };
    let check = |source: &str, expected: &str| assert_eq!(hint(source), expected, "{source}");
    check("x.startWith('a')", "did you mean `startsWith`?");
    check("sise(x) > 1", "did you mean `size`?");
    check("avg(x) > 1", "write `avg(latency_ms, 5m)`");
    check("silent(300)", "write `300s` or `300m`");
    check("x > 1 for 120", "write `120s` or `120m`");
    check("startsWith(x, 'a')", "it is a method: write `text.startsWith(...)`");
    check("!a > 5", "for the whole comparison write `!(a > b)` or `not a > b`");
    check("error_rate > '0.05'", "remove the quotes: text never compares with a number");
    check("severity >= 'eror'", "did you mean \"error\"?");
    check("sevrity == 'error'", "did you mean `severity`?");
    check("x > 5 && x < 3", "join them with `||`, or mend one of the thresholds");
    check("x > 5 And y", "write `and`: words are in lower case or upper case");
    check("x > 5%", "for 5 percent write `0.05`");
    check("x == 0.1", "compare with `<` or `>`");
    check("x not in [1]", "write `not x in [...]`");
    check("x > 5 for 2m && y > 3", "write `a && b for 2m`");
    check("x is null", "write `==`, or `!=` for `is not`");
}

#[test]
fn a_condition_tells_what_it_did() {
    let event = Event::new("a").data(json!({"error_rate": 0.2, "tool": "x"}));
    let condition = Condition::compile("error_rate > 0.05  &&  (retries > 3 || tool == 'x')").unwrap();
    assert_eq!(
        condition.summary(&event),
        "error_rate > 0.05 && (retries > 3 || tool == 'x') (error_rate = 0.2, retries = missing, tool = \"x\")"
    );
    let steps: Vec<_> = condition.explain(&event).into_iter().map(|step| (step.depth, step.text)).collect();
    assert_eq!(steps[0].0, 0);
    assert_eq!(steps[1], (1, "error_rate > 0.05".to_owned()));
    assert_eq!(steps[2], (2, "error_rate".to_owned()));
    assert_eq!(condition.reason(&event), None);
    let condition = Condition::compile("avg(error_rate, 5m) > 0.1 for 1m").unwrap();
    assert_eq!(
        condition.summary(&event),
        "avg(error_rate, 5m) > 0.1 for 1m (avg(error_rate, 5m) = 0.2, error_rate = 0.2)"
    );
    let condition = Condition::compile("retries > 3").unwrap();
    assert_eq!(condition.reason(&event).as_deref(), Some("not present (`retries`)"));
}

#[test]
fn functions_over_time_tell_what_they_take_from_the_event() {
    let event = Event::new("a").data(json!({"load": 9, "tools": [1]}));
    let check = |source: &str, expected: &[&str]| {
        let condition = Condition::compile(source).unwrap();
        let steps = condition.explain(&event).into_iter().chain(condition.explain_resolve(&event));
        assert_eq!(steps.map(|step| step.text).collect::<Vec<_>>(), expected, "{source}");
    };
    check("count(load > 5, 5m) > 1", &["count(load > 5, 5m) > 1", "count(load > 5, 5m)", "load > 5", "load"]);
    check("zscore(load, 5m) > 3", &["zscore(load, 5m) > 3", "zscore(load, 5m)", "load"]);
    check("absent(load, 5m)", &["absent(load, 5m)", "load"]);
    check("silent(5m)", &["silent(5m)"]);
    let sequence = "seq(load > 5, load < 2, 5m)";
    check(sequence, &[sequence, "load > 5", "load", "load < 2", "load"]);
    check("true resolve when load < 2", &["true", "load < 2", "load"]);
}

#[test]
fn a_value_of_another_type_is_told_with_the_warnings() {
    let problems = Condition::compile("sevrity + 1").map(|_| ()).unwrap_err();
    let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::Type, Code::UnknownName]);
}
