//! Variables in values: `${NAME}` and `${NAME:-default}`. Where the variables come from is the caller's choice.

use std::{fmt, iter};

/// What stands for `${NAME}`.
#[derive(Clone, Copy)]
pub enum Environment<'a> {
    /// Variables are left alone: values with them stay unread, and what depends on them is left out of the plan. For
    /// `check --no-env`; never for a plan that is to run.
    Untouched,
    /// What this function answers; `None` for a variable that is not set. See [`process_variable`].
    Given(&'a dyn Fn(&str) -> Option<String>),
    /// What this function answers; a variable that is not set is left alone, as files with secrets are, and what depends on it is told as a
    /// warning and left out. For a replay, which sends nothing; never for a plan that is to run.
    Sparse(&'a dyn Fn(&str) -> Option<String>),
}

impl Environment<'_> {
    /// Whether the plan may lack what depends on variables and secret files.
    pub(crate) const fn leaves_out(self) -> bool {
        matches!(self, Self::Untouched | Self::Sparse(_))
    }
}

/// No variable is set, so that naming one without a default is an error.
impl Default for Environment<'_> {
    fn default() -> Self {
        Self::Given(&|_| None)
    }
}

/// A variable of the process; `None` also where it is not UTF-8.
#[must_use]
pub fn process_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "Untouched",
            Self::Given(_) => "Given",
            Self::Sparse(_) => "Sparse",
        })
    }
}

/// A text after its variables were looked up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expanded {
    /// There was no variable in it.
    Literal,
    /// There was, and this came of it.
    Text(String),
    /// There was, and variables are left alone.
    Unresolved,
}

/// A variable that cannot be put in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadVariable {
    /// Where its `$` stands, in bytes.
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// A piece of a text.
enum Piece<'t> {
    Text(&'t str),
    Variable { offset: usize, name: &'t str, default: Option<&'t str> },
    Broken { offset: usize },
}

/// So many of one value's bad variables are told.
const MOST_BAD: usize = 20;

/// Puts the variables in. A variable that is set but empty is empty; what was put in is not looked at again.
pub(crate) fn expand(text: &str, environment: Environment<'_>) -> Result<Expanded, Vec<BadVariable>> {
    if pieces(text).all(|piece| matches!(piece, Piece::Text(_))) {
        return Ok(Expanded::Literal);
    }
    let (mut expanded, mut bad, mut unresolved) = (String::new(), Vec::new(), false);
    for piece in pieces(text) {
        match (piece, environment) {
            (Piece::Text(text), _) => expanded.push_str(text),
            (Piece::Broken { offset }, _) => tell(broken(offset), &mut bad),
            (Piece::Variable { .. }, Environment::Untouched) => unresolved = true,
            (Piece::Variable { offset, name, default }, Environment::Given(look_up) | Environment::Sparse(look_up)) => {
                match look_up(name).as_deref().or(default) {
                    Some(value) => expanded.push_str(value),
                    None if environment.leaves_out() => unresolved = true,
                    None => tell(missing(offset, name), &mut bad),
                }
            }
        }
    }
    match (bad.is_empty(), unresolved) {
        (false, _) => Err(bad),
        (true, true) => Ok(Expanded::Unresolved),
        (true, false) => Ok(Expanded::Text(expanded)),
    }
}

/// Adds one that is not told yet.
fn tell(one: BadVariable, bad: &mut Vec<BadVariable>) {
    if bad.len() < MOST_BAD && bad.iter().all(|told| told.message != one.message) {
        bad.push(one);
    }
}

/// Whether the text has a variable in it, whole or broken.
pub(crate) fn has_variable(text: &str) -> bool {
    pieces(text).any(|piece| !matches!(piece, Piece::Text(_)))
}

fn missing(offset: usize, name: &str) -> BadVariable {
    let message = format!("the variable `{name}` is not set");
    BadVariable { offset, message, help: format!("set it, or give a default: ${{{name}:-...}}") }
}

