//! Private keys in PEM form and its kin, plain or URL-encoded. Public keys and certificates stay.

use std::ops::Range;

use crate::span::Span;

/// The longest label, in bytes; an encoded blank counts three.
const LABEL_LIMIT: usize = 64;

/// From each private key's first line to its last; without a last line to the end of the text.
pub(crate) fn scan(text: &str, found: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(line) = next_line(text, at, "BEGIN") {
        at = line.end;
        if is_private(&text[line.clone()]) {
            let start = dashes_before(text, line.start);
            at = end_of(text, line.end);
            found.push(Span::new(start..at, "private_key"));
        }
    }
}

/// The next `BEGIN label` or `END label` between dashes.
fn next_line(text: &str, from: usize, word: &str) -> Option<Range<usize>> {
    for (offset, _) in text[from..].match_indices(word) {
        let start = from + offset;
        let before = text[..start].trim_end_matches(' ');
        if !before.ends_with("----") {
            continue;
        }
        let label = text.as_bytes()[start..].iter().take(LABEL_LIMIT).take_while(|byte| **byte != b'-').count();
        if text.as_bytes().get(start + label) == Some(&b'-') {
            return Some(start..start + label);
        }
    }
    None
}

fn dashes_before(text: &str, start: usize) -> usize {
    text[..start].trim_end_matches(' ').trim_end_matches('-').len()
}

fn is_private(line: &str) -> bool {
    let label = line.replace("%20", " ").replace('+', " ");
    let label = label.trim_end();
    label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK") || label.ends_with("NKEY SEED")
}

/// Behind the last line of a private key; what another key ends with is no end of this one.
fn end_of(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(line) = next_line(text, at, "END") {
        if is_private(&text[line.clone()]) {
            let dashes = text.as_bytes()[line.end..].iter().take_while(|byte| **byte == b'-').count();
            return line.end + dashes;
        }
        at = line.end;
    }
    text.len()
}
