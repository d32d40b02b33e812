//! The types of the language, as far as they are known before a condition runs, and as they are told in messages.

/// A type. `Any` is what nobody knows before an event is there: data is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Null,
    Bool,
    Int,
    Double,
    /// An int or a double.
    Number,
    Text,
    Severity,
    List,
    Map,
    Duration,
    Timestamp,
}

impl Kind {
    /// The name in messages, with its article.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Null => "null",
            Self::Bool => "a bool",
            Self::Int => "an int",
            Self::Double => "a double",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Severity => "a severity",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Duration => "a duration",
            Self::Timestamp => "a timestamp",
        }
    }

    pub(crate) const fn is_known(self) -> bool {
        !matches!(self, Self::Any | Self::Null)
    }

    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Number)
    }

    /// Text, or what reads like text.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Severity)
    }

    /// Whether values of the two can be put in an order.
    pub(crate) fn orders_with(self, other: Self) -> bool {
        if !self.is_known() || !other.is_known() {
            return true;
        }
        let family = match self {
            Self::Int | Self::Double | Self::Number => return other.is_number(),
            Self::Text | Self::Severity => return other.is_text(),
            Self::List | Self::Map => return false,
            _ => self,
        };
        family == other
    }

    /// Whether values of the two can ever be equal.
    pub(crate) fn equals_with(self, other: Self) -> bool {
        let like_number = |kind: Self| kind.is_number() || kind == Self::Bool;
        !self.is_known()
            || !other.is_known()
            || self == other
            || (like_number(self) && like_number(other))
            || (self.is_text() && other.is_text())
    }

    /// What is known of a value that is of one kind or of the other.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            _ if self.is_number() && other.is_number() => Self::Number,
            _ => Self::Any,
        }
    }
}
