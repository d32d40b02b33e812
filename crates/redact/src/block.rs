//! Values as YAML writes them beside plain ones: blocks of lines behind `|` and `>`, tags and anchors before a value.

use std::ops::Range;

/// The longest tag or anchor, in bytes.
const PROPERTY_LIMIT: usize = 64;
/// The longest line that opens a block, behind its mark, in bytes.
const HEADER_LIMIT: usize = 200;

/// The lines of a block that opens at `start`: those that are indented deeper than the line of its key.
pub(crate) fn lines(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?.strip_prefix(['|', '>'])?;
    let head = rest.bytes().take(HEADER_LIMIT).position(|byte| byte == b'\n')?;
    let is_header = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b' ' | b'\t' | b'\r');
    if !rest[..head].split('#').next()?.bytes().all(is_header) {
        return None;
    }
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    let key = indent(&text[line..start]);
    let first = start + 1 + head + 1;
    let (mut at, mut end) = (first, first);
    for line in text[first..].split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if indent(line) <= key {
            break;
        }
        end = at - (line.len() - line.trim_end().len());
    }
    let blanks = indent(&text[first..end]);
    (end > first + blanks).then_some(first + blanks..end)
}

/// How many bytes of tags and anchors stand before a value: `!!str x`, `&name x`.
pub(crate) fn properties(text: &str, start: usize) -> usize {
    let is_of_word = |byte: &u8| !matches!(byte, b' ' | b'\n');
    let length = text.as_bytes()[start..].iter().take(PROPERTY_LIMIT).take_while(|byte| is_of_word(byte)).count();
    let word = text.get(start..start + length).unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'-' | b'_' | b'/');
    let is_property = word.len() > 1
        && word.len() < PROPERTY_LIMIT
        && (word.starts_with("!!") || word.starts_with('&'))
        && word[1..].bytes().all(is_name);
    let behind = &text[start + word.len()..];
    let blanks = indent(behind);
    let has_value = behind[blanks..].starts_with(|c: char| !c.is_whitespace() && !matches!(c, '#' | '='));
    if is_property && blanks > 0 && has_value { word.len() + blanks } else { 0 }
}

fn indent(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_the_indent_does() {
        let check = |text: &str, expected: Option<&str>| {
            let start = text.find(['|', '>']).unwrap();
            assert_eq!(lines(text, start).map(|range| &text[range]), expected, "{text}");
        };
        check("key: |\n  ab\n\n  cd\nnext: 1", Some("ab\n\n  cd"));
        check("key: >-\n  ab", Some("ab"));
        check("  key: |2+ # why\r\n    ab\r\n  next: 1", Some("ab"));
        check("key: |\nnext: 1", None);
        check("key: |\n\n", None);
        check("key: |x\n  ab", None);
        check("a | b", None);
    }

    #[test]
    fn tags_and_anchors_go_with_a_value() {
        let check = |text: &str, expected: usize| assert_eq!(properties(text, 0), expected, "{text}");
        check("!!str ab", 6);
        check("&name ab", 6);
        check("&name", 0);
        check("&name \n", 0);
        check("!ab cd", 0);
        check("ab cd", 0);
        check("& ab", 0);
    }
}
