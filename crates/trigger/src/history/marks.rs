//! The times at which a condition held, for `seq(a, b, d)`; which of them an event comes after is asked by the event.

use super::{
    account::Account,
    timeline::{EXACT, Timeline, inside},
};

/// The last 512 different times of a window at which a condition held.
///
/// Older times that had to go are missed only by an event that comes later than 512 of them.
#[derive(Debug)]
pub(crate) struct Marks {
    span: i64,
    times: Timeline<()>,
    account: Account,
}

impl Marks {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) fn new(span: i64) -> Self {
        Self { span: span.max(1), times: Timeline::new(), account: Account::default() }
    }

    /// Marks a time, unless it is late and outside of the window; says whether it did.
    pub(crate) fn add(&mut self, at: i64, newest: i64) -> bool {
        let newest = newest.max(at);
        self.advance(newest);
        let full = self.times.len() == EXACT && self.times.first().is_some_and(|(first, _)| at < first);
        if full || !inside(at, newest, self.span) {
            return self.account.took(false);
        }
        // A time that is marked already needs no second place.
        if self.latest(at) != Some(at) {
            if self.times.len() == EXACT {
                self.times.pop_first();
            }
            self.times.insert(at, ());
        }
        true
    }

    /// Moves to a newer time. Needed before any read.
    pub(crate) fn advance(&mut self, newest: i64) {
        while self.times.first().is_some_and(|(at, ())| !inside(at, newest, self.span)) {
            self.times.pop_first();
        }
    }

    /// Whether there is a mark later than the first time and not later than the second.
    pub(crate) fn within(&self, after: i64, up_to: i64) -> bool {
        self.latest(up_to).is_some_and(|at| at > after)
    }

    fn latest(&self, up_to: i64) -> Option<i64> {
        let place = self.times.up_to(up_to).checked_sub(1)?;
        self.times.get(place).map(|(at, ())| at)
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.times.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_are_those_of_a_window() {
        let mut marks = Marks::new(100);
        marks.add(10, 10);
        marks.add(50, 50);
        marks.add(30, 50);
        marks.add(30, 50);
        let check = |after, up_to, expected| assert_eq!(marks.within(after, up_to), expected, "({after}, {up_to}]");
        check(9, 10, true);
        check(10, 29, false);
        check(10, 30, true);
        check(30, 49, false);
        check(50, 1_000, false);
        check(i64::MIN, i64::MAX, true);
        assert_eq!(marks.times.len(), 3);
        marks.advance(110);
        assert!(!marks.within(i64::MIN, 29));
        assert!(!marks.add(10, 110));
        assert_eq!(marks.account().late, 1);
    }

    #[test]
    fn the_last_times_stay() {
        let mut marks = Marks::new(i64::MAX);
        for at in 0..5_000 {
            marks.add(at, at);
        }
        assert!(marks.within(4_487, 4_488));
        assert!(!marks.within(i64::MIN, 4_487));
        assert!(!marks.add(7, 5_000));
        assert_eq!(marks.bytes(), 8 * EXACT);
    }

    #[test]
    fn the_first_nanosecond_can_be_marked() {
        let mut marks = Marks::new(10);
        assert!(marks.add(i64::MIN, i64::MIN));
        assert!(!marks.within(i64::MIN, i64::MIN), "nothing is later than itself");
        assert!(marks.add(i64::MIN, i64::MIN));
        assert_eq!(marks.times.len(), 1);
    }
}
