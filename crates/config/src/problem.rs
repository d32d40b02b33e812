//! What is wrong with a config, where, and what to do; and the list in which all of it is gathered. What counts as wrong is decided
//! by the readers and builders.

use std::{fmt, sync::Arc};

use serde::Serialize;

use crate::{
    inside::Source,
    mask::Masks,
    suggest::{all_known, nearest},
};

/// A place in the file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The first character of the file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemSeverity {
    /// The config is refused.
    Error,
    /// It loads, but not all of it does what it says.
    Warning,
    /// It loads and works, but could be better.
    Lint,
}

/// One problem. It never holds a value that was of the wrong type or could be a secret.
///
/// `Display` gives one line: `tidings.yaml:12:7: events.sinks[0].url: …; help`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name as it was given.
    pub file: Arc<str>,
    /// How bad it is.
    pub severity: ProblemSeverity,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The key's path, as `events.sinks[0].url`; empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// Adds what to do.
    pub(crate) fn help(&mut self, help: impl Into<String>) {
        self.help = Some(help.into());
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        match self.severity {
            ProblemSeverity::Error => {}
            ProblemSeverity::Warning => f.write_str("warning: ")?,
            ProblemSeverity::Lint => f.write_str("lint: ")?,
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// Where a value stands: its path, its place and its key's place.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) path: String,
    pub(crate) value: Position,
    pub(crate) key: Position,
}

impl Spot {
    /// The whole file.
    pub(crate) fn file() -> Self {
        Self { path: String::new(), value: Position::START, key: Position::START }
    }

    /// The same place, with problems told at the key.
    pub(crate) fn at_key(&self) -> Self {
        Self { value: self.key, ..self.clone() }
    }
}

/// Gathers problems.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) masks: Masks,
    file: Arc<str>,
    problems: Vec<Problem>,
    errors: usize,
    suggestions: usize,
}

/// So many wrong names are compared with the known ones: a file of nothing but wrong names must not cost the square of its size.
const MOST_SUGGESTIONS: usize = 200;

impl<'a> Findings<'a> {
    pub(crate) fn new(file: &str, source: &'a str) -> Self {
        let (source, masks) = (Source::new(source), Masks::default());
        Self { source, masks, file: file.into(), problems: Vec::new(), errors: 0, suggestions: 0 }
    }

    pub(crate) fn error(&mut self, spot: &Spot, message: impl Into<String>) -> &mut Problem {
        self.add(ProblemSeverity::Error, spot, message.into())
    }

    pub(crate) fn warn(&mut self, spot: &Spot, message: impl Into<String>) -> &mut Problem {
        self.add(ProblemSeverity::Warning, spot, message.into())
    }

    pub(crate) fn lint(&mut self, spot: &Spot, message: impl Into<String>) -> &mut Problem {
        self.add(ProblemSeverity::Lint, spot, message.into())
    }

    pub(crate) fn add(&mut self, severity: ProblemSeverity, spot: &Spot, message: String) -> &mut Problem {
        self.errors += usize::from(severity == ProblemSeverity::Error);
        let Position { line, column } = spot.value;
        let path = spot.path.clone();
        self.problems.push(Problem { file: self.file.clone(), severity, line, column, path, message, help: None });
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// How many errors there are so far.
    pub(crate) const fn errors(&self) -> usize {
        self.errors
    }

    /// "Did you mean", or what is known.
    pub(crate) fn did_you_mean<'n>(&mut self, name: &str, known: impl IntoIterator<Item = &'n str> + Clone) -> String {
        self.suggestions += 1;
        let near = (self.suggestions <= MOST_SUGGESTIONS).then(|| nearest(name, known.clone())).flatten();
        near.map_or_else(|| all_known(known), |near| format!("did you mean `{near}`?"))
    }

    /// All problems in the order of the file; those of one place stay in the order in which they came up.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        for problem in &mut self.problems {
            self.masks.cover(&problem.path, &mut problem.message);
            problem.help.iter_mut().for_each(|help| self.masks.cover(&problem.path, help));
        }
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }
}
