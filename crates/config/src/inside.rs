//! Where a byte of a text value stands in the file: behind its quote, in its line of a block. Escapes and folded lines that cannot be
//! followed give the value's own place.

use crate::problem::{Findings, Position, Spot};

/// The file's text, in which places can be found quickly.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    text: &'a str,
    /// Where each line begins, in characters.
    lines: Vec<usize>,
    /// Where every so many-th character begins, in bytes: a long line is not walked again for each place in it.
    steps: Vec<usize>,
}

/// How many characters lie between two of the places that are remembered.
const STEP: usize = 256;

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let (mut lines, mut steps) = (vec![0], Vec::new());
        for (characters, (bytes, character)) in text.char_indices().enumerate() {
            if characters % STEP == 0 {
                steps.push(bytes);
            }
            if character == '\n' {
                lines.push(characters + 1);
            }
        }
        Self { text, lines, steps }
    }

    /// The text from this place on.
    pub(crate) fn from(&self, place: Position) -> Option<&'a str> {
        let start = self.lines.get(place.line.checked_sub(1)?)?;
        let wanted = start + place.column.checked_sub(1)?;
        let step = self.text.get(*self.steps.get(wanted / STEP)?..)?;
        let (bytes, _) = step.char_indices().nth(wanted % STEP)?;
        step.get(bytes..)
    }
}

/// The place of the byte `offset` of `text`, which stands at `spot`.
pub(crate) fn spot(findings: &Findings<'_>, spot: &Spot, text: &str, offset: usize) -> Spot {
    let value = follow(&findings.source, spot.value, text, offset).unwrap_or(spot.value);
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
fn follow(source: &Source<'_>, start: Position, text: &str, offset: usize) -> Option<Position> {
    let mut walk = Walk::at(source, start)?;
    walk.enter();
    // A block's place is that of its first written line.
    let blank = text.len() - text.trim_start_matches('\n').len();
    for (index, wanted) in text.char_indices().skip_while(|(index, _)| *index < blank) {
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
    fn at(source: &Source<'a>, start: Position) -> Option<Self> {
        Some(Self { rest: source.from(start)?, position: start })
    }

    /// Goes behind an anchor and an opening quote.
    fn enter(&mut self) {
        if self.rest.starts_with('&') {
            let name = self.rest.find([' ', '\n']).unwrap_or(self.rest.len());
            let behind = &self.rest[name..];
            let anchor = self.rest.len() - behind.trim_start_matches([' ', '\n']).len();
            self.rest[..anchor].chars().for_each(|_| self.step());
        }
        if self.rest.starts_with(['"', '\'']) {
            self.step();
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
        let found = follow(&Source::new(source), start, text, offset).map(|place| (place.line, place.column));
        assert_eq!(found, Some(expected), "{source:?}");
    }

    #[test]
    fn every_style_can_be_followed() {
        check("a: b c", (1, 4), "b c", 2, (1, 6));
        check("a: \"b c\"", (1, 4), "b c", 2, (1, 7));
        check("a: 'it''s x'", (1, 4), "it's x", 5, (1, 11));
        check("a: |\n  b\n  c d\n", (2, 3), "b\nc d\n", 4, (3, 5));
        check("a: >-\n  b\n  c d\n", (2, 3), "b c d", 4, (3, 5));
        check("a: |\n\n  b\n", (3, 3), "\nb\n", 1, (3, 3));
        check("ä: é x", (1, 4), "é x", 3, (1, 6));
        check("a: &c b d", (1, 4), "b d", 2, (1, 9));
        check("a: b\n  c", (1, 4), "b c", 2, (2, 3));
    }

    #[test]
    fn long_lines_are_found_by_their_characters() {
        let text = format!("a\n{}x\n{}y", "é".repeat(1000), "漢".repeat(256));
        let source = Source::new(&text);
        let at = |line, column| source.from(Position { line, column }).and_then(|rest| rest.chars().next());
        assert_eq!(
            [at(1, 1), at(2, 1), at(2, 1001), at(3, 257), at(3, 258)],
            [Some('a'), Some('é'), Some('x'), Some('y'), None]
        );
    }

    #[test]
    fn what_cannot_be_followed_is_given_up() {
        assert_eq!(follow(&Source::new("a: \"\\u0041b\""), Position { line: 1, column: 4 }, "Ab", 1), None);
        assert_eq!(follow(&Source::new("a"), Position { line: 9, column: 1 }, "a", 0), None);
    }
}
