//! Counting and cutting against figures, and against a splitter that was written another way.

use proptest::prelude::*;

use super::*;

/// Every character of both tables by its code, as the specification draws them: independent of the list in `alphabet`.
const ROWS: [&str; 8] = [
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
];

/// Builds every part as a list of its characters' units, and looks at the whole only afterwards.
fn slow(text: &str) -> Segments {
    let extended = |c: char| ['\u{c}', '^', '{', '}', '\\', '[', '~', ']', '|', '€'].contains(&c);
    let basic = |c: char| c != '\u{1b}' && ROWS.iter().any(|row| row.chars().any(|other| other == c));
    let gsm = text.chars().all(|c| basic(c) || extended(c));
    let units: Vec<Vec<u16>> = text
        .chars()
        .map(|c| match gsm {
            true if extended(c) => vec![0x1b, 0],
            true => vec![0],
            false => c.encode_utf16(&mut [0; 2]).to_vec(),
        })
        .collect();
    let (single, joined) = if gsm { (160, 153) } else { (70, 67) };
    let mut parts: Vec<Vec<u16>> = vec![Vec::new()];
    for unit in &units {
        let mut last = parts.pop().unwrap();
        if last.len() + unit.len() > joined {
            parts.push(std::mem::take(&mut last));
        }
        last.extend(unit);
        parts.push(last);
    }
    let units = units.concat().len();
    let encoding = if gsm { Encoding::Gsm7 } else { Encoding::Ucs2 };
    Segments { encoding, units, parts: if units <= single { 1 } else { parts.len() } }
}

fn check(text: &str, encoding: Encoding, units: usize, parts: usize) {
    assert_eq!(count(text), Segments { encoding, units, parts }, "{text:?}");
    assert_eq!(slow(text), count(text), "{text:?}");
}

#[test]
fn the_alphabet_is_the_specification_s() {
    for code in 0..=u32::from(char::MAX) {
        let Some(character) = char::from_u32(code) else { continue };
        let basic = ROWS.iter().any(|row| row.contains(character)) && character != '\u{1b}';
        let expected = if basic { Some(1) } else { "\u{c}^{}\\[~]|€".contains(character).then_some(2) };
        assert_eq!(septets(character), expected, "{character:?}");
    }
}

