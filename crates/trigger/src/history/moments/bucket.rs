//! The moments of the samples of one bucket; nothing is ever taken out of it.

use crate::history::{buckets::Bucket, sum::two_sum};

/// Count, sum to twice the precision, squares about the mean, and extremes: 48 B.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MomentsBucket {
    /// As a double, since all that is done with it are divisions.
    count: f64,
    high: f64,
    low: f64,
    /// The sum of the squared distances from the mean (Welford).
    squares: f64,
    lowest: f64,
    highest: f64,
}

impl MomentsBucket {
    pub(super) fn sum(&self) -> f64 {
        self.high + self.low
    }

    pub(super) fn lowest(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.lowest)
    }

    pub(super) fn highest(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.highest)
    }

    /// Mean and deviation; `None` of nothing, and where they are not numbers.
    pub(super) fn normal(&self) -> Option<(f64, f64)> {
        // Equal samples deviate by nothing, whatever the rounding of their mean says.
        let squares = if self.lowest == self.highest { 0.0 } else { self.squares };
        let (mean, deviation) = (self.mean(), (squares / self.count).sqrt());
        (!mean.is_nan() && !deviation.is_nan()).then_some((mean, deviation))
    }

    /// The same without one sample of this value, as well as a difference can tell; the extremes stay.
    pub(super) fn without(&self, value: f64) -> Self {
        let mut rest = Self { count: (self.count - 1.0).max(0.0), ..*self };
        rest.add_to_sum(-value);
        rest.squares = (self.squares - (value - self.mean()) * (value - rest.mean())).max(0.0);
        rest
    }

    fn mean(&self) -> f64 {
        self.sum() / self.count
    }

    fn add_to_sum(&mut self, value: f64) {
        let (high, error) = two_sum(self.high, value);
        self.high = high;
        // There is no error to keep where the sum is infinite.
        self.low = if high.is_finite() { self.low + error } else { 0.0 };
    }

    fn widen(&mut self, lowest: f64, highest: f64) {
        // Chosen rather than branched to: which one it is cannot be foreseen.
        self.lowest = if lowest < self.lowest { lowest } else { self.lowest };
        self.highest = if highest > self.highest { highest } else { self.highest };
    }
}

impl Bucket for MomentsBucket {
    fn add(&mut self, _at: i64, value: f64) {
        if self.count == 0.0 {
            *self = Self { count: 1.0, high: value, low: 0.0, squares: 0.0, lowest: value, highest: value };
            return;
        }
        let before = self.mean();
        self.count += 1.0;
        self.add_to_sum(value);
        self.squares += (value - before) * (value - self.mean());
        self.widen(value, value);
    }

    fn all<'a>(rows: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let Some(mut all) = rows.clone().next().copied() else { return Self::default() };
        for row in rows.clone().skip(1) {
            all.count += row.count;
            all.add_to_sum(row.high);
            all.low += row.low;
            all.widen(row.lowest, row.highest);
        }
        let mean = all.mean();
        all.squares = rows.map(|row| row.squares + row.count * (row.mean() - mean) * (row.mean() - mean)).sum();
        all
    }

    fn count(&self) -> u64 {
        self.count as u64
    }

    fn is_empty(&self) -> bool {
        self.count == 0.0
    }
}
