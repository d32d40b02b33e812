use super::*;

fn lex(source: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer::new(source);
    let kinds = std::iter::from_fn(|| Some(lexer.next_token()).filter(|kind| *kind != Token::End)).collect();
    (kinds, lexer.problems)
}

#[test]
fn literals_are_read() {
    let check = |source: &str, expected: Token| assert_eq!(lex(source), (vec![expected], vec![]), "{source}");
    check("42", Token::Int(42));
    check("0x2A", Token::Int(42));
    check(".5", Token::Double(0.5));
    check("0e+0", Token::Double(0.0));
    check("99999999999999999999", Token::Int(u64::MAX));
    check("1h30m", Token::Duration(5_400_000_000_000));
    check("1.5s", Token::Duration(1_500_000_000));
    check("250ms", Token::Duration(250_000_000));
    check("2d", Token::Duration(172_800_000_000_000));
    check("`a.b`", Token::Quoted);
    check("AND", Token::Symbol(Symbol::And));
    check("größe", Token::Name);
    check("1 // one", Token::Int(1));
}

#[test]
fn texts_are_read() {
    let check = |source: &str, expected: &str| {
        let mut lexer = Lexer::new(source);
        assert_eq!((lexer.next_token(), &*lexer.text), (Token::Text, expected), "{source}");
        assert_eq!((lexer.next_token(), &lexer.problems[..]), (Token::End, &[][..]), "{source}");
    };
    check(r#""a\tb""#, "a\tb");
    check(r#"r"a\tb""#, "a\\tb");
    check("'''a'b\n'''", "a'b\n");
    check(r"'\u270c\x4a\112'", "✌JJ");
    check("''''a\"''b'''", "'a\"''b");
    check(r"'\'\''", "''");
    check(r"'é\n—'", "é\n—");
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
