//! Secrets by the name before them: `KEY=value`, `key: value`, `"key": "value"`, query parameters, headers, XML elements. Which
//! names are secret is left to `keys`, where a value ends to `value`.

use base64::Engine as _;

use crate::{
    code,
    keys::{self, SecretName},
    rules::starts_free,
    span::Span,
    value::{self, Place},
};

/// The longest name that is looked at, in bytes.
const NAME_LIMIT: usize = 96;
/// Names that are secret as parameters of an address only.
const SIGNATURES: [&str; 12] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-goog-signature",
    "x-goog-credential",
    "signature",
    "sig",
    "hmac",
    "awsaccesskeyid",
    "googleaccessid",
    "phpsessid",
    "code",
    "auth",
];

/// How long a cloud's name of a resource is, in bytes.
const RESOURCE_LIMIT: usize = 256;
/// The longest user and password in base64, in bytes.
const AUTH_LIMIT: usize = 4096;
/// How much may stand between a name and its separator, in bytes.
const GAP_LIMIT: usize = 12;
/// The shortest code in a query that opens something, in bytes.
const CODE_LENGTH: usize = 20;

/// Every secret that a name announces.
pub(crate) fn scan(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| matches!(byte, b':' | b'=' | b'%' | b'>')) {
        let mark = at + offset;
        at = mark + 1;
        let Some(mark_end) = separator_end(bytes, mark) else { continue };
        let Some((name, place)) = name_before(text, mark) else { continue };
        found.extend(registry_auth(text, mark_end, name));
        let Some(secret) = judge(name, place).filter(|_| !is_of_resource_name(bytes, mark)) else { continue };
        if name.ends_with("PWD") && bytes.get(mark_end) == Some(&b'/') || is_user(text, mark, name) {
            continue;
        }
        found.extend(code::texts(text, mark_end, secret));
        let span = value::span(text, mark_end, secret, place);
        if let Some(span) = span.filter(|span| !is_other_sense(name, &text[span.range.clone()])) {
            at = span.range.end.max(at);
            found.push(span);
        }
    }
}

/// The end of the separator that starts there; `None` for comparisons, paths and ports.
fn separator_end(bytes: &[u8], mark: usize) -> Option<usize> {
    let before = mark.checked_sub(1).map_or(b' ', |index| bytes[index]);
    let next = bytes.get(mark + 1).copied().unwrap_or(b' ');
    match bytes[mark] {
        b'%' => {
            let digits = bytes.get(mark + 1..mark + 3)?.to_ascii_lowercase();
            (digits == b"3d" || digits == b"3a").then_some(mark + 3)
        }
        b':' if before == b':' || next == b':' => None,
        b':' if next == b'=' => Some(mark + 2),
        b'=' if next == b'=' || matches!(before, b'=' | b'!' | b'<' | b'>' | b':') => None,
        b'=' if next == b'>' => Some(mark + 2),
        b'>' if before == b'=' => None,
        _ => Some(mark + 1),
    }
}

/// The name that ends before a separator, and where it stands.
fn name_before(text: &str, mark: usize) -> Option<(&str, Place)> {
    let bytes = text.as_bytes();
    let is_element = bytes[mark] == b'>';
    let (end, quoted) = if is_element { (mark, false) } else { name_end(text, mark)? };
    let mut start = end;
    while start > 0 && end - start < NAME_LIMIT && belongs(bytes[start - 1], quoted || is_element) {
        start -= 1;
    }
    // What a percent sign leaves of an encoded `&` or `?`.
    if start > 0 && bytes[start - 1] == b'%' && end - start > 2 {
        start += 2;
    }
    let before = start.checked_sub(1).map(|index| bytes[index]);
    let place = match before {
        Some(b'<') if is_element => Place::Element,
        _ if is_element => return None,
        Some(b'?' | b'&' | b'#') => Place::Query,
        _ if bytes[mark] == b'%' => Place::Query,
        Some(b';') if bytes[mark] == b'=' && text[..start].ends_with("&amp;") => Place::Query,
        _ if quoted => Place::QuotedName,
        _ => Place::Text,
    };
    (start < end).then(|| (&text[start..end], place))
}

/// Whether the name is the user of an address, whose password is left to `url`: `https://x-access-token:…@host`.
fn is_user(text: &str, mark: usize, name: &str) -> bool {
    text[..mark].strip_suffix(name).is_some_and(|before| before.ends_with("://"))
}

