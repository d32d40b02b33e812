//! Why an evaluation gave no value: something was missing, or something was wrong. Telling it never allocates; only a person
//! who asks for the words pays for them.

use std::fmt::{self, Display, Formatter};

use crate::{
    diagnostic::Span,
    kind::Kind,
    syntax::{Arithmetic, Relation},
};

/// Where and why an evaluation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) reason: Reason,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    // Missing:
    Absent,
    ThroughNull,
    NullOperand,
    OutOfRange,
    NotANumber,
    DivisionByZero,
    TooFew,
    NoHistory,
    // Errors:
    NotAMap(Kind),
    NotIndexable(Kind),
    BadIndex(Kind),
    NotBool(Kind),
    Unordered(Relation, Kind, Kind),
    Arithmetic(Arithmetic, Kind, Kind),
    NotNegatable(Kind),
    NotACollection(Kind),
    Argument(Kind),
    Overflow,
    NotConvertible,
    BadPosition,
    BadPattern,
    BadFormat,
    NegativeShift,
    UnknownZone,
    UnknownSeverity,
    UnknownFunction,
    Misused,
    KeyKind(Kind),
    RepeatedKey,
    TooManyItems,
    TooMuchWork,
}

impl Reason {
    pub(crate) const fn is_missing(self) -> bool {
        matches!(
            self,
            Self::Absent
                | Self::ThroughNull
                | Self::NullOperand
                | Self::OutOfRange
                | Self::NotANumber
                | Self::DivisionByZero
                | Self::TooFew
                | Self::NoHistory
        )
    }

    pub(crate) const fn at(self, span: Span) -> Stop {
        Stop { reason: self, span }
    }
}

impl Stop {
    /// Of two stops the one that counts: an error beats what is missing, the first beats the second.
    pub(crate) fn worse(first: Option<Self>, second: Self) -> Self {
        match first {
            Some(first) if !first.reason.is_missing() || second.reason.is_missing() => first,
            _ => second,
        }
    }

    /// The words for it, with the part of the source that it is about.
    pub(crate) fn describe(self, source: &str) -> String {
        let text: String = self.span.of(source).chars().take(120).collect();
        format!("{} (`{text}`)", self.reason)
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = match self {
            Self::Absent => "not present",
            Self::ThroughNull => "a path through null",
            Self::NullOperand => "null where a value is needed",
            Self::OutOfRange => "beyond the end of the list",
            Self::NotANumber => "not a number",
            Self::DivisionByZero => "division by zero",
            Self::TooFew => "too few samples in the window",
            Self::NoHistory => "the agent has more series than are kept",
            Self::Overflow => "beyond the range of its type",
            Self::NotConvertible => "cannot be converted",
            Self::BadPosition => "a position outside of the string",
            Self::BadPattern => "not a regular expression",
            Self::BadFormat => {
                "not a format: behind `%` stands one of `s d f e b o x X %`, before `f` and `e` maybe `.3`"
            }
            Self::NegativeShift => "bits are shifted by 0 places or more",
            Self::UnknownZone => "not a time zone",
            Self::UnknownSeverity => "not a severity: known are info, warning, error, critical",
            Self::UnknownFunction => "no such function",
            Self::Misused => "a function used in a way that it cannot be",
            Self::RepeatedKey => "a key that the map has already",
            Self::TooManyItems => "more items than a macro takes",
            Self::TooMuchWork => "more work than one evaluation may do",
            Self::NotAMap(kind) => return write!(f, "{} has no fields", kind.as_str()),
            Self::NotIndexable(kind) => return write!(f, "{} has no items", kind.as_str()),
            Self::BadIndex(kind) => return write!(f, "{} is no index", kind.as_str()),
            Self::NotBool(kind) => return write!(f, "expected a bool, found {}", kind.as_str()),
            Self::NotNegatable(kind) => return write!(f, "{} has no negative", kind.as_str()),
            Self::NotACollection(kind) => return write!(f, "expected a list or a map, found {}", kind.as_str()),
            Self::Argument(kind) => return write!(f, "{} is no argument for this", kind.as_str()),
            Self::KeyKind(kind) => return write!(f, "{} is no key of a map", kind.as_str()),
            Self::Unordered(relation, left, right) => {
                return write!(f, "`{}` between {} and {}", relation.as_str(), left.as_str(), right.as_str());
            }
            Self::Arithmetic(operator, left, right) => {
                return write!(f, "`{}` between {} and {}", operator.as_str(), left.as_str(), right.as_str());
            }
        };
        f.write_str(plain)
    }
}
