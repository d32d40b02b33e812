//! The characters of the GSM 7-bit default alphabet and of its extension table, and how typographic ones are spelt with them. Source:
//! 3GPP TS 23.038, section 6.2.1.

use std::borrow::Cow;

/// The default alphabet without ASCII letters and digits: those are all in it.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// The extension table: an escape goes before each of these.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many septets the character takes; `None` where the alphabet does not have it.
pub(super) fn septets(character: char) -> Option<usize> {
    if character.is_ascii_alphanumeric() || DEFAULT.contains(character) {
        Some(1)
    } else if EXTENSION.contains(character) {
        Some(2)
    } else {
        None
    }
}

/// How a typographic character is written where only the alphabet is at hand; `None` for one that has no such spelling.
const fn spelling(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2033}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => " ",
        // Neither is seen: a soft hyphen, and blanks without a width.
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    })
}

/// The text with plain quotes, dashes, dots and blanks in place of typographic ones; everything else stays.
#[must_use]
pub fn spell_out(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| spelling(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match spelling(character) {
            Some(spelling) => plain.push_str(spelling),
            None => plain.push(character),
        }
    }
    Cow::Owned(plain)
}