/// Whether what ends there is a part of `arn:aws:secretsmanager:eu-west-1:123:secret:name`.
fn is_of_resource_name(bytes: &[u8], mark: usize) -> bool {
    let before = &bytes[mark.saturating_sub(RESOURCE_LIMIT)..mark];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'/' | b'*');
    let length = before.iter().rev().take_while(is_part).count();
    bytes[mark] == b':' && before[before.len() - length..].starts_with(b"arn:")
}

/// Where a name ends, without the blanks, quotes and brackets between it and its separator; and whether it is quoted.
fn name_end(text: &str, mark: usize) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let (mut end, mut quoted) = (mark, false);
    while end > 0 && mark - end <= GAP_LIMIT {
        match bytes[end - 1] {
            b' ' | b'\t' if !quoted => end -= 1,
            b'\\' | b']' => end -= 1,
            b'"' | b'\'' | b'`' => (end, quoted) = (end - 1, true),
            b'2' | b'7' if is_encoded_quote(&bytes[..end]) => (end, quoted) = (end - 3, true),
            b';' => match value::entity_before(text, end) {
                Some(start) => (end, quoted) = (start, true),
                None => break,
            },
            _ => break,
        }
    }
    (mark - end <= GAP_LIMIT).then_some((end, quoted))
}

/// Whether what comes before ends with a quote as addresses spell it.
fn is_encoded_quote(before: &[u8]) -> bool {
    before.ends_with(b"%22") || before.ends_with(b"%27")
}

/// Whether a byte may be part of a name; a name in prose may have several words.
const fn belongs(byte: u8, is_one_word: bool) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || (byte == b' ' && !is_one_word)
}

/// What package managers and container registries keep as `auth`: user and password in base64.
fn registry_auth(text: &str, at: usize, name: &str) -> Option<Span> {
    if !name.trim_start_matches('_').eq_ignore_ascii_case("auth") {
        return None;
    }
    let is_between = |byte: &&u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\');
    let bytes = text.as_bytes();
    let start = at + bytes[at..].iter().take(4).take_while(is_between).count();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let end = start + bytes[start..].iter().take(AUTH_LIMIT).take_while(is_part).count();
    is_user_and_password(&bytes[start..end]).then(|| Span::new(start..end, "authorization"))
}

fn judge(name: &str, place: Place) -> Option<SecretName> {
    let is_signature = || SIGNATURES.iter().any(|signature| name.eq_ignore_ascii_case(signature));
    if place == Place::Query && is_signature() {
        return Some(SecretName { kind: "signature", plural: false });
    }
    // Go writes the type between a name and its value.
    keys::judge(name.trim_end().strip_suffix(" string").unwrap_or(name))
}

/// Whether a short name says something else here: passed tests, a working directory, an error's code.
fn is_other_sense(name: &str, value: &str) -> bool {
    match name.rsplit([' ', '.']).next() {
        Some("pass" | "Pass" | "PASS") => {
            name.starts_with("---")
                || value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'%' | b'/'))
        }
        Some("code" | "auth") => value.len() < CODE_LENGTH,
        // `token=token`: code hands a variable on.
        Some(word) => value.trim_end_matches(')') == word,
        None => false,
    }
}

/// `Basic` and what reads as `user:password` in base64.
pub(crate) fn scan_basic(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    for at in 0..bytes.len().saturating_sub(6) {
        if !bytes[at..at + 5].eq_ignore_ascii_case(b"basic") || !starts_free(bytes, at) {
            continue;
        }
        let blanks = bytes[at + 5..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if blanks == 0 {
            continue;
        }
        let start = at + 5 + blanks;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
        let end = start + bytes[start..].iter().take_while(is_part).count();
        if is_user_and_password(&bytes[start..end]) {
            found.push(Span::new(start..end, "authorization"));
        }
    }
}

/// Whether this is `user:password` in base64.
pub(crate) fn is_user_and_password(encoded: &[u8]) -> bool {
    let unpadded: Vec<u8> = encoded.iter().copied().take_while(|byte| *byte != b'=').collect();
    let decoded = base64::engine::general_purpose::STANDARD_NO_PAD.decode(&unpadded);
    decoded.is_ok_and(|plain| plain.contains(&b':') && std::str::from_utf8(&plain).is_ok())
}
