//! Cuts a text to a number of parts. An ellipsis tells that it was cut, and never changes the encoding.

use super::{Encoding, Packed, Segments, count, septets};

/// The text in at most this many parts (at least one), cut behind a whole character where it is longer.
///
/// What is cut ends in `...`, which GSM-7 has, or in `…` where the text needs UCS-2 anyway. A text that needs UCS-2 only far behind may
/// keep more in GSM-7, cut before the first character that needs it: the longer one is given.
#[must_use]
pub fn fit(text: &str, parts: usize) -> (String, Segments) {
    let (parts, whole) = (parts.max(1), count(text));
    if whole.parts <= parts {
        return (text.to_owned(), whole);
    }
    let plain = cut(before_ucs2(text), Encoding::Gsm7, parts);
    let cut = match whole.encoding {
        Encoding::Gsm7 => plain,
        Encoding::Ucs2 => longer(cut(text, Encoding::Ucs2, parts), plain),
    };
    let segments = count(&cut);
    (cut, segments)
}

/// The text up to the first character that GSM-7 does not have.
fn before_ucs2(text: &str) -> &str {
    let end = text.char_indices().find(|(_, character)| septets(*character).is_none());
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The longest beginning that has room for the ellipsis behind it.
fn cut(text: &str, encoding: Encoding, parts: usize) -> String {
    let ellipsis = match encoding {
        Encoding::Gsm7 => "...",
        Encoding::Ucs2 => "…",
    };
    let (mut packed, mut kept) = (Packed::new(encoding), 0);
    for (start, character) in text.char_indices() {
        packed.push(encoding.cost(character));
        if !has_room(packed, encoding, (parts, ellipsis.chars().count())) {
            break;
        }
        kept = start + character.len_utf8();
    }
    let beginning = text.get(..kept).unwrap_or_default().trim_end();
    format!("{beginning}{ellipsis}")
}

/// Whether so many characters of one unit each still go behind what is packed.
const fn has_room(packed: Packed, encoding: Encoding, (parts, ellipsis): (usize, usize)) -> bool {
    if parts == 1 {
        return packed.units + ellipsis <= encoding.single();
    }
    packed.parts < parts || (packed.parts == parts && packed.used + ellipsis <= packed.size)
}

/// Of two cuts the one that keeps more, and of equal ones the one in GSM-7.
fn longer(ucs2: String, plain: String) -> String {
    if ucs2.trim_end_matches('…').chars().count() > plain.trim_end_matches("...").chars().count() {
        ucs2
    } else {
        plain
    }
}
