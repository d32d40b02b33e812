//! Where something stands in a body: its line, and its byte in that line. What stands there is for whoever asked.

use std::fmt;

/// A place in a body, its beginning by default. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self::of_line(1)
    }
}

impl Place {
    /// The beginning of a line.
    pub(super) const fn of_line(line: usize) -> Self {
        Self { line, column: 1 }
    }

    /// The place behind this text, which begins here.
    pub(super) fn after(self, text: &[u8]) -> Self {
        let ends = text.iter().filter(|byte| **byte == b'\n').count();
        let last = text.iter().rev().take_while(|byte| **byte != b'\n').count();
        self.at(ends + 1, last + 1)
    }

    /// What a reader that begins here calls this line and column.
    pub(super) fn at(self, line: usize, column: usize) -> Self {
        // At the end of nothing a reader stands at column 0.
        let column = if line <= 1 { (self.column + column).saturating_sub(1) } else { column };
        Self { line: self.line + line.saturating_sub(1), column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_anew_on_each_line() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Place::default().after(text.as_bytes()).to_string(), expected, "{text:?}");
        };
        check("", "line 1 column 1");
        check("ab", "line 1 column 3");
        check("ab\n", "line 2 column 1");
        check("a\n\n b", "line 3 column 3");
        let place = Place::default().after(b"a\n  ");
        assert_eq!([place.after(b"b"), place.at(1, 2), place.at(1, 1)].map(|place| place.column), [4, 4, 3]);
        assert_eq!([place.after(b"b\nc"), place.at(2, 2)].map(|place| (place.line, place.column)), [(3, 2); 2]);
        assert_eq!(Place::default().at(1, 0).to_string(), "line 1 column 0");
    }
}
