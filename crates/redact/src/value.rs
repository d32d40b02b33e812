//! Where the value behind a secret's name starts and ends. Which values are no secrets is left to `plain`.

use std::{borrow::Cow, ops::Range};

use crate::{
    block,
    code::{credential, is_code},
    keys::SecretName,
    plain::is_plain,
    span::Span,
};

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Without quotes.
    Text,
    /// In quotes, as in JSON.
    QuotedName,
    /// A parameter of an address.
    Query,
    /// An XML element's.
    Element,
}

/// The longest scheme of an `Authorization` header, in bytes.
const SCHEME_LIMIT: usize = 24;
/// What a server says of a cookie, behind its value.
const ATTRIBUTES: [&str; 5] = ["path", "domain", "expires", "max-age", "samesite"];
/// How many blanks may stand before a value.
const BLANKS: usize = 64;

/// The secret behind a separator that ends at `at`.
pub(crate) fn span(text: &str, at: usize, secret: SecretName, place: Place) -> Option<Span> {
    let bytes = text.as_bytes();
    let blanks = bytes[at..].iter().take(BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = at + if place == Place::Query { encoded_blanks(&bytes[at..]) } else { blanks };
    let start = start + before_value(&bytes[start..]);
    if let Some(range) = in_entities(text, start).or_else(|| quoted(text, start)) {
        return (!is_plain(credential(&text[range.clone()], secret), secret, true))
            .then(|| Span::new(range, secret.kind));
    }
    // Both are told by their first bytes, before a long value is read.
    if opens_structure(bytes, start) || is_address(&text[start..]) {
        return None;
    }
    if let Some(range) = block::lines(text, start) {
        return Some(Span::new(range, secret.kind));
    }
    let end = match (place, secret.kind) {
        (Place::Element, _) => start + text[start..].find(if text[..start].ends_with('[') { "]]>" } else { "<" })?,
        (Place::Text, "authorization") => header_end(text, start),
        (Place::Text, "cookie") => cookie_end(text, start),
        (Place::Text, _) => token_end(bytes, start + block::properties(text, start), place),
        _ => token_end(bytes, start, place),
    };
    let end = if bytes.get(start) == Some(&b'{') { flow_end(text, start, end) } else { end };
    let end = if secret.kind == "authorization" { encoded_header_end(bytes, start, end, place) } else { end };
    let value = &text[start..end];
    let judged = decoded(value, place);
    let is_none = is_plain(credential(&judged, secret), secret, false) || is_code(&judged) || is_address(&judged);
    if value.is_empty() || is_none {
        return None;
    }
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    // In JSON a bare number gives way to a string; brackets behind it are not its own.
    let (end, is_number) =
        if place == Place::QuotedName { unbracket(bytes, start, end, is_number) } else { (end, false) };
    Some(Span { range: start..end, kind: secret.kind, quoted: is_number })
}

/// A value of an address as it reads without its encoding, up to what would end it there; one that opens with `<` stands for a value
/// and is none, nor is a bracket that opens a list or an object.
fn decoded(value: &str, place: Place) -> Cow<'_, str> {
    if place != Place::Query || !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut parts = value.split('%');
    let mut plain = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => plain.extend([&[byte], &part.as_bytes()[2..]].concat()),
            None => plain.extend([b"%", part.as_bytes()].concat()),
        }
    }
    let plain = String::from_utf8_lossy(&plain).into_owned();
    let value = plain
        .split(['<', ','])
        .next()
        .filter(|value| value.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80));
    Cow::Owned(value.unwrap_or_default().to_owned())
}

/// Quotes as HTML spells them.
const ENTITIES: [&str; 6] = ["&quot;", "&#34;", "&#39;", "&#x27;", "&#x22;", "&apos;"];

/// Where the quote starts that HTML spells before `end`.
pub(crate) fn entity_before(text: &str, end: usize) -> Option<usize> {
    let before = &text.as_bytes()[..end];
    ENTITIES.iter().find(|entity| before.ends_with(entity.as_bytes())).map(|entity| end - entity.len())
}

/// The range inside of quotes that HTML spells.
fn in_entities(text: &str, start: usize) -> Option<Range<usize>> {
    let entity = ENTITIES.iter().find(|entity| text[start..].starts_with(*entity))?;
    let inner = start + entity.len();
    Some(inner..text[inner..].find(entity).map_or(text.len(), |length| inner + length))
}

/// How many bytes of code or markup stand before a value's own: `b"x"`, `r'x'`, `<![CDATA[x]]>`.
fn before_value(bytes: &[u8]) -> usize {
    const CDATA: &[u8] = b"<![CDATA[";
    match bytes {
        [b'b' | b'r' | b'f' | b'u' | b'B' | b'R' | b'F' | b'U', b'"' | b'\'', ..] => 1,
        [b'b' | b'r', b'b' | b'r', b'"' | b'\'', ..] => 2,
        _ if bytes.starts_with(CDATA) => CDATA.len(),
        _ => 0,
    }
}

/// How many bytes of encoded blanks and quotes a value starts with.
fn encoded_blanks(bytes: &[u8]) -> usize {
    3 * bytes.chunks_exact(3).take_while(|code| [b"%20", b"%22"].iter().any(|blank| code == blank)).count()
}

