//! A window as 60 buckets on an absolute grid, once its samples are too many; what a bucket holds is the bucket's own
//! affair.

use std::fmt::Debug;

/// The most buckets of a window.
pub(super) const BUCKETS: usize = 60;

/// What is kept of the samples of one stretch of time.
pub(super) trait Bucket: Copy + Debug + Default {
    fn add(&mut self, at: i64, value: f64);
    /// Many that are not empty as one, given in the order of their stretches.
    fn all<'a>(rows: impl Iterator<Item = &'a Self> + Clone) -> Self
    where
        Self: 'a;
    fn count(&self) -> u64;
    fn is_empty(&self) -> bool;
}

/// A ring of buckets. The window is exact to the width of one: a sixtieth of its span, rounded up.
#[derive(Debug)]
pub(super) struct Buckets<B> {
    rows: [B; BUCKETS],
    /// All rows in one, so that a read is no walk.
    total: B,
    /// The total without the sample that came last, until a bucket goes.
    before: Option<B>,
    width: i64,
    /// How many rows are in use: fewer than all only where the span is but some nanoseconds.
    used: i64,
    /// The number on the grid, the row and the first nanosecond of the newest bucket.
    head: i64,
    head_row: usize,
    head_start: i64,
}

impl<B: Bucket> Buckets<B> {
    pub(super) fn new(span: i64, newest: i64) -> Self {
        let limit = BUCKETS as i64;
        let width = span / limit + i64::from(span % limit != 0);
        let used = (span / width + i64::from(span % width != 0)).clamp(1, limit);
        let rows = [B::default(); BUCKETS];
        let (head, head_row, head_start) = (0, 0, 0);
        let mut buckets = Self { rows, total: B::default(), before: None, width, used, head, head_row, head_start };
        buckets.set_head(newest.div_euclid(width));
        buckets
    }

    /// All samples in one.
    pub(super) const fn total(&self) -> &B {
        &self.total
    }

    /// All samples but the one that came last, unless some have gone since.
    pub(super) const fn before(&self) -> Option<&B> {
        self.before.as_ref()
    }

    /// Counts a sample in that is not newer than the time it was moved to; false where its bucket has gone.
    pub(super) fn add(&mut self, at: i64, value: f64) -> bool {
        let in_head = at >= self.head_start && at.saturating_sub(self.head_start) < self.width;
        let row = if in_head { Some(self.head_row) } else { self.row(at.div_euclid(self.width)) };
        let Some(row) = row.and_then(|row| self.rows.get_mut(row)) else { return false };
        row.add(at, value);
        self.before = Some(self.total);
        if in_head {
            self.total.add(at, value);
        } else {
            self.sum_up();
        }
        true
    }

    /// Moves to a newer time; what is too old by then goes.
    pub(super) fn advance(&mut self, newest: i64) {
        // Most events fall into the newest bucket: no division for them.
        if newest.saturating_sub(self.head_start) < self.width {
            return;
        }
        let head = newest.div_euclid(self.width);
        let steps = head.saturating_sub(self.head).min(self.used);
        let mut gone = false;
        for step in 0..steps {
            let row = self.slot(head.saturating_sub(step));
            if let Some(row) = self.rows.get_mut(row) {
                gone |= !row.is_empty();
                *row = B::default();
            }
        }
        self.set_head(head);
        if gone {
            self.sum_up();
            self.before = None;
        }
    }

    fn set_head(&mut self, head: i64) {
        self.head = head;
        self.head_row = self.slot(head);
        self.head_start = head.saturating_mul(self.width);
    }

    /// The row of a bucket by its number on the grid, where it is kept.
    fn row(&self, number: i64) -> Option<usize> {
        (number <= self.head && self.head.saturating_sub(number) < self.used).then(|| self.slot(number))
    }

    const fn slot(&self, number: i64) -> usize {
        number.rem_euclid(self.used).unsigned_abs() as usize
    }

    /// The total from the rows, oldest first: nothing is ever taken out of a sum.
    fn sum_up(&mut self) {
        let used = self.used.unsigned_abs() as usize;
        let (newer, older) = self.rows.split_at(self.head_row + 1);
        let rows = older.iter().take(used.saturating_sub(newer.len())).chain(newer);
        self.total = B::all(rows.filter(|row| !row.is_empty()));
    }
}
