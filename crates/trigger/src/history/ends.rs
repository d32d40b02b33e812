//! The last two samples of a window, `last` and `prev`; no others are ever needed for them, since samples leave at
//! the old end.

use super::{account::Account, timeline::inside};

/// A window whose reads are its last two samples. Always exact.
#[derive(Debug)]
pub(crate) struct Ends {
    span: i64,
    last: Option<(i64, f64)>,
    previous: Option<(i64, f64)>,
    account: Account,
}

impl Ends {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) const fn new(span: i64) -> Self {
        let span = if span < 1 { 1 } else { span };
        Self { span, last: None, previous: None, account: Account { late: 0, skipped: 0 } }
    }

    /// Takes a sample in, unless it is late and outside of the window, or NaN; says whether it did.
    pub(crate) fn add(&mut self, at: i64, newest: i64, value: f64) -> bool {
        if value.is_nan() {
            self.skip();
            return false;
        }
        let newest = newest.max(at);
        self.advance(newest);
        let taken = inside(at, newest, self.span);
        if taken && self.last.is_none_or(|(last, _)| at >= last) {
            self.previous = self.last.replace((at, value));
        } else if taken && self.previous.is_none_or(|(previous, _)| at >= previous) {
            self.previous = Some((at, value));
        }
        self.account.took(taken)
    }

    /// Moves to a newer time. Needed before any read.
    pub(crate) fn advance(&mut self, newest: i64) {
        for end in [&mut self.last, &mut self.previous] {
            *end = end.filter(|(at, _)| inside(*at, newest, self.span));
        }
    }

    /// Counts a value that was no number.
    pub(crate) fn skip(&mut self) {
        self.account.skip();
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The sample that is last by its time.
    pub(crate) fn last(&self) -> Option<f64> {
        self.last.map(|(_, value)| value)
    }

    /// The sample before the last one.
    pub(crate) fn previous(&self) -> Option<f64> {
        self.previous.map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_equal_samples_take_their_place() {
        let mut ends = Ends::new(10);
        let mut check = |at, newest, value, last, previous| {
            ends.add(at, newest, value);
            assert_eq!((ends.last(), ends.previous()), (last, previous), "{at} at {newest}");
        };
        check(10, 10, 1.0, Some(1.0), None);
        check(5, 10, 0.5, Some(1.0), Some(0.5));
        check(3, 10, 0.3, Some(1.0), Some(0.5));
        check(5, 10, 0.6, Some(1.0), Some(0.6));
        check(10, 10, 1.1, Some(1.1), Some(1.0));
        check(0, 10, 9.0, Some(1.1), Some(1.0));
        check(20, 20, 2.0, Some(2.0), None);
        check(21, 21, f64::NAN, Some(2.0), None);
        ends.advance(30);
        assert_eq!((ends.last(), ends.previous()), (None, None));
        assert_eq!(ends.account(), Account { late: 1, skipped: 1 });
    }
}
