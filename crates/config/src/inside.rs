//! Where a byte of a text value stands in the file: behind its quote, in its line of a block. Escapes and folded lines that cannot be
//! followed give the value's own place.

use crate::problem::{Findings, Position, Spot};

/// The place of the byte `offset` of `text`, which stands at `spot`.
pub(crate) fn spot(findings: &Findings<'_>, spot: &Spot, text: &str, offset: usize) -> Spot {
    let value = follow(findings.source, spot.value, text, offset).unwrap_or(spot.value);
    Spot { value, ..spot.clone() }
}

/// The place of the first character of a line of `text`, counted from 1.
pub(crate) fn line_spot(findings: &Findings<'_>, at: &Spot, text: &str, line: usize) -> Spot {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let indent = text[start..].len() - text[start..].trim_start().len();
    spot(findings, at, text, start + indent)
}

/// Walks file and value side by side. Every character of the value must be met in the file in order, with nothing but layout between.
fn follow(source: &str, start: Position, text: &str, offset: usize) -> Option<Position> {
    let mut walk = Walk::at(source, start)?;
    walk.enter();
    for (index, wanted) in text.char_indices() {
        walk.find(wanted)?;
        if index >= offset {
            return Some(walk.position);
        }
        walk.step();
    }
    None
}

struct Walk<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Walk<'a> {
    fn at(source: &'a str, start: Position) -> Option<Self> {
        let line = source.split_inclusive('\n').nth(start.line - 1)?;
        let column = line.char_indices().nth(start.column - 1).map(|(index, _)| index)?;
        let from = line.as_ptr() as usize - source.as_ptr() as usize + column;
        Some(Self { rest: &source[from..], position: start })
    }

    /// Goes behind an opening quote, or behind the header line of a block.
    fn enter(&mut self) {
        match self.rest.chars().next() {
            Some('"' | '\'') => self.step(),
            Some('|' | '>') => {
                while self.rest.chars().next().is_some_and(|c| c != '\n') {
                    self.step();
                }
            }
            _ => {}
        }
    }

    /// Goes on to the wanted character over layout and escape signs. A blank of the value may be a line break of the file.
    fn find(&mut self, wanted: char) -> Option<()> {
        loop {
            let here = self.rest.chars().next()?;
            if here == wanted || (wanted.is_whitespace() && here == '\n') {
                return Some(());
            }
            if !here.is_whitespace() && here != '\\' && here != '\'' {
                return None;
            }
            self.step();
        }
    }

    fn step(&mut self) {
        let mut characters = self.rest.chars();
        match characters.next() {
            Some('\n') => self.position = Position { line: self.position.line + 1, column: 1 },
            Some(_) => self.position.column += 1,
            None => {}
        }
        self.rest = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, start: (usize, usize), text: &str, offset: usize, expected: (usize, usize)) {
        let start = Position { line: start.0, column: start.1 };
        let found = follow(source, start, text, offset).map(|place| (place.line, place.column));
        assert_eq!(found, Some(expected), "{source:?}");
    }

    #[test]
    fn every_style_can_be_followed() {
        check("a: b c", (1, 4), "b c", 2, (1, 6));
        check("a: \"b c\"", (1, 4), "b c", 2, (1, 7));
        check("a: 'it''s x'", (1, 4), "it's x", 5, (1, 11));
        check("a: |\n  b\n  c d\n", (1, 4), "b\nc d\n", 4, (3, 5));
        check("a: >-\n  b\n  c d\n", (1, 4), "b c d", 4, (3, 5));
        check("ä: é x", (1, 4), "é x", 3, (1, 6));
        check("a: b\n  c", (1, 4), "b c", 2, (2, 3));
    }

    #[test]
    fn what_cannot_be_followed_is_given_up() {
        assert_eq!(follow("a: \"\\u0041b\"", Position { line: 1, column: 4 }, "Ab", 1), None);
        assert_eq!(follow("a", Position { line: 9, column: 1 }, "a", 0), None);
    }
}
