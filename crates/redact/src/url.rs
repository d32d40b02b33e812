//! The user and password of an address: `scheme://user:password@host`. Its path and query are left to other rules.

use std::ops::Range;

use crate::span::Span;

/// How far behind `://` a user and password are looked for.
const REACH: usize = 512;

/// Everything between `://` and the `@` before the host.
pub(crate) fn scan_userinfo(text: &str, found: &mut Vec<Span>) {
    for (mark, _) in text.match_indices("://") {
        if let Some(range) = userinfo(text.as_bytes(), mark) {
            found.push(Span::new(range, "userinfo"));
        }
    }
    for (mark, prefix) in text.match_indices("jdbc:oracle:thin:") {
        let start = mark + prefix.len();
        let is_of_word = |byte: &&u8| !byte.is_ascii_whitespace() && **byte != b'"';
        let reach = text.as_bytes()[start..].iter().take(REACH).take_while(is_of_word);
        let word = &text.as_bytes()[start..start + reach.count()];
        if let Some(at) = word.iter().position(|byte| *byte == b'@').filter(|at| word[..*at].contains(&b'/')) {
            found.push(Span::new(start..start + at, "userinfo"));
        }
    }
}

fn userinfo(text: &[u8], mark: usize) -> Option<Range<usize>> {
    let start = mark + 3;
    let reach = &text[start..text.len().min(start + REACH)];
    let word = reach.iter().position(|byte| ends_word(*byte)).unwrap_or(reach.len());
    let authority = reach[..word].iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(word);
    let at = match last_at(&reach[..authority]) {
        Some(at) => at,
        // A password may hold a slash that should have been encoded; a port and a path may not be taken for one.
        None if has_open_password(&reach[..authority]) => last_at(&reach[..word])?,
        None => return None,
    };
    let is_web = text[..mark].ends_with(b"http") || text[..mark].ends_with(b"https");
    // A lone user name is a token on the web, and only a name elsewhere: `ssh://git@host`.
    (at > 0 && (is_web || reach[..at].contains(&b':'))).then(|| start..start + at)
}

fn last_at(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'@')
}

/// Whether this looks like `user:pass` rather than `host:port`.
fn has_open_password(authority: &[u8]) -> bool {
    let Some(colon) = authority.iter().position(|byte| *byte == b':') else { return false };
    let (user, word) = (&authority[..colon], &authority[colon + 1..]);
    !user.is_empty()
        && !user.contains(&b'.')
        && !user.starts_with(b"[")
        && !word.is_empty()
        && !word.iter().all(u8::is_ascii_digit)
}

const fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'{' | b'}')
}
