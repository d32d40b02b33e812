use proptest::prelude::*;

use super::*;

fn print(source: &str) -> String {
    let parsed = parse(source, Profile::Tidings);
    assert_eq!(parsed.problems, [], "{source}");
    parsed.tree.to_string()
}

fn problems(source: &str) -> Vec<(Code, std::ops::Range<usize>, String, String)> {
    let problems = parse(source, Profile::Tidings).problems;
    problems.into_iter().map(|p| (p.code, p.span, p.label, p.help.unwrap_or_default())).collect()
}

#[test]
fn operators_bind_as_in_the_grammar() {
    let check = |source: &str, expected: &str| {
        assert_eq!(print(source), expected, "{source}");
        assert_eq!(print(expected), expected);
    };
    check("a>1&&b>2||c", "a > 1 && b > 2 || c");
    check("(a or b) AND not c > 5", "(a || b) && !(c > 5)");
    check("a ?? b + 1 > c * -2", "a ?? b + 1 > c * -2");
    check("(a - b) - c - (d - e)", "a - b - c - (d - e)");
    check("!a.b[0].c(1, 'x') == -(5)", "!a.b[0].c(1, \"x\") == -(5)");
    check("a ? b : c ? d : e", "a ? b : c ? d : e");
    check("(a ? b : c) ? d : e", "(a ? b : c) ? d : e");
    check("data[\"x\"].`y z`.for", "data[\"x\"].`y z`.for");
    check("{'a': [1, 2,], 3: null}", "{\"a\": [1, 2], 3: null}");
    check("x > 1h30m", "x > 5400000ms");
    check("--5 - -5.0", "--5 - -5.0");
    check("ok == False", "ok == false");
}

#[test]
fn mistakes_are_located_and_explained() {
    let check = |source: &str, span, label: &str, help: &str| {
        assert_eq!(problems(source), [(Code::Syntax, span, label.to_owned(), help.to_owned())], "{source}");
    };
    check("1 < a < 5", 6..7, "comparisons do not chain", "write `a < b && b < c`");
    check("a b", 2..3, "expected an operator", "join two parts with `&&` or `||`");
    check("a >", 3..3, "the condition ends where a value should follow", "");
    check("", 0..0, "an empty condition", "write one, e.g. `error_rate > 0.05`");
    check("a > // why", 3..3, "the condition ends where a value should follow", "");
    check("// why", 0..0, "an empty condition", "write one, e.g. `error_rate > 0.05`");
    check("a > 5% && b", 7..9, "expected a value, found `&&`", "for 5 percent write `0.05`");
    check("(a > 1", 6..6, "expected `)`", "");
    check("a > 1)", 5..6, "a closing bracket without an opening one", "remove it");
    check("a > 1 for", 9..9, "expected a duration after `for`", "write how long, e.g. `for 2m`");
    check("a > 1 for 90", 10..12, "a duration needs a unit", "write `90s` or `90m`");
    check("a > 1 resolve a < 1", 14..15, "expected `when`", "write `resolve when error_rate < 0.01`");
    check("for > 1", 0..3, "`for` is a word of the language", "write `data.for` for a metric of that name");
    check("a == not b", 5..8, "`not` inside of a comparison", "write `!`, or put it in parentheses");
    check("f(a,)", 4..5, "expected an argument after the comma", "remove the comma");
}

#[test]
fn several_mistakes_are_found_in_one_run() {
    let spans: Vec<_> = problems("a = 1 && > 2 || f(,) && c <> 3").into_iter().map(|p| p.1).collect();
    assert!(spans.len() >= 4, "{spans:?}");
}

#[test]
fn hostile_sources_end_at_a_limit() {
    let check = |source: String, code: Code| {
        let found = problems(&source);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, code);
    };
    check("(".repeat(4000), Code::TooDeep);
    check("[".repeat(4000), Code::TooDeep);
    check("-".repeat(4000), Code::TooDeep);
    check("!".repeat(4000), Code::TooDeep);
    check("not ".repeat(1000), Code::TooDeep);
    check("a?b:".repeat(1000), Code::TooDeep);
    check("f(".repeat(2000), Code::TooDeep);
    check("{1:".repeat(1300), Code::TooDeep);
    check(format!("a{}", "+a".repeat(2000)), Code::TooLong);
    check(format!("a{}", "[0]".repeat(1000)), Code::TooLong);
    check("a".repeat(4097), Code::TooLong);
    check(format!("a in [{}0]", "1,".repeat(1024)), Code::TooLong);
    assert_eq!(problems(&format!("a in [{}0]", "1,".repeat(1023))), []);
}

fn tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("data".to_owned()),
        any::<i64>().prop_map(|v| v.to_string()),
        (-1e9f64..1e9).prop_map(|v| format!("{v:?}")),
        "[a-z\"\\\\\n\u{7f}é]{0,6}"
            .prop_map(|t| ExprKind::Literal(crate::syntax::Literal::Text(t.into())))
            .prop_map(|kind| Expr { kind, span: Span::default() }.to_string()),
        Just("90s".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let two = (inner.clone(), inner.clone());
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "<", "==", "in", "??", "&&", "||"]);
        prop_oneof![
            (operator, two.clone()).prop_map(|(operator, (a, b))| format!("({a}) {operator} ({b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("({a}).k.`odd key`")),
            two.clone().prop_map(|(a, b)| format!("({a})[{b}]")),
            two.clone().prop_map(|(a, b)| format!("({a}).f({b}, {a})")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {{{b}: {a}}}]")),
            (inner, two).prop_map(|(a, (b, c))| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

/// The tree without its spans.
fn shape(expr: &Expr) -> String {
    let text = format!("{expr:?}");
    let mut rest = text.as_str();
    let mut shape = String::new();
    while let Some(at) = rest.find("Span {") {
        shape.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
    }
    shape + rest
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(source in "\\PC*") {
        parse(&source, Profile::Tidings);
        parse(&source, Profile::Cel);
    }

    #[test]
    fn any_mix_of_tokens_is_read_without_a_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "&&", "||", "!", "-", "not ", "1", "1h", "'", "\"\"\"",
            "`", "\\", "==", "=", "<", " in ", "for ", "é", "“", "＞", "\n", "//", "r'", "x.f(", "??",
        ]), 0..60)
    ) {
        let source = parts.concat();
        for problem in parse(&source, Profile::Tidings).problems {
            prop_assert!(source.get(problem.span.clone()).is_some(), "{problem:?}");
        }
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_tree(source in tree()) {
        let parsed = parse(&source, Profile::Tidings);
        if parsed.problems.is_empty() {
            let printed = parsed.tree.to_string();
            let again = parse(&printed, Profile::Tidings);
            prop_assert_eq!(&again.problems, &[], "{}", printed);
            prop_assert_eq!(shape(&again.tree), shape(&parsed.tree), "{}", printed);
        }
    }
}
