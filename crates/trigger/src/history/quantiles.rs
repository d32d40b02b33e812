//! Quantiles of a window; the thinning that bounds its samples is in `levels`.

mod levels;
#[cfg(test)]
mod tests;

use self::levels::Levels;
use super::{
    account::Account,
    timeline::{EXACT, Timeline, inside},
};

/// With fewer samples than this, those to come need not be thinned as much as those there.
const FEW: usize = 192;

/// A window whose read is a quantile.
///
/// Exact up to 512 samples. Beyond, some hundreds of them stay as a weighted sample of all, each at its own time. The
/// rank of what is read then differs from the one asked for by 2 % of the window at most, as one standard deviation,
/// and by 1 % up to 0.05 and from 0.95 on, for any distribution in any order. As soon as the window holds no thinned
/// samples it is exact again.
#[derive(Debug)]
pub(crate) struct Quantiles {
    span: i64,
    samples: Timeline<f64>,
    levels: Levels,
    account: Account,
}

impl Quantiles {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) fn new(span: i64) -> Self {
        Self { span: span.max(1), samples: Timeline::new(), levels: Levels::default(), account: Account::default() }
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
        if taken {
            self.take(at, value);
        }
        self.account.took(taken)
    }

    fn take(&mut self, at: i64, value: f64) {
        if self.samples.len() < FEW && !self.is_exact() {
            self.levels.relax(&self.samples);
        }
        self.levels.renew(at, &self.samples);
        let mut passed = 0;
        while self.levels.admits(at, &mut passed) {
            if self.samples.len() < EXACT {
                self.samples.insert(at, value);
                return;
            }
            // The new sample has to pass what the others had to pass, too.
            self.levels.make_room(&mut self.samples);
        }
    }

    /// Moves to a newer time. Needed before any read.
    pub(crate) fn advance(&mut self, newest: i64) {
        while self.samples.first().is_some_and(|(at, _)| !inside(at, newest, self.span)) {
            self.samples.pop_first();
        }
        self.levels.advance(|at| inside(at, newest, self.span), self.samples.is_empty());
    }

    /// Counts a value that was no number.
    pub(crate) fn skip(&mut self) {
        self.account.skip();
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.samples.bytes() + self.levels.bytes()
    }

    /// Whether every sample of the window is there.
    pub(crate) fn is_exact(&self) -> bool {
        self.levels.are_zero()
    }

    /// The value at rank `q * (n - 1)` of the sorted samples, linearly between two; `None` of nothing, and outside of
    /// 0 to 1.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        if self.samples.is_empty() || !(0.0..=1.0).contains(&q) {
            return None;
        }
        if self.is_exact() { self.exact(q) } else { self.weighted(q) }
    }

    fn exact(&self, q: f64) -> Option<f64> {
        let mut values = [0.0; EXACT];
        values.iter_mut().zip(self.samples.values()).for_each(|(slot, value)| *slot = value);
        let values = values.get_mut(..self.samples.len())?;
        let rank = q * (values.len() - 1) as f64;
        // Rounding must not carry a rank to the next: nearly all of the way to it is enough.
        let place = (rank as usize).min(values.len() - 1);
        let (_, below, above) = values.select_nth_unstable_by(place, f64::total_cmp);
        let above = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
        between(*below, above, rank - place as f64)
    }

    /// Each sample stands in the middle of those that it speaks for.
    fn weighted(&self, q: f64) -> Option<f64> {
        let mut entries = [(0.0, 0.0); EXACT];
        let mut total = 0.0;
        for (slot, (at, value)) in entries.iter_mut().zip(self.samples.iter()) {
            *slot = (value, self.levels.weight(at));
            total += slot.1;
        }
        let entries = entries.get_mut(..self.samples.len())?;
        entries.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let rank = q * (total - 1.0);
        let (mut passed, mut below) = (0.0, None);
        for (value, weight) in entries.iter() {
            let middle = passed + (weight - 1.0) / 2.0;
            if middle >= rank {
                let (low, low_middle) = below.unwrap_or((*value, middle - 1.0));
                return between(low, *value, ((rank - low_middle) / (middle - low_middle)).max(0.0));
            }
            below = Some((*value, middle));
            passed += weight;
        }
        below.map(|(value, _)| value)
    }
}

/// The value at a share of the way from one to another.
fn between(low: f64, high: f64, share: f64) -> Option<f64> {
    if low == high || share <= 0.0 {
        return Some(low);
    }
    let way = (high - low) * share;
    // The distance of two finite numbers may be infinite, what is between them is not.
    let value = if way.is_finite() { low + way } else { low * (1.0 - share) + high * share };
    (!value.is_nan()).then_some(value)
}