fn broken(offset: usize) -> BadVariable {
    let message = "`${` begins no variable".to_owned();
    BadVariable { offset, message, help: "write ${NAME} or ${NAME:-default}".to_owned() }
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        match next_dollar(rest) {
            Some(0) => {
                let (piece, length) = variable(rest, start);
                at += length;
                Some(piece)
            }
            found => {
                at += found.unwrap_or(rest.len());
                Some(Piece::Text(&text[start..at]))
            }
        }
    })
}

/// Where the next `${` is. `${{` is none: a dollar before a template's `{{`.
fn next_dollar(text: &str) -> Option<usize> {
    let mut starts = text.match_indices("${").map(|(index, _)| index);
    starts.find(|index| !text[index + 2..].starts_with('{'))
}

/// The variable that the text begins with, and its length.
fn variable(text: &str, offset: usize) -> (Piece<'_>, usize) {
    let inner = &text[2..];
    let word = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(word);
    let broken = (Piece::Broken { offset }, 2);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return broken;
    }
    if rest.starts_with('}') {
        return (Piece::Variable { offset, name, default: None }, 2 + word + 1);
    }
    match rest.strip_prefix(":-").and_then(|rest| rest.split_once('}')) {
        Some((default, _)) => {
            (Piece::Variable { offset, name, default: Some(default) }, 2 + word + 2 + default.len() + 1)
        }
        None => broken,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look_up(name: &str) -> Option<String> {
        match name {
            "SET" => Some("value".into()),
            "EMPTY" => Some(String::new()),
            "NESTED" => Some("${SET}".into()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_put_in_once() {
        let check = |text: &str, expected: &str| {
            assert_eq!(expand(text, Environment::Given(&look_up)), Ok(Expanded::Text(expected.into())), "{text}");
        };
        check("${SET}", "value");
        check("a${SET}b${SET}", "avaluebvalue");
        check("${EMPTY:-default}", "");
        check("${UNSET:-default}", "default");
        check("${UNSET:-}", "");
        check("${UNSET:-a}b}", "ab}");
        check("${UNSET:-${SET}}", "${SET}");
        check("${NESTED}", "${SET}");
        check("é${SET}é", "évalueé");
    }

    #[test]
    fn what_is_no_variable() {
        for literal in ["", "plain", "$SET", "$", "${{ data.cost }}", "{}", "$$"] {
            assert_eq!(expand(literal, Environment::Given(&look_up)), Ok(Expanded::Literal), "{literal}");
        }
        for (broken, offset) in
            [("${", 0), ("x${SET", 1), ("${1A}", 0), ("${}", 0), ("${A-b}", 0), ("${A B}", 0), ("${SET}${", 6)]
        {
            let bad = expand(broken, Environment::Given(&look_up)).unwrap_err();
            assert_eq!((bad.len(), bad[0].offset), (1, offset), "{broken}");
        }
        assert_eq!(expand("${SET}", Environment::Untouched), Ok(Expanded::Unresolved));
        let sparse = |text: &str| expand(text, Environment::Sparse(&look_up));
        assert_eq!(sparse("${SET}${UNSET:-x}"), Ok(Expanded::Text("valuex".into())));
        assert_eq!(sparse("${SET}${UNSET}"), Ok(Expanded::Unresolved));
    }

    #[test]
    fn every_missing_variable_is_named() {
        let bad = expand("${A}${SET}${B}${A}", Environment::Given(&look_up)).unwrap_err();
        let messages: Vec<_> = bad.iter().map(|bad| bad.message.as_str()).collect();
        assert_eq!(messages, ["the variable `A` is not set", "the variable `B` is not set"]);
    }

    proptest! {
        #[test]
        fn text_around_variables_stays(before in "[^$]{0,9}", after in "[^$]{0,9}") {
            let text = format!("{before}${{SET}}{after}");
            let expected = format!("{before}value{after}");
            prop_assert_eq!(expand(&text, Environment::Given(&look_up)), Ok(Expanded::Text(expected)));
        }

        #[test]
        fn any_text_expands_or_is_refused(text in "[${}:A\\-_a1é]{0,20}") {
            drop(expand(&text, Environment::Given(&look_up)));
        }
    }
}
