//! What holds of every condition, whatever it is and whatever it is asked about.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn leaf() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "b.c",
        "xs",
        "m",
        "s",
        "n",
        "nothing",
        "severity",
        "timestamp",
        "agent_id",
        "data",
        "1",
        "0",
        "-1",
        "2.5",
        "9223372036854775807",
        "-9223372036854775808",
        "1e308",
        "'text'",
        "'é✌'",
        "''",
        "null",
        "true",
        "false",
        "1h30m",
        "-5ms",
        "[1, 'a', null]",
        "{'k': 1}",
        "timestamp('9999-12-31T23:59:59Z')",
        "'error'",
    ])
    .prop_map(str::to_owned)
}

fn source() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        let operators = vec!["+", "-", "*", "/", "%", "<", "<=", "==", "!=", "in", "??", "&&", "||"];
        let unary = vec![
            "!",
            "-",
            "size",
            "int",
            "double",
            "string",
            "bool",
            "duration",
            "timestamp",
            "math.abs",
            "math.round",
            "math.sign",
            "math.greatest",
        ];
        let methods = vec![
            "startsWith",
            "contains",
            "matches",
            "indexOf",
            "lastIndexOf",
            "charAt",
            "substring",
            "split",
            "join",
            "getHours",
            "getFullYear",
            "reverse",
            "trim",
            "upperAscii",
        ];
        let macros = vec!["exists", "all", "exists_one", "filter", "map"];
        prop_oneof![
            (prop::sample::select(operators), inner.clone(), inner.clone())
                .prop_map(|(operator, a, b)| format!("(({a}) {operator} ({b}))")),
            (prop::sample::select(unary), inner.clone()).prop_map(|(function, a)| format!("{function}({a})")),
            (prop::sample::select(methods), inner.clone(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(method, a, rest)| format!("({a}).{method}({})", rest.join(", "))),
            (prop::sample::select(macros), inner.clone(), inner.clone())
                .prop_map(|(name, a, b)| format!("({a}).{name}(v, v == ({b}))")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("(({a}) ? ({b}) : ({c}))")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a})[{b}]")),
        ]
    })
}

fn event() -> Event {
    let data: Json = json!({
        "a": true, "b": {"c": 3}, "xs": [1, 2.5, "x", null, [1]], "m": {"k": 1, "l": null}, "s": "2h", "n": null,
        "u": u64::MAX,
    });
    Event::new("tool.error").at(tidings_core::Timestamp::from_secs(1_700_000_000)).data(data)
}

proptest! {
    #[test]
    fn no_expression_panics_in_either_profile(source in source()) {
        for profile in [Profile::Tidings, Profile::Cel] {
            if let Ok(expression) = Expression::compile(&source, profile) {
                prop_assert!(!expression.explain(&event()).is_empty());
            }
            if let Ok(condition) = Condition::compile_with(&source, profile) {
                let verdict = condition.verdict(&event());
                prop_assert_eq!(condition.reason(&event()).is_some(), matches!(verdict, Verdict::Missing | Verdict::Error));
                prop_assert!(condition.summary(&event()).chars().count() < 1_600);
            }
        }
    }

    #[test]
    fn logic_commutes(a in source(), b in source()) {
        for operator in ["&&", "||"] {
            let forth = Condition::compile(&format!("({a}) {operator} ({b})"));
            let back = Condition::compile(&format!("({b}) {operator} ({a})"));
            prop_assert_eq!(forth.is_ok(), back.is_ok());
            if let (Ok(forth), Ok(back)) = (forth, back) {
                prop_assert_eq!(forth.verdict(&event()), back.verdict(&event()));
            }
        }
    }

    #[test]
    fn the_normal_form_means_the_same(source in source()) {
        if let Ok(condition) = Condition::compile(&source) {
            let again = Condition::compile(&condition.normal_form());
            prop_assert_eq!(again.map(|again| again.verdict(&event())), Ok(condition.verdict(&event())));
        }
    }
}
