//! Secrets on command lines: `--password x`, `-u user:password`. `--password=x` is an assignment and left to that scanner.

use std::ops::Range;

use crate::{
    keys::{self, SecretName},
    plain,
    rules::starts_free,
    span::Span,
};

/// The longest name before the colon of `user:password`, in bytes.
const USER_LIMIT: usize = 256;

/// Every secret that follows a flag.
pub(crate) fn scan(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(mark) = bytes[at..].iter().position(|byte| *byte == b'-').map(|offset| at + offset) {
        let dashes = bytes[mark..].iter().take_while(|byte| **byte == b'-').count();
        let start = mark + dashes;
        let length = bytes[start..].iter().take_while(|byte| is_of_name(**byte)).count();
        at = start + length.max(1).min(bytes.len() - start);
        if dashes > 2 || length == 0 || !starts_free(bytes, mark) {
            continue;
        }
        if let Some(span) = follow(text, start..start + length, dashes) {
            at = span.range.end.max(at);
            found.push(span);
        }
    }
}

/// Whether this text is a flag whose next argument is a secret.
pub(crate) fn announces(text: &str) -> Option<SecretName> {
    let name =
        text.strip_prefix("--").or_else(|| text.strip_prefix('-')).filter(|name| name.bytes().all(is_of_name))?;
    keys::judge(name)
}

fn follow(text: &str, name: Range<usize>, dashes: usize) -> Option<Span> {
    let flag = &text[name.clone()];
    if matches!((flag, dashes), ("u" | "U", 1) | ("user" | "proxy-user", 2)) {
        return user_and_password(text, argument(text, name.end, Some(b':'))?);
    }
    let secret = keys::judge(flag).filter(|_| dashes == 2 || flag.len() > 3)?;
    let argument = argument(text, name.end, None)?;
    (!plain::is_plain(&text[argument.clone()], secret, false)).then(|| Span::new(argument, secret.kind))
}

/// The password of `user:password`; a pair of numbers is a user and a group.
fn user_and_password(text: &str, argument: Range<usize>) -> Option<Span> {
    let (user, password) = text[argument.clone()].split_once(':')?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let secret = SecretName { kind: "password", plural: false };
    if plain::is_plain(password, secret, true) || password.starts_with("//") || (is_number(user) && is_number(password))
    {
        return None;
    }
    Some(Span::new(argument.start + user.len() + 1..argument.end, "password"))
}

/// The word behind a flag, without its quotes; in a list in JSON the flag's own quote and a comma stand between. Another flag is
/// no argument, nor what lacks this byte among its first: both are told before the word is read, which may be long.
fn argument(text: &str, end: usize, needed: Option<u8>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let between = bytes[end..]
        .iter()
        .take(12)
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b',' | b'=' | b'\\'))
        .count();
    let start = end + between;
    let lacks = |needed: u8| !bytes[start..].iter().take(USER_LIMIT).any(|byte| *byte == needed);
    if bytes.get(start) == Some(&b'-') || needed.is_some_and(lacks) {
        return None;
    }
    let gap = &bytes[end..start];
    if !gap.iter().any(|byte| matches!(byte, b' ' | b'\t' | b',' | b'=')) {
        return None;
    }
    let opening = gap.iter().rev().find(|byte| **byte != b'\\').copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let ends = |byte: u8| match opening {
        Some(quote) => byte == quote || byte == b'\n',
        None => byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'&' | b'|' | b'<' | b'>'),
    };
    let mut stop = start + bytes[start..].iter().take_while(|byte| !ends(**byte)).count();
    while stop > start && bytes[stop - 1] == b'\\' {
        stop -= 1;
    }
    (stop > start).then_some(start..stop)
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}
