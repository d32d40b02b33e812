//! The functions and methods of the language: how they are called, what they take and give. What they do is in `evaluate`.

mod table;

use crate::kind::Kind;

pub(crate) use table::{MACROS, SPECIAL, WINDOWS, find, names, same_name, weight, window_usage};

/// A part of a timestamp or of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Size,
    // Conversions.
    ToInt,
    ToDouble,
    ToText,
    ToBool,
    ToDuration,
    ToTimestamp,
    Same,
    // Text.
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    LowerAscii,
    UpperAscii,
    Trim,
    CharAt,
    IndexOf,
    LastIndexOf,
    Replace,
    Split,
    Substring,
    Join,
    Reverse,
    Quote,
    Format,
    // Numbers.
    Div,
    Greatest,
    Least,
    Ceil,
    Floor,
    Round,
    Trunc,
    Abs,
    Sign,
    IsNan,
    IsInf,
    IsFinite,
    Sqrt,
    // The bits of ints.
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    BitShiftLeft,
    BitShiftRight,
    // Times.
    Part(Part),
}

impl Function {
    /// Whether it makes one type of another.
    pub(crate) const fn converts(self) -> bool {
        use Function::{ToBool, ToDouble, ToDuration, ToInt, ToText, ToTimestamp};
        matches!(self, ToInt | ToDouble | ToText | ToBool | ToDuration | ToTimestamp)
    }

    /// Whether it is a `math.` function of one number.
    pub(crate) const fn calculates(self) -> bool {
        use Function::{Abs, BitNot, Ceil, Floor, IsFinite, IsInf, IsNan, Round, Sign, Sqrt, Trunc};
        matches!(self, Ceil | Floor | Round | Trunc | Abs | Sign | IsNan | IsInf | IsFinite | Sqrt | BitNot)
    }

    /// Whether it is a `math.` function of the bits of two ints.
    pub(crate) const fn combines_bits(self) -> bool {
        use Function::{BitAnd, BitOr, BitShiftLeft, BitShiftRight, BitXor};
        matches!(self, BitAnd | BitOr | BitXor | BitShiftLeft | BitShiftRight)
    }
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `size(x)`.
    Free,
    /// `x.trim()`.
    Method,
    /// Both.
    Either,
    /// `math.abs(x)`.
    Math,
    /// `strings.quote(x)`.
    Strings,
}

impl Form {
    /// The forms that have a namespace.
    pub(crate) const SPACED: [Self; 2] = [Self::Math, Self::Strings];

    /// What stands before the dot where that is no receiver.
    pub(crate) const fn namespace(self) -> Option<&'static str> {
        match self {
            Self::Free | Self::Method | Self::Either => None,
            Self::Math => Some("math"),
            Self::Strings => Some("strings"),
        }
    }

    /// The form of the functions in a namespace.
    pub(crate) fn within(namespace: &str) -> Option<Self> {
        Self::SPACED.into_iter().find(|form| form.namespace() == Some(namespace))
    }
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Anything,
    Text,
    Number,
    Int,
    List,
    TextOrList,
    NumberOrList,
    Sized,
    Time,
}

impl Takes {
    pub(crate) fn accepts(self, kind: Kind) -> bool {
        if !kind.is_known() {
            return true;
        }
        match self {
            Self::Anything => true,
            Self::Text => kind.is_text(),
            Self::Number => kind.is_number(),
            Self::Int => matches!(kind, Kind::Int | Kind::Number),
            Self::List => kind == Kind::List,
            Self::TextOrList => kind.is_text() || kind == Kind::List,
            Self::NumberOrList => kind.is_number() || kind == Kind::List,
            Self::Sized => kind.is_text() || matches!(kind, Kind::List | Kind::Map),
            Self::Time => matches!(kind, Kind::Timestamp | Kind::Duration),
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Anything => "a value",
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Int => "an int",
            Self::List => "a list",
            Self::TextOrList => "a string or a list",
            Self::NumberOrList => "a number or a list",
            Self::Sized => "a string, a list or a map",
            Self::Time => "a timestamp or a duration",
        }
    }
}

/// One function: for a method the receiver is its first argument.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) function: Function,
    pub(crate) takes: &'static [Takes],
    /// How many of the last arguments may be left out.
    pub(crate) optional: usize,
    pub(crate) gives: Kind,
    /// What a call costs, against 1 for reading a metric.
    pub(crate) weight: u64,
}

impl Signature {
    /// `math.greatest` and `math.least` take any number of arguments.
    pub(crate) fn is_variadic(&self) -> bool {
        matches!(self.function, Function::Greatest | Function::Least)
    }
}

#[cfg(test)]
mod tests;
