//! What a variable holds may be a secret wherever it is put in, so no message tells it: a quoted word that only the variable brought is
//! covered. What is said about it is left to whoever finds the problem.

use std::collections::HashMap;

/// What stands for a word that is not told.
const COVER: &str = "…";

/// The texts that variables were put into, by the path of their key.
#[derive(Debug, Default)]
pub(crate) struct Masks(HashMap<String, Filled>);

/// A text as it is written, and as it came to be.
#[derive(Debug)]
struct Filled {
    written: String,
    text: String,
}

impl Masks {
    /// Remembers a text that variables were put into.
    pub(crate) fn put_in(&mut self, path: &str, written: &str, text: &str) {
        self.0.insert(path.to_owned(), Filled { written: written.to_owned(), text: text.to_owned() });
    }

    /// Covers what a message about the text at this path quotes out of variables.
    pub(crate) fn cover(&self, path: &str, message: &mut String) {
        if let Some(filled) = self.0.get(path) {
            *message = filled.cover(message);
        }
    }
}

impl Filled {
    fn cover(&self, message: &str) -> String {
        let pieces = message.split('`').enumerate();
        let covered = pieces.map(|(index, piece)| if index % 2 == 1 { self.words(piece) } else { piece.to_owned() });
        covered.collect::<Vec<_>>().join("`")
    }

    /// The quoted piece, without the words that stand in the text but not in what was written.
    fn words(&self, quoted: &str) -> String {
        let mut covered = String::new();
        let mut rest = quoted;
        while !rest.is_empty() {
            let start = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
            let (between, word) = rest.split_at(start);
            let (word, behind) = word.split_at(word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len()));
            covered.push_str(between);
            covered.push_str(if self.is_secret(word) { COVER } else { word });
            rest = behind;
        }
        covered
    }

    fn is_secret(&self, word: &str) -> bool {
        !word.is_empty() && self.text.contains(word) && !self.written.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_variables_brought_is_covered() {
        let mut masks = Masks::default();
        masks.put_in("a.b", "x > ${LIMIT}", "x > hunter2 ü9");
        let check = |path: &str, message: &str, expected: &str| {
            let mut told = message.to_owned();
            masks.cover(path, &mut told);
            assert_eq!(told, expected);
        };
        check("a.b", "found `hunter2` in `x > hunter2 ü9`", "found `…` in `x > … …`");
        check("a.b", "found `hunt…`, no hunter2", "found `……`, no hunter2");
        check("a.b", "`x` and `other`", "`x` and `other`");
        check("a.c", "`hunter2`", "`hunter2`");
    }
}