#[test]
fn limits_are_met_to_the_unit() {
    use Encoding::{Gsm7, Ucs2};
    check("", Gsm7, 0, 1);
    for (length, parts) in [(160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
        check(&"a".repeat(length), Gsm7, length, parts);
    }
    for (length, parts) in [(70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)] {
        check(&"ж".repeat(length), Ucs2, length, parts);
    }
    // An extension character is not split: 152 and the pair leave one unit of the first part unused.
    check(&"€".repeat(80), Gsm7, 160, 1);
    check(&"€".repeat(81), Gsm7, 162, 2);
    check(&"€".repeat(152), Gsm7, 304, 2);
    check(&"€".repeat(153), Gsm7, 306, 3);
    check(&format!("{}€{}", "a".repeat(152), "b".repeat(152)), Gsm7, 306, 3);
    check(&format!("{}€{}", "a".repeat(151), "b".repeat(153)), Gsm7, 306, 2);
    // Nor is a surrogate pair: 33 of them and one unit unused.
    check(&"😀".repeat(35), Ucs2, 70, 1);
    check(&"😀".repeat(66), Ucs2, 132, 2);
    check(&"😀".repeat(67), Ucs2, 134, 3);
    check("ç", Ucs2, 1, 1);
    check("\t", Ucs2, 1, 1);
    check("\u{1b}", Ucs2, 1, 1);
    check("`", Ucs2, 1, 1);
}

#[test]
fn a_person_reads_how_much_room_is_left() {
    let check = |text: &str, expected: &str| assert_eq!(count(text).to_string(), expected);
    check("", "1 part (GSM-7, 0 of 160)");
    check(&"a".repeat(180), "2 parts (GSM-7, 180 of 306)");
    check(&"ж".repeat(70), "1 part (UCS-2, 70 of 70)");
    check(&"😀".repeat(36), "2 parts (UCS-2, 72 of 134)");
    // One unit of the first part stays empty, and the last unit opens a third.
    check(&format!("{}€{}", "a".repeat(152), "b".repeat(152)), "3 parts (GSM-7, 306 of 459)");
}

#[test]
fn a_cut_text_keeps_its_encoding_and_fills_its_parts() {
    let check = |text: &str, parts: usize, expected: &str| {
        let (fitted, segments) = fit(text, parts);
        assert_eq!(fitted, expected);
        assert_eq!(segments, count(expected));
    };
    check("as it is", 1, "as it is");
    check("", 0, "");
    check(&"a".repeat(161), 1, &format!("{}...", "a".repeat(157)));
    check(&"a".repeat(307), 2, &format!("{}...", "a".repeat(303)));
    check(&"€".repeat(81), 1, &format!("{}...", "€".repeat(78)));
    check(&"ж".repeat(71), 1, &format!("{}…", "ж".repeat(69)));
    check(&"😀".repeat(70), 2, &format!("{}…", "😀".repeat(66)));
    check(&format!("{} {}", "a".repeat(156), "b".repeat(9)), 1, &format!("{}...", "a".repeat(156)));
    // The one character that would make it UCS-2 stands far behind: more is kept without it.
    check(&format!("{}😀", "a".repeat(200)), 1, &format!("{}...", "a".repeat(157)));
    check(&format!("a😀{}", "b".repeat(200)), 1, &format!("a😀{}…", "b".repeat(66)));
}

#[test]
fn typographic_characters_are_spelt_out_where_that_saves_parts() {
    let check = |text: &str, expected: &str| assert_eq!(economical(text), expected);
    check("plain", "plain");
    check("“a” ‘b’ – c — d… e\u{a0}f\tg", "\"a\" 'b' - c - d... e f g");
    check("it’s 5\u{202f}% − 1", "it's 5 % - 1");
    check("“ж”", "“ж”");
    check(&"…".repeat(70), &"…".repeat(70));
    assert_eq!(spell_out("“ж”…"), "\"ж\"...");
}

/// Characters of every kind, so that parts end in the middle of all of them.
fn text() -> impl Strategy<Value = String> {
    let gsm = prop::sample::select("aZ9 \n@Δü€^[~|\u{c}".chars().collect::<Vec<_>>());
    let any = prop_oneof![8 => gsm.clone(), 1 => any::<char>(), 1 => Just('😀'), 2 => prop::sample::select(vec!['ж', '…', '“'])];
    let dots = prop::collection::vec(prop::sample::select(vec!['…', '–', 'a']), 0..200);
    prop_oneof![
        prop::collection::vec(gsm, 0..700).prop_map(String::from_iter),
        prop::collection::vec(any, 0..400).prop_map(String::from_iter),
        dots.prop_map(String::from_iter),
    ]
}

proptest! {
    #[test]
    fn counting_agrees_with_the_slow_splitter(text in text()) {
        prop_assert_eq!(count(&text), slow(&text));
    }

    #[test]
    fn nothing_is_ever_longer_than_its_cap(text in text(), parts in 0_usize..6) {
        let cap = parts.max(1);
        let (fitted, segments) = fit(&text, parts);
        prop_assert_eq!(segments, slow(&fitted));
        prop_assert!(segments.parts <= cap);
        if slow(&text).parts <= cap {
            prop_assert_eq!(fitted, text);
        } else {
            let kept = fitted.strip_suffix("...").or_else(|| fitted.strip_suffix('…'));
            prop_assert!(text.starts_with(kept.unwrap()));
            prop_assert!(segments.encoding == slow(&text).encoding || segments.encoding == Encoding::Gsm7);
        }
    }

    #[test]
    fn spelling_out_never_costs_more(text in text()) {
        prop_assert!(count(&economical(&text)).parts <= count(&text).parts);
    }
}
