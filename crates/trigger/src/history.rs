//! What is remembered of an agent's past for the time layer, each series in bounded memory; which rule wants which
//! series, and which number an event gives it, is decided elsewhere.
//!
//! A series is told the time of a sample and `newest`, the greatest time of any event of its agent, both in
//! nanoseconds. Its window is `(newest - span, newest]`; a late sample takes its place by time if that is still
//! inside, else it is only counted. Up to 512 samples are kept one by one, 16 B each; beyond that a series holds 60
//! buckets or a sample, and says in its own words how far it may be off. Reads are right after `advance`, and
//! allocate nothing.

mod account;
mod accumulator;
mod buckets;
mod chance;
mod change;
mod distinct;
mod ends;
mod ewma;
mod marks;
mod moments;
mod quantiles;
mod run;
mod sum;
#[cfg(test)]
mod tests;
mod timeline;
mod window;

pub(crate) use self::{
    account::Account,
    change::Change,
    distinct::Distinct,
    ends::Ends,
    ewma::Ewma,
    marks::Marks,
    moments::{Moments, Reads},
    quantiles::Quantiles,
    run::Run,
};

/// One series of one agent: what is kept decides what can be read.
#[derive(Debug)]
pub(crate) enum Series {
    /// `count rate share sum avg min max stddev zscore`.
    Moments(Moments),
    /// `delta pct_change increase`.
    Change(Change),
    /// `quantile`.
    Quantiles(Quantiles),
    /// `last prev`.
    Ends(Ends),
    /// `distinct`.
    Distinct(Distinct),
    /// `ewma`.
    Ewma(Ewma),
    /// `consecutive`.
    Run(Run),
    /// `seq`.
    Marks(Marks),
}

impl Series {
    /// Moves to a newer time; what has no window stays as it is.
    pub(crate) fn advance(&mut self, newest: i64) {
        match self {
            Self::Moments(moments) => moments.advance(newest),
            Self::Change(change) => change.advance(newest),
            Self::Quantiles(quantiles) => quantiles.advance(newest),
            Self::Ends(ends) => ends.advance(newest),
            Self::Distinct(distinct) => distinct.advance(newest),
            Self::Marks(marks) => marks.advance(newest),
            Self::Ewma(_) | Self::Run(_) => {}
        }
    }

    /// Takes a number in where the series is one of numbers; says whether it did. Then it has moved to the newest time, too.
    pub(crate) fn add_number(&mut self, at: i64, newest: i64, value: f64) -> bool {
        match self {
            Self::Moments(moments) => moments.add(at, newest, value),
            Self::Change(change) => change.add(at, newest, value),
            Self::Quantiles(quantiles) => quantiles.add(at, newest, value),
            Self::Ends(ends) => ends.add(at, newest, value),
            Self::Ewma(ewma) => ewma.add(at, value),
            Self::Distinct(_) | Self::Run(_) | Self::Marks(_) => false,
        }
    }

    /// Counts a value that was no number.
    pub(crate) fn skip(&mut self) {
        match self {
            Self::Moments(moments) => moments.skip(),
            Self::Change(change) => change.skip(),
            Self::Quantiles(quantiles) => quantiles.skip(),
            Self::Ends(ends) => ends.skip(),
            Self::Ewma(ewma) => ewma.skip(),
            Self::Distinct(_) | Self::Run(_) | Self::Marks(_) => {}
        }
    }

    /// What it was given and did not take.
    pub(crate) const fn account(&self) -> Account {
        match self {
            Self::Moments(moments) => moments.account(),
            Self::Change(change) => change.account(),
            Self::Quantiles(quantiles) => quantiles.account(),
            Self::Ends(ends) => ends.account(),
            Self::Distinct(distinct) => distinct.account(),
            Self::Ewma(ewma) => ewma.account(),
            Self::Run(run) => run.account(),
            Self::Marks(marks) => marks.account(),
        }
    }

    /// The bytes it takes: its own and those on the heap.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Moments(moments) => moments.bytes(),
                Self::Change(change) => change.bytes(),
                Self::Quantiles(quantiles) => quantiles.bytes(),
                Self::Distinct(distinct) => distinct.bytes(),
                Self::Run(run) => run.bytes(),
                Self::Marks(marks) => marks.bytes(),
                Self::Ends(_) | Self::Ewma(_) => 0,
            }
    }
}
