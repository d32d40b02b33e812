//! What the same functions are in the language's own profile: missing spreads, and types are checked at load.

use serde_json::json;
use tidings_core::Event;
use tidings_trigger::{Code, Condition};

/// Checks the verdict over one event's data, or the code of the first problem at load.
fn check(condition: &str, expected: &str) {
    let data = json!({
        "flags": 5, "big": u64::MAX, "rate": 2.25, "text": "a\"b", "nothing": null, "parts": ["x", 1, null], "whole": 4.0,
        "strings": ["a"], "math": "text", "map": {"b": 1, "a": [1.5]},
    });
    let told = match Condition::compile(condition) {
        Ok(compiled) => format!("{:?}", compiled.verdict(&Event::new("a").data(data))),
        Err(problems) => {
            format!("{:?}", problems.iter().find(|problem| problem.is_error()).map(|problem| problem.code))
        }
    };
    assert_eq!(told, expected, "{condition}");
}

#[test]
fn missing_spreads() {
    check("math.bitAnd(flags, 4) == 4", "Fire");
    check("math.bit_and(flags, absent_one) == 4", "Missing");
    check("math.bitNot(nothing) == 4", "Missing");
    check("math.bitAnd(nothing, flags) == 4", "Missing");
    check("math.bitShiftLeft(flags, flags - 6) == 4", "Error");
    check("math.bitAnd(whole, 4) == 4", "Error");
    check("math.sqrt(rate) == 1.5", "Fire");
    check("math.sqrt(-rate) > 0", "Missing");
    check("math.sqrt(text) > 0", "Error");
    check(r#"strings.quote(text) == '"a\\"b"'"#, "Fire");
    check("strings.quote(nothing) == ''", "Missing");
    check("strings.quote(flags) == ''", "Error");
    check("'%s: %d'.format([text, flags]) == 'a\"b: 5'", "Fire");
    check("'%s'.format([severity]) == 'info'", "Fire");
    check("'%s %s'.format([map, 90s]) == '{a: [1.5], b: 1} 90s'", "Fire");
    check("'%s'.format([absent_one]) == ''", "Missing");
    check("'%s %d %s'.format(parts) == 'x 1 null'", "Fire");
    check("'%s %d %d'.format(parts) == ''", "Missing");
    check("'%s %d %s %s'.format(parts) == ''", "Missing");
    check("'%d'.format(parts) == ''", "Error");
    check("'%a'.format(parts) == ''", "Error");
    check("nothing.format(parts) == ''", "Missing");
    check("'%s'.format(nothing) == ''", "Missing");
    check("text.format(flags) == ''", "Error");
}

#[test]
fn an_integer_beyond_the_signed_range_has_no_sign() {
    check("math.bitAnd(big, -1) == big", "Fire");
    check("math.bitNot(big) == 0", "Fire");
    check("math.bitShiftRight(big, 63) == 1", "Fire");
    check("math.bitShiftLeft(big, 64) == 0", "Fire");
    check("math.bitShiftLeft(1, big) == 0", "Fire");
    check("math.bitXor(big, 1) == big - 1", "Fire");
    check("'%x %d'.format([big, big]) == 'ffffffffffffffff 18446744073709551615'", "Fire");
}

#[test]
fn types_are_checked_at_load() {
    let refused = |code: Code| format!("{:?}", Some(code));
    check("math.bitAnd(1.5, 2) == 1", &refused(Code::Type));
    check("math.bitAnd(1) == 1", &refused(Code::Type));
    check("math.sqrt('4') == 2", &refused(Code::Type));
    check("'%d'.format(1) == '1'", &refused(Code::Type));
    check("strings.quote(1) == '1'", &refused(Code::Type));
    check("strings.quot('a') == 'a'", &refused(Code::UnknownFunction));
    check("math.quote('a') == 'a'", &refused(Code::UnknownFunction));
    check("math.format(['a']) == 'text'", "Fire");
    check("math.bitAnd(1, 2)", &refused(Code::Type));
}

#[test]
fn a_metric_may_have_the_name_of_a_namespace() {
    check("strings.size() == 1", "Fire");
    check("strings.join() == 'a'", "Fire");
    check("strings[0] == 'a' && 'a' in strings", "Fire");
    check("strings.exists(s, s == 'a')", "Fire");
    check("math.startsWith('te')", "Fire");
}

#[test]
fn hints_name_the_namespace() {
    let help = |condition: &str| {
        let problems = Condition::compile(condition).expect_err("it is refused");
        problems.into_iter().find_map(|problem| problem.help).unwrap_or_default()
    };
    assert_eq!(help("quote(text) == ''"), "write `strings.quote(...)`");
    assert_eq!(help("sqrt(x) > 2"), "write `math.sqrt(...)`");
    assert_eq!(help("strings.quot(text) == ''"), "did you mean `quote`?");
    assert_eq!(help("math.bitand(x, 1) == 1"), "did you mean `bitAnd`?");
    assert_eq!(help("text.formt([1]) == ''"), "did you mean `format`?");
}

#[test]
fn a_text_that_grows_too_long_is_too_much_work() {
    let long = "x".repeat(200);
    check(&format!("'%s%s%s%s'.format([{}]) == ''", vec![format!("'{long}'"); 4].join(", ")), "No");
    check("'%.1000f %.1000f'.format([1e308, rate]) == ''", "No");
    let grown = "'xxxxxxxx'".to_owned() + &".replace('x', 'xxxxxxxx')".repeat(6);
    check(&format!("'%s%s%s%s'.format([{grown}, {grown}, {grown}, {grown}]) == ''"), "Error");
}

#[test]
fn a_value_that_holds_itself_many_times_is_too_much_work() {
    for grows in [
        ".map(a, [a, a])",
        ".map(a, {'x': a, 'y': a})",
        ".map(a, [1, 2].map(i, a))",
        ".map(a, [1, 2].transformMap(i, v, a))",
    ] {
        let doubled = "[1]".to_owned() + &grows.repeat(40);
        check(&format!("'%s'.format({doubled}) == ''"), "Error");
        check(&format!("{doubled} == 1"), "Error");
        check(&format!("size({doubled}) == 1"), "Error");
    }
    check("size([1, 2].map(a, [a, a]).map(a, [a, a]).map(a, {'x': a})) == 2", "Fire");
}
