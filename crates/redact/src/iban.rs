//! International bank account numbers: country, length and check digits (ISO 13616, mod 97).

/// Countries and the length of their numbers.
#[rustfmt::skip]
const LENGTHS: [(&[u8; 2], usize); 88] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22), (b"BI", 27),
    (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28),
    (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27), (b"GB", 22), (b"GE", 22), (b"GI", 23),
    (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26),
    (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21),
    (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28),
    (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22),
    (b"RU", 33), (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25),
    (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20),
];

/// The end of the number that starts at `start`, in one piece or in groups with blanks or hyphens between.
pub(crate) fn end(text: &[u8], start: usize) -> Option<usize> {
    let country = text.get(start..start + 2)?.to_ascii_uppercase();
    let length = LENGTHS.iter().find(|(code, _)| code[..] == country)?.1;
    if !crate::rules::starts_free(text, start) {
        return None;
    }
    let (mut symbols, mut at) = (Vec::with_capacity(length), start);
    while symbols.len() < length {
        let byte = *text.get(at)?;
        let is_separator = matches!(byte, b' ' | b'-') && symbols.len() >= 4 && text[at - 1].is_ascii_alphanumeric();
        if byte.is_ascii_alphanumeric() {
            symbols.push(byte.to_ascii_uppercase());
        } else if !is_separator {
            return None;
        }
        at += 1;
    }
    let goes_on = text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on && symbols[2..4].iter().all(u8::is_ascii_digit) && remainder(&symbols) == 1).then_some(at)
}

/// The number modulo 97, with its first four symbols moved to the end and letters as numbers from 10.
fn remainder(symbols: &[u8]) -> u32 {
    symbols[4..].iter().chain(&symbols[..4]).fold(0, |rest, symbol| match symbol {
        b'0'..=b'9' => (rest * 10 + u32::from(symbol - b'0')) % 97,
        _ => (rest * 100 + u32::from(symbol - b'A') + 10) % 97,
    })
}
