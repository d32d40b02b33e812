//! Private keys in PEM form. Public keys and certificates stay.

use crate::span::Span;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// From each private key's first line to its last; without a last line to the end of the text.
pub(crate) fn scan(text: &str, found: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(start) = text[at..].find(BEGIN).map(|offset| at + offset) {
        at = start + BEGIN.len();
        let Some(label_end) = text[at..].find("-----").map(|offset| at + offset) else { return };
        if !is_private(&text[at..label_end]) {
            continue;
        }
        let end = end_of(text, label_end + 5);
        found.push(Span::new(start..end, "private_key"));
        at = end;
    }
}

fn is_private(label: &str) -> bool {
    label.len() < 64 && (label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK"))
}

fn end_of(text: &str, from: usize) -> usize {
    let Some(end) = text[from..].find(END).map(|offset| from + offset + END.len()) else { return text.len() };
    text[end..].find("-----").map_or(text.len(), |offset| end + offset + 5)
}
