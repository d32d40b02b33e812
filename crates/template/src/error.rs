//! Why a template is refused or does not render, with the line. What is shown instead is the caller's decision.

use minijinja::{Error, ErrorKind};

/// What is wrong with a template, or with its meeting an event. Messages name lines and names, never a value of the event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The source is longer than [`SOURCE_LIMIT`](crate::SOURCE_LIMIT).
    #[error("the template is {bytes} bytes long, at most {limit} are allowed", limit = crate::SOURCE_LIMIT)]
    SourceTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The source is not in the language.
    #[error("line {line}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A name that no event answers.
    #[error("line {line}: unknown name `{name}`{hint}")]
    UnknownName {
        /// Counted from 1.
        line: usize,
        /// The name.
        name: String,
        /// `: did you mean …?`, or nothing.
        hint: String,
    },
    /// A tag, filter or construct that is not part of the language here.
    #[error("line {line}: {what} `{name}` is not available")]
    NotAvailable {
        /// Counted from 1.
        line: usize,
        /// Tag, filter or construct.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Values that are joined with themselves over and over.
    #[error("line {line}: `{name}` may grow without bound: join fewer values into it")]
    Grows {
        /// Counted from 1.
        line: usize,
        /// The variable.
        name: String,
    },
    /// The event does not have what the template asks for, or a value is of the wrong kind.
    #[error("line {line}: {message}")]
    Render {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The output is longer than [`OUTPUT_LIMIT`](crate::OUTPUT_LIMIT).
    #[error("the output is longer than {limit} bytes", limit = crate::OUTPUT_LIMIT)]
    OutputTooLong,
    /// The template does more work than is allowed.
    #[error("line {line}: the template does too much work: shorten its loops")]
    TooMuchWork {
        /// Counted from 1.
        line: usize,
    },
}

impl TemplateError {
    /// The line that is wrong, counted from 1, where there is one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::SourceTooLong { .. } | Self::OutputTooLong => None,
            Self::Syntax { line, .. }
            | Self::UnknownName { line, .. }
            | Self::NotAvailable { line, .. }
            | Self::Grows { line, .. }
            | Self::Render { line, .. }
            | Self::TooMuchWork { line } => Some(*line),
        }
    }

    /// An error of the template library in our words.
    pub(crate) fn from_library(error: &Error) -> Self {
        let line = error.line().unwrap_or(1);
        let message = message_of(error);
        match error.kind() {
            ErrorKind::SyntaxError => Self::Syntax { line, message },
            ErrorKind::OutOfFuel => Self::TooMuchWork { line },
            ErrorKind::WriteFailure => Self::OutputTooLong,
            _ => Self::Render { line, message },
        }
    }
}

/// One line: what kind of fault, and its detail where there is one.
fn message_of(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::SyntaxError, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}
