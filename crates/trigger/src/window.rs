//! The functions over time as a rule names them: what each keeps of an agent's history, and what it reads from there. Keeping it
//! is left to `history`, reading a call to `lower`.

use crate::node::Node;

/// The longest window: 24 hours, in nanoseconds.
pub(crate) const WINDOW_LIMIT: i64 = 86_400 * 1_000_000_000;
/// The longest that something may be overdue: 31 days, as for a hold.
pub(crate) const ABSENCE_LIMIT: i64 = 31 * WINDOW_LIMIT;
/// The most events that `consecutive` looks back on.
pub(crate) const RUN_LIMIT: u16 = 512;
/// The most inputs, paths and conditions, that one rule keeps a history of.
pub(crate) const INPUT_LIMIT: usize = 8;
/// The most series of one rule: an input may have several windows.
pub(crate) const SERIES_LIMIT: usize = 32;

/// What is kept of one input over one window.
#[derive(Clone, Debug)]
pub(crate) struct SeriesSpec {
    /// The same for series that keep the same, whichever rule they are of.
    pub(crate) key: Box<str>,
    /// Which input it is of, as text: the part of the key that is counted.
    pub(crate) subject: Box<str>,
    pub(crate) input: Input,
    pub(crate) keep: Keep,
}

/// Where samples come from.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// Every event is a one.
    Events,
    /// The number, or any value, that a path leads to.
    Path(Node),
    /// Whether a condition holds: one or zero.
    Holds(Node),
}

impl Input {
    pub(crate) const fn node(&self) -> Option<&Node> {
        match self {
            Self::Events => None,
            Self::Path(node) | Self::Holds(node) => Some(node),
        }
    }
}

/// What is kept, with the length of the window in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Count, sum, squares, least and greatest.
    Moments(i64),
    /// First, last and growth.
    Change(i64),
    /// Enough for quantiles.
    Order(i64),
    /// The last two.
    Ends(i64),
    /// Which values there were.
    Values(i64),
    /// An average with a time constant.
    Decay(i64),
    /// Whether the last so many events held.
    Run(u16),
    /// When it held.
    Marks(i64),
}

/// What is read from a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Measure {
    Mean,
    Least,
    Greatest,
    Sum,
    Deviation,
    Quantile(f64),
    Last,
    Previous,
    Count,
    /// Per second of a window of so many nanoseconds.
    Rate(i64),
    Share,
    Distinct,
    Consecutive,
    Delta,
    Change,
    Increase,
    Score,
    Decayed,
    /// Within so many nanoseconds.
    Sequence(i64),
}

/// Something that is overdue when it has not come for so long.
#[derive(Clone, Debug)]
pub(crate) struct AbsenceSpec {
    pub(crate) key: Box<str>,
    pub(crate) awaited: Awaited,
    /// In nanoseconds.
    pub(crate) after: i64,
}

/// What is awaited.
#[derive(Clone, Debug)]
pub(crate) enum Awaited {
    /// Any event.
    Event,
    /// A path.
    Path(Node),
    /// Once the first has held, an event for which the second holds.
    Answer(Box<[Node; 2]>),
}
