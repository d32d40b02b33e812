//! Personal data by its shape and its check digits: mail addresses, payment cards, bank accounts, social security numbers; by
//! choice phone numbers and IP addresses.

use std::{net::IpAddr, ops::Range};

use crate::{card, iban, span::Span};

/// The longest name before the `@`, and the longest host behind it, in bytes.
const MAIL_LIMIT: usize = 254;
/// Endings of file names, which are no top-level domains: `icon@2x.png`.
#[rustfmt::skip]
const FILES: [&str; 18] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "mjs", "cjs", "ts", "tsx", "jsx", "json", "html", "tgz", "md", "lock",
];

/// Mail addresses, with `@` as it is or URL-encoded. `git@host` is none.
pub(crate) fn scan_mail(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let encoded = text.match_indices("%40").map(|(at, mark)| at..at + mark.len());
    for mark in text.match_indices('@').map(|(at, _)| at..at + 1).chain(encoded) {
        if let Some(range) = mail_around(bytes, mark) {
            found.push(Span::new(range, "email"));
        }
    }
}

fn mail_around(bytes: &[u8], mark: Range<usize>) -> Option<Range<usize>> {
    let before = &bytes[mark.start.saturating_sub(MAIL_LIMIT)..mark.start];
    let mut start = mark.start - local_length(before);
    // The letter of an escaped line break is not part of the name.
    if start > 0 && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b'r' | b't') {
        start += 1;
    }
    while start < mark.start && matches!(bytes[start], b'.' | b'-') {
        start += 1;
    }
    let local = &bytes[start..mark.start];
    let behind = &bytes[mark.end..bytes.len().min(mark.end + MAIL_LIMIT)];
    let host_length =
        behind.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | 0x80..)).count();
    let host = trim_host(&behind[..host_length]);
    let end = mark.end + host.len();
    // A quote that closes behind the address has opened before it: there, if not further before.
    let is_quote = |byte: &u8| *byte == b'\'';
    if bytes.get(end).is_some_and(is_quote) && !bytes[..start].last().is_some_and(is_quote) {
        start += local.iter().position(is_quote).map_or(0, |quote| quote + 1);
    }
    (!local.is_empty() && local != b"git" && is_host(host)).then_some(start..end)
}

/// How many bytes at the end are the name before an `@`. An apostrophe is one where it joins: `o'neil`, but not `b'neil`.
fn local_length(before: &[u8]) -> usize {
    let word = |end: usize| before[..end].iter().rev().take_while(|byte| is_local(**byte)).count();
    let mut length = word(before.len());
    while let [rest @ .., b'\''] = &before[..before.len() - length] {
        let joined = word(rest.len());
        let is_prefix =
            matches!(&rest[rest.len() - joined..], [] | [b'b' | b'B' | b'u' | b'U' | b'r' | b'R' | b'f' | b'F']);
        let is_apart = !before[rest.len() + 1..].first().is_some_and(u8::is_ascii_alphanumeric);
        if is_prefix || is_apart {
            break;
        }
        length += joined + 1;
    }
    length
}

const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | 0x80..)
}

fn trim_host(host: &[u8]) -> &[u8] {
    let end = host.iter().rposition(|byte| !matches!(byte, b'.' | b'-')).map_or(0, |last| last + 1);
    &host[..end]
}

fn is_host(host: &[u8]) -> bool {
    let Some(dot) = host.iter().rposition(|byte| *byte == b'.') else { return false };
    let (name, domain) = (&host[..dot], &host[dot + 1..]);
    let is_name = !name.is_empty() && name.split(|byte| *byte == b'.').all(|label| !label.is_empty());
    let is_domain = domain.len() >= 2 && domain.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let is_file = FILES.iter().any(|file| domain.eq_ignore_ascii_case(file.as_bytes()));
    is_name && (is_domain || domain.starts_with(b"xn--")) && !is_file
}

/// Payment cards.
pub(crate) fn scan_card(text: &str, found: &mut Vec<Span>) {
    for run in runs(text.as_bytes(), |byte| byte.is_ascii_digit(), b" -.") {
        found.extend(card::find(text.as_bytes(), run).into_iter().map(|range| Span::new(range, "card")));
    }
}

/// Bank account numbers.
pub(crate) fn scan_iban(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 15 <= bytes.len() {
        match iban::end(bytes, at) {
            Some(end) => {
                found.push(Span::new(at..end, "iban"));
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Social security numbers of the United States, without the areas, groups and serials that are never given.
pub(crate) fn scan_ssn(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    for run in runs(bytes, |byte| byte.is_ascii_digit(), b" -") {
        if run.len() == 11 && is_ssn(&bytes[run.clone()]) && !joins(bytes, &run) {
            found.push(Span::new(run, "ssn"));
        }
    }
}

fn is_ssn(run: &[u8]) -> bool {
    let (area, group, serial) = (&run[..3], &run[4..6], &run[7..]);
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let is_given = area != b"000" && area != b"666" && area[0] != b'9' && group != b"00" && serial != b"0000";
    run[3] == run[6] && digits(area) && digits(group) && digits(serial) && is_given
}

/// Whether a word goes on at either end of a run, so that it is a part of something else.
pub(crate) fn joins(bytes: &[u8], run: &Range<usize>) -> bool {
    let joins = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let before = run.start.checked_sub(1).and_then(|index| bytes.get(index)).is_some_and(joins);
    before || bytes.get(run.end).is_some_and(joins)
}

/// The longest stretches of such bytes with single separators between them.
fn runs(bytes: &[u8], belongs: impl Fn(u8) -> bool, separators: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !belongs(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() {
            let separated = separators.contains(&bytes[at]) && bytes.get(at + 1).is_some_and(|next| belongs(*next));
            if !belongs(bytes[at]) && !separated {
                break;
            }
            at += 1;
        }
        runs.push(start..at);
    }
    runs
}

/// IP addresses of both kinds.
pub(crate) fn scan_ip(text: &str, found: &mut Vec<Span>) {
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    for run in runs(text.as_bytes(), is_part, b"") {
        let word = text[run.clone()].trim_end_matches(['.', ':']);
        if word.len() > 4 && word.parse::<IpAddr>().is_ok() {
            found.push(Span::new(run.start..run.start + word.len(), "ip"));
        }
    }
}

/// Phone numbers: `+` and 8 to 15 digits, or the North American form.
pub(crate) fn scan_phone(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    for run in runs(bytes, |byte| byte.is_ascii_digit(), b" -.()") {
        let digits = bytes[run.clone()].iter().filter(|byte| byte.is_ascii_digit()).count();
        let plus = run.start.checked_sub(1).filter(|index| bytes[*index] == b'+');
        let is_american = digits == 10
            && run.len() == 12
            && !bytes[run.start + 3].is_ascii_digit()
            && !bytes[run.start + 7].is_ascii_digit();
        if (plus.is_some() && (8..=15).contains(&digits)) || (is_american && !joins(bytes, &run)) {
            found.push(Span::new(plus.unwrap_or(run.start)..run.end, "phone"));
        }
    }
}
