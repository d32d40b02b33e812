//! Entries in the order of their times, oldest first; what they mean, and when they go, is for whoever keeps them.

use std::collections::VecDeque;

/// The most entries that are kept one by one.
pub(super) const EXACT: usize = 512;

/// A ring that has given this many entries room gives the memory back when it runs empty.
const LARGE: usize = 32;

/// Whether a time lies in the window `(newest - span, newest]`; the future counts as inside.
pub(super) const fn inside(at: i64, newest: i64, span: i64) -> bool {
    // Saturation is right: what it cuts off is longer than any span.
    newest.saturating_sub(at) < span
}

/// A ring of entries sorted by time; equal times keep the order in which they came.
#[derive(Debug)]
pub(super) struct Timeline<T> {
    entries: VecDeque<(i64, T)>,
}

impl<T: Copy> Timeline<T> {
    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn get(&self, place: usize) -> Option<(i64, T)> {
        self.entries.get(place).copied()
    }

    pub(super) fn first(&self) -> Option<(i64, T)> {
        self.entries.front().copied()
    }

    pub(super) fn last(&self) -> Option<(i64, T)> {
        self.entries.back().copied()
    }

    /// How many entries are not later than a time.
    pub(super) fn up_to(&self, time: i64) -> usize {
        if self.last().is_none_or(|(last, _)| last <= time) {
            return self.len();
        }
        self.entries.partition_point(|(at, _)| *at <= time)
    }

    /// Puts an entry behind all that are not later; gives its place.
    pub(super) fn insert(&mut self, at: i64, entry: T) -> usize {
        let place = self.up_to(at);
        if place == self.len() {
            self.entries.push_back((at, entry));
        } else {
            self.entries.insert(place, (at, entry));
        }
        place
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.entries.remove(place);
    }

    /// Takes the oldest entry out; the last one to go takes a large ring with it.
    pub(super) fn pop_first(&mut self) -> Option<(i64, T)> {
        let first = self.entries.pop_front();
        if self.entries.is_empty() {
            self.clear();
        }
        first
    }

    /// Keeps the entries that a test by place, time and entry lets stay.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(usize, i64, T) -> bool) {
        let mut place = 0;
        self.entries.retain(|(at, entry)| {
            place += 1;
            keeps(place - 1, *at, *entry)
        });
    }

    pub(super) fn clear(&mut self) {
        if self.entries.capacity() > LARGE {
            self.entries = VecDeque::new();
        } else {
            self.entries.clear();
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, T)> + Clone {
        self.entries.iter().copied()
    }

    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = T> + Clone {
        self.entries.iter().map(|(_, entry)| *entry)
    }

    /// The same in two pieces, for walks that must be quick.
    pub(super) fn slices(&self) -> [&[(i64, T)]; 2] {
        let (older, newer) = self.entries.as_slices();
        [older, newer]
    }

    /// The bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(i64, T)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_a_window_hold_at_the_ends_of_time() {
        let check = |at: i64, newest: i64, span: i64, expected: bool| {
            assert_eq!(inside(at, newest, span), expected, "{at} at {newest} within {span}");
        };
        check(90, 100, 10, false);
        check(91, 100, 10, true);
        check(100, 100, 1, true);
        check(i64::MIN, i64::MIN, 1, true);
        check(i64::MIN, i64::MIN + 5, 10, true);
        check(i64::MIN, i64::MAX, i64::MAX, false);
        check(0, i64::MAX, i64::MAX, false);
        check(1, i64::MAX, i64::MAX, true);
        check(i64::MAX, i64::MIN, 1, true);
    }

    #[test]
    fn equal_times_keep_the_order_in_which_they_came() {
        let mut timeline = Timeline::new();
        for (at, entry) in [(5, 'a'), (9, 'b'), (5, 'c'), (1, 'd'), (9, 'e'), (5, 'f')] {
            timeline.insert(at, entry);
        }
        assert_eq!(timeline.values().collect::<String>(), "dacfbe");
    }

    #[test]
    fn it_doubles_up_to_the_limit_and_gives_a_large_ring_back() {
        let mut timeline = Timeline::new();
        for at in 0..EXACT as i64 {
            timeline.insert(at, 0.0);
            assert_eq!(timeline.bytes(), 16 * timeline.len().next_power_of_two().max(4));
        }
        while timeline.pop_first().is_some() {}
        assert_eq!(timeline.bytes(), 0);
        timeline.insert(0, 0.0);
        timeline.pop_first();
        assert_eq!(timeline.bytes(), 64);
    }
}
