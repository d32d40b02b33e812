//! Values as code has them: lists and calls, whose texts are the values; fields and variables, which are none.

use crate::{
    keys::{self, SecretName},
    plain::is_plain,
    span::Span,
    value::quoted,
};

/// Schemes of an `Authorization` header that say nothing without what follows.
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "digest", "negotiate"];
/// How long a type or the name of a function may be, in bytes.
const WORD_LIMIT: usize = 48;

/// The texts of a list, of a call or of a declaration with a type behind a secret's name: `["a"]`, `Some("a")`, `str = "a"`.
pub(crate) fn texts(text: &str, at: usize, secret: SecretName) -> Vec<Span> {
    let bytes = text.as_bytes();
    let skip = |from: usize, more: &[u8]| {
        from + bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace() || more.contains(byte)).count()
    };
    let start = skip(at, b"");
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'&' | b'<' | b'>');
    let path = bytes[start..].iter().take(WORD_LIMIT).take_while(is_word).count();
    let open = start + path;
    let mut next = match bytes.get(open) {
        Some(b'[') => skip(open + 1, b""),
        Some(b'(') if path > 0 => skip(open + 1, b""),
        Some(b' ') if path > 0 && bytes[open..].starts_with(b" = ") => open + 3,
        _ => return Vec::new(),
    };
    let mut spans = Vec::new();
    while let Some(range) = quoted(text, next) {
        next = skip(range.end, b"\\");
        let inner = &text[range.clone()];
        // What a call takes may be the name under which the secret is kept.
        let is_none = is_plain(inner, secret, true) || (path > 0 && bytes[open] != b' ' && is_name(inner));
        if !is_none {
            spans.push(Span::new(range, secret.kind));
        }
        next = skip((next + 1).min(bytes.len()), b",");
    }
    spans
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && keys::judge(text).is_some()
}

/// What of a header's value opens the door: a scheme alone does not.
pub(crate) fn credential(value: &str, secret: SecretName) -> &str {
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    let is_scheme = secret.kind == "authorization" && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if is_scheme { credential.trim() } else { value }
}

/// Whether the value is code that fetches or names a secret: `get_token()`, `os.environ[`, `process.env.TOKEN`, `Optional[str]`.
pub(crate) fn is_code(value: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b':');
    let path = value.bytes().take_while(|byte| is_word(byte)).count();
    let rest = &value.as_bytes()[path..];
    let inner = rest.iter().skip(1).take_while(|byte| is_word(byte)).count();
    let closing = rest.get(1 + inner..).unwrap_or_default();
    let is_closed = closing.first().map_or(inner == 0, |byte| matches!(byte, b')' | b']'));
    // A method's arguments may be anything: `crypto.randomBytes(32)`.
    let mut segments = value[..path].split('.');
    let is_method =
        segments.clone().count() > 1 && segments.all(|segment| segment.len() > 1) && rest.first() == Some(&b'(');
    let is_call = (path > 2 && matches!(rest.first(), Some(b'(' | b'[')) && is_closed) || is_method;
    let is_field = rest.is_empty() && FIELDS.iter().any(|field| value.starts_with(field));
    is_call || is_field
}

/// Where code keeps what it was configured with.
const FIELDS: [&str; 8] =
    ["process.env.", "import.meta.env.", "os.environ.", "self.", "this.", "settings.", "config.", "env."];