/// Takes closing brackets off the end of a number in JSON.
fn unbracket(bytes: &[u8], start: usize, end: usize, is_number: bool) -> (usize, bool) {
    let inner =
        bytes[start..end].iter().rposition(|byte| !matches!(byte, b'}' | b']')).map_or(end, |last| start + last + 1);
    let digits = !bytes[start..inner].is_empty()
        && bytes[start..inner].iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if is_number || digits { (inner, true) } else { (end, false) }
}

/// The range inside of quotes that open at `start`, which may be escaped; up to the end of the line where they do not close.
pub(crate) fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let slashes = bytes[start..].iter().take_while(|byte| **byte == b'\\').count();
    let quote = *bytes.get(start + slashes)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let inner = start + slashes + 1;
    let (mut run, mut doubled) = (0, false);
    for (position, &byte) in bytes.iter().enumerate().skip(inner) {
        match byte {
            _ if doubled => doubled = false,
            b'\\' => run += 1,
            // YAML and SQL write a quote as two.
            b'\'' if quote == byte && position > inner && bytes.get(position + 1) == Some(&byte) => doubled = true,
            // More backslashes than the opening quote has say that this one belongs to the value.
            _ if byte == quote && run <= slashes => return Some(inner..position - run),
            b'\n' => return Some(inner..position),
            _ => run = 0,
        }
    }
    Some(inner..bytes.len())
}

/// The end of an unquoted value: a blank, a quote, `;`, `&`, `,`, an escaped line break.
fn token_end(bytes: &[u8], start: usize, place: Place) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let ends = byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'&' | b',' | b'<')
            || (byte == b'#' && place == Place::Query)
            || (byte == b'%' && ends_encoded(&bytes[at..]))
            || (byte == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'u') | None));
        if ends {
            break;
        }
        at += 1;
    }
    at
}

/// Whether an encoded `&` or blank stands there.
fn ends_encoded(bytes: &[u8]) -> bool {
    matches!(bytes.get(1..3), Some(b"26" | b"20" | b"22" | b"0A" | b"0a" | b"0D" | b"0d"))
}

/// The end of a mapping as YAML writes it on one line: `{db: x, cache: y}`.
fn flow_end(text: &str, start: usize, end: usize) -> usize {
    let is_open = text[start..end].ends_with(':') && !text[start..end].contains('}');
    let line = || text[end..].split('\n').next().and_then(|rest| rest.find('}'));
    if is_open { line().map_or(end, |length| end + length + 1) } else { end }
}

/// The end of an `Authorization` header's value: a scheme and its credentials or parameters, or one token.
fn header_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let first = token_end(bytes, start, Place::Text);
    let is_scheme = first - start <= SCHEME_LIMIT
        && bytes[start..first].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let blanks = bytes[first..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if !is_scheme || blanks == 0 {
        return first;
    }
    let mut end = signed_headers_end(bytes, first + blanks, parameter_end(text, first + blanks));
    while bytes.get(end) == Some(&b',') {
        let next = end + 1 + bytes[end + 1..].iter().take_while(|byte| **byte == b' ').count();
        let name =
            bytes[next..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
        if name == 0 || bytes.get(next + name) != Some(&b'=') {
            break;
        }
        end = signed_headers_end(bytes, next, parameter_end(text, next));
    }
    end
}

/// The end of a scheme and what follows it where the blank between them is URL-encoded.
fn encoded_header_end(bytes: &[u8], start: usize, end: usize, place: Place) -> usize {
    let is_scheme = end > start && bytes[start..end].iter().all(u8::is_ascii_alphabetic);
    let is_encoded = is_scheme && bytes[end..].starts_with(b"%20");
    if is_encoded { token_end(bytes, end + 3, place) } else { end }
}

/// The end of a parameter that lists the names of headers, which its own scheme separates by semicolons.
fn signed_headers_end(bytes: &[u8], start: usize, end: usize) -> usize {
    let is_list = bytes[start..end].starts_with(b"SignedHeaders=");
    let is_part = |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b';' | b'-');
    end + if is_list { bytes[end..].iter().take_while(is_part).count() } else { 0 }
}

/// The end of `name=value`, `name="value"` or a token.
fn parameter_end(text: &str, start: usize) -> usize {
    let end = token_end(text.as_bytes(), start, Place::Text);
    match quoted(text, end) {
        Some(range) if text[start..end].ends_with('=') => text.len().min(range.end + (range.start - end)),
        _ => end,
    }
}

/// The end of a `Cookie` header's pairs.
fn cookie_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = parameter_end(text, start);
    while bytes.get(end) == Some(&b';') {
        let next = end + 1 + bytes[end + 1..].iter().take_while(|byte| **byte == b' ').count();
        let pair = parameter_end(text, next);
        let name = text[next..pair].split_once('=').map(|(name, _)| name);
        if name.is_none_or(|name| ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute))) {
            break;
        }
        end = pair;
    }
    end
}

/// Whether a list or an object opens there: what is in it has names of its own.
fn opens_structure(bytes: &[u8], start: usize) -> bool {
    let next = bytes.get(start + 1);
    match bytes.get(start) {
        Some(b'{') => {
            next.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'}' | b'{'))
        }
        Some(b'[') => next
            .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b']' | b'{' | b'[')),
        _ => false,
    }
}

/// Whether the value is an address, which has rules of its own: "reset your password: https://…".
fn is_address(value: &str) -> bool {
    ["//", "http://", "https://"].iter().any(|scheme| value.starts_with(scheme))
}
