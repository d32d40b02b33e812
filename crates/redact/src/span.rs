//! What was found in a text, and the text without it. Who finds what is left to the rules.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

/// A part of a text that must go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub range: Range<usize>,
    pub kind: &'static str,
    /// Whether the placeholder needs quotes of its own: it takes the place of a bare number in JSON.
    pub quoted: bool,
}

impl Span {
    pub(crate) const fn new(range: Range<usize>, kind: &'static str) -> Self {
        Self { range, kind, quoted: false }
    }
}

/// The spans claimed so far, by where they start, without overlaps.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    spans: BTreeMap<usize, Span>,
    /// Placeholders that stand in the text already; nothing claims them.
    kept: Vec<Range<usize>>,
}

const PLACEHOLDER: &str = "[REDACTED:";

/// The placeholder of a kind.
pub(crate) fn placeholder(kind: &str) -> String {
    format!("{PLACEHOLDER}{kind}]")
}

/// Whether the whole text is one placeholder.
pub(crate) fn is_placeholder(text: &str) -> bool {
    text.starts_with(PLACEHOLDER) && placeholder_end(text, 0) == Some(text.len())
}

/// The end of the placeholder that starts there.
fn placeholder_end(text: &str, start: usize) -> Option<usize> {
    let kind = &text[start + PLACEHOLDER.len()..];
    let length = kind.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_').count();
    (length > 0 && kind.as_bytes().get(length) == Some(&b']')).then_some(start + PLACEHOLDER.len() + length + 1)
}

impl Claims {
    /// No claims on this text yet but those that keep its placeholders.
    pub(crate) fn on(text: &str) -> Self {
        let starts = text.match_indices(PLACEHOLDER).map(|(start, _)| start);
        let kept = starts.filter_map(|start| Some(start..placeholder_end(text, start)?)).collect();
        Self { spans: BTreeMap::new(), kept }
    }

    /// Claims a secret. Where it overlaps an earlier claim the two become one, so that no end of it sticks out.
    pub(crate) fn claim(&mut self, text: &str, span: &Span) {
        for part in self.without_kept(&span.range) {
            let range = floor(text, part.start)..ceil(text, part.end);
            if text[range.clone()].bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80) {
                self.merge(Span { range, ..span.clone() });
            }
        }
    }

    /// Claims what is only worth a claim if nobody has claimed a part of it.
    pub(crate) fn claim_if_free(&mut self, text: &str, span: &Span) {
        if self.last_within(&span.range).is_none() && self.kept_within(&span.range).is_empty() {
            self.claim(text, span);
        }
    }

    /// The kind of the earlier claim stays.
    fn merge(&mut self, mut span: Span) {
        while let Some(start) = self.last_within(&span.range) {
            let Some(other) = self.spans.remove(&start) else { break };
            let range = span.range.start.min(start)..span.range.end.max(other.range.end);
            span = Span { range, ..other };
        }
        self.spans.insert(span.range.start, span);
    }

    /// Where the last claim starts that overlaps a range.
    fn last_within(&self, range: &Range<usize>) -> Option<usize> {
        let (start, span) = self.spans.range(..range.end).next_back()?;
        (span.range.end > range.start).then_some(*start)
    }

    fn kept_within(&self, range: &Range<usize>) -> &[Range<usize>] {
        let first = self.kept.partition_point(|kept| kept.end <= range.start);
        let behind = self.kept.partition_point(|kept| kept.start < range.end);
        self.kept.get(first..behind).unwrap_or_default()
    }

    /// The parts of a range that are not placeholders.
    fn without_kept(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::with_capacity(1);
        let mut start = range.start;
        for kept in self.kept_within(range) {
            parts.push(start..kept.start.max(start));
            start = kept.end;
        }
        parts.push(start..range.end.max(start));
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The text with a placeholder for each claim, and the claims' kinds are counted.
    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        if self.spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for span in self.spans.values() {
            clean.push_str(&text[end..span.range.start]);
            let quote = if span.quoted { "\"" } else { "" };
            clean.extend([quote, PLACEHOLDER, span.kind, "]", quote]);
            count(span.kind);
            end = span.range.end;
        }
        clean.push_str(&text[end..]);
        Cow::Owned(clean)
    }
}

/// Counts one that was redacted, by its kind, never by its content.
pub(crate) fn count(kind: &'static str) {
    metrics::counter!("tidings_redacted_total", "kind" => kind).increment(1);
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, spans: &[(Range<usize>, &'static str)], expected: &str) {
        let mut claims = Claims::on(text);
        for (range, kind) in spans {
            claims.claim(text, &Span::new(range.clone(), kind));
        }
        assert_eq!(claims.apply(text), expected);
    }

    #[test]
    fn claims_merge_and_keep_placeholders() {
        check("abcdef", &[(1..3, "x"), (4..5, "y")], "a[REDACTED:x]d[REDACTED:y]f");
        check("abcdef", &[(1..3, "x"), (2..5, "y")], "a[REDACTED:x]f");
        check("abcdef", &[(3..5, "y"), (0..2, "x"), (1..4, "z")], "[REDACTED:x]f");
        check("a[REDACTED:x]b", &[(0..14, "y")], "[REDACTED:y][REDACTED:x][REDACTED:y]");
        check("äöü", &[(1..3, "x")], "[REDACTED:x]ü");
    }

    #[test]
    fn placeholders_are_known_by_their_form() {
        assert!(is_placeholder("[REDACTED:api_key]"));
        assert!(!is_placeholder("[REDACTED:api_key]x"));
        assert!(!is_placeholder("[REDACTED:hunter 2]"));
        assert!(!is_placeholder("[REDACTED:]"));
    }
}
