use super::*;

fn lex(source: &str) -> (Vec<TokenKind<'_>>, Vec<Diagnostic>) {
    let mut lexer = Lexer::new(source);
    let kinds = std::iter::from_fn(|| Some(lexer.next_token().kind).filter(|kind| *kind != TokenKind::End)).collect();
    (kinds, lexer.problems)
}

#[test]
fn literals_are_read() {
    let check = |source: &str, expected: TokenKind<'_>| assert_eq!(lex(source), (vec![expected], vec![]), "{source}");
    check("42", TokenKind::Int(42));
    check("0x2A", TokenKind::Int(42));
    check(".5", TokenKind::Double(0.5));
    check("0e+0", TokenKind::Double(0.0));
    check("99999999999999999999", TokenKind::Int(u64::MAX));
    check("1h30m", TokenKind::Duration(5_400_000_000_000));
    check("1.5s", TokenKind::Duration(1_500_000_000));
    check("250ms", TokenKind::Duration(250_000_000));
    check("2d", TokenKind::Duration(172_800_000_000_000));
    check(r#""a\tb""#, TokenKind::Text("a\tb".into()));
    check(r#"r"a\tb""#, TokenKind::Text("a\\tb".into()));
    check("'''a'b\n'''", TokenKind::Text("a'b\n".into()));
    check(r"'\u270c\x4a\112'", TokenKind::Text("✌JJ".into()));
    check("`a.b`", TokenKind::Quoted("a.b"));
    check("AND", TokenKind::Symbol(Symbol::And));
    check("größe", TokenKind::Name);
    check("1 // one", TokenKind::Int(1));
}

#[test]
fn what_is_not_in_the_language_is_named() {
    let check = |source: &str, span: std::ops::Range<usize>, label: &str, help: &str| {
        let problems = lex(source).1;
        assert_eq!(problems.len(), 1, "{source}: {problems:?}");
        assert_eq!((problems[0].span.clone(), problems[0].label.as_str()), (span, label), "{source}");
        assert_eq!(problems[0].help.as_deref().unwrap_or_default(), help, "{source}");
    };
    check("a = 5", 2..3, "`=` is not an operator here", "write `==`");
    check("a => 5", 2..4, "`=>` is not an operator here", "write `>=`");
    check("a <> 5", 2..4, "`<>` is not an operator here", "write `!=`");
    check("a & b", 2..3, "`&` is not an operator here", "write `&&`");
    check("a ≥ 5", 2..5, "`≥` is not an operator here", "write `>=`");
    check("a ＞ 5", 2..5, "a full-width character", "write `>`");
    check("a == “b”", 5..12, "typographic quotes", "use straight quotes: \"...\"");
    check("a >＝ 5", 2..6, "a full-width character", "write `>=`");
    check("a > １０", 4..10, "full-width digits", "write `10`");
    check("a > １.５", 4..11, "full-width digits", "write `1.5`");
    check("a > 1０", 4..8, "a number runs into a name", "full-width digits: write `10`");
    check("a > 1_000", 4..9, "a number runs into a name", "digits stand together: `1000`, not `1_000`");
    check("a == “it’s”", 5..17, "typographic quotes", "use straight quotes: \"...\"");
    check("a == ‘b’", 5..12, "typographic quotes", "use straight quotes: \"...\"");
    check("a == \"b”", 5..6, "unterminated string", "close it with `\"`: `”` is another character");
    check("a == 'it's'", 10..11, "unterminated string", "an apostrophe inside of '...' is written `\\'`");
    check("a == 'b\\\nc", 5..6, "unterminated string", "close it with `'`");
    check("a == 'b", 5..6, "unterminated string", "close it with `'`");
    check("a ~ b", 2..3, "unexpected character `~`", "to match a pattern write `text.matches(\"...\")`");
    check("a > 5x", 4..6, "a number runs into a name", "`x` is no unit: durations take ms, s, m, h, d");
    check("a > 1e999", 4..9, "a number beyond the range of a double", "");
    check(r"'\d'", 1..3, "not an escape", "write `\\\\` for a backslash, or a raw string r\"...\" for a pattern");
    check("a ; b", 2..3, "unexpected character `;`", "a condition is one expression; join parts with `&&`");
    check("\u{feff}a", 0..3, "an invisible character, U+FEFF", "");
    check("a \u{202e}> 5", 2..5, "an invisible character, U+202E", "");
    check("a\0", 1..2, "a control character", "");
}

#[test]
fn messages_stay_short_and_visible() {
    let long = format!("1{}", "é".repeat(2000));
    let help = lex(&long).1.remove(0).help.unwrap();
    assert!(help.chars().count() < 120, "{help}");
    assert_eq!(crate::diagnostic::shown("a\u{202e}\n"), "a\u{fffd}\u{fffd}");
}
