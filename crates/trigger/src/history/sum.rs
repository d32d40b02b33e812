//! A running sum that knows how much it may be wrong; to begin again from the samples is its owner's part.

use super::accumulator::Accumulator;

/// The sum of doubles that come and go, to twice their precision, with a bound of what was lost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    high: f64,
    low: f64,
    lost: f64,
}

impl Sum {
    /// The sum of many, rounded only at its end.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        if !values.clone().all(f64::is_finite) {
            return Self { high: values.sum(), ..Self::default() };
        }
        let mut accumulator = Accumulator::new();
        values.for_each(|value| accumulator.add(value));
        let high = accumulator.rounded();
        if !high.is_finite() {
            return Self { high, ..Self::default() };
        }
        accumulator.add(-high);
        let low = accumulator.rounded();
        accumulator.add(-low);
        Self { high, low, lost: accumulator.rounded().abs() }
    }

    pub(super) fn add(&mut self, value: f64) {
        let (high, error) = two_sum(self.high, value);
        let (low, lost) = two_sum(self.low, error);
        self.high = high;
        self.low = low;
        self.lost += lost.abs();
    }

    pub(super) fn subtract(&mut self, value: f64) {
        self.add(-value);
    }

    pub(super) fn value(&self) -> f64 {
        self.high + self.low
    }

    /// The bound of what was lost; not a number after a non-finite value.
    pub(super) const fn lost(&self) -> f64 {
        self.lost
    }

    /// Whether it is finite, and right to its last place.
    pub(super) fn is_sound(&self) -> bool {
        let value = self.value();
        value.is_finite() && self.lost <= value.abs() * (f64::EPSILON / 4.0)
    }
}

/// A rounded sum and what the rounding cut off (Knuth's TwoSum); exact unless the sum is not finite.
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_leaves_the_rest_or_a_warning() {
        let check = |before: &[f64], gone: &[f64], expected: Option<f64>| {
            let mut sum = Sum::default();
            before.iter().chain(gone).for_each(|value| sum.add(*value));
            gone.iter().for_each(|value| sum.subtract(*value));
            assert_eq!(sum.is_sound().then(|| sum.value()), expected, "{before:?} {gone:?}");
        };
        check(&[1.0, 1.0, 1.0], &[1e300], Some(3.0));
        check(&[0.1, 0.2], &[0.3, 1e9], Some(0.1 + 0.2));
        check(&[], &[0.1, 0.7, 1e5], Some(0.0));
        check(&[1.0], &[1e300, 1e150, 1e30], None);
        check(&[1.0], &[f64::INFINITY], None);
        check(&[1.0], &[f64::MAX, f64::MAX], None);
    }

    #[test]
    fn many_at_once_are_exact_and_go_on_as_a_running_sum() {
        let values = [1e300, 1.0, 1e-20, -1e300];
        let mut sum = Sum::of(values.into_iter());
        assert!(sum.is_sound());
        assert_eq!(sum.value(), 1.0);
        sum.subtract(1.0);
        assert_eq!(sum.value(), 1e-20);
        assert_eq!(Sum::of([f64::INFINITY, 1.0].into_iter()).value(), f64::INFINITY);
        assert_eq!(Sum::of([f64::MAX, f64::MAX].into_iter()).value(), f64::INFINITY);
    }
}
