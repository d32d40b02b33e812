//! The variance of samples that come and go, without the cancellation of `mean of squares - square of mean`; extremes
//! are not its matter.

use crate::history::{accumulator::power_of_two, sum::Sum};

/// How much larger the squares may be than the variance they give: 10 of 52 bits are lost at most.
const CANCELLATION: f64 = 1_024.0;

/// Squares outside of this range may have been rounded to 0 or to infinity.
const SQUARES: std::ops::Range<f64> = 1e-280..1e280;

/// Sums over the distances of finite samples from an origin near their mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    origin: f64,
    distances: Sum,
    squares: Sum,
    count: u32,
    /// How many samples are not at the origin.
    apart: u32,
}

impl Spread {
    /// From all samples; the origin is their mean.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let mut spread = Self { origin: center(values.clone()), ..Self::default() };
        values.for_each(|value| spread.put(value));
        spread
    }

    pub(super) fn add(&mut self, value: f64) {
        if self.count == 0 {
            *self = Self { origin: value, ..Self::default() };
        }
        self.put(value);
    }

    fn put(&mut self, value: f64) {
        let distance = value - self.origin;
        self.distances.add(distance);
        self.squares.add(distance * distance);
        self.count += 1;
        self.apart += u32::from(distance != 0.0);
    }

    pub(super) fn remove(&mut self, value: f64) {
        let distance = value - self.origin;
        self.distances.subtract(distance);
        self.squares.subtract(distance * distance);
        self.count = self.count.saturating_sub(1);
        self.apart = self.apart.saturating_sub(u32::from(distance != 0.0));
    }

    pub(super) fn without(mut self, value: f64) -> Self {
        self.remove(value);
        self
    }

    /// The population's variance of so many samples; `None` where too much was rounded away to tell.
    pub(super) fn variance(&self, count: f64) -> Option<f64> {
        if self.apart == 0 {
            return Some(0.0);
        }
        let (mean, square) = (self.distances.value() / count, self.squares.value() / count);
        let variance = square - mean * mean;
        let lost = self.distances.lost() / count;
        let sound = self.squares.is_sound()
            && lost * lost <= square * (f64::EPSILON * f64::EPSILON)
            && SQUARES.contains(&square)
            && square <= variance * CANCELLATION;
        sound.then_some(variance)
    }
}

/// The mean as an origin. Equal samples are their own: their mean may be rounded.
fn center(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let Some(first) = values.clone().next() else { return 0.0 };
    if values.clone().all(|value| value == first) {
        return first;
    }
    let mean = Sum::of(values.clone()).value() / values.count() as f64;
    if mean.is_finite() { mean } else { 0.0 }
}

/// Mean and deviation by two walks over the samples, of any size; `None` of nothing, and where a sample is infinite.
pub(super) fn normal(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let first = values.clone().next()?;
    let largest = values.clone().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if !largest.is_finite() {
        return None;
    }
    if values.clone().all(|value| value == first) {
        return Some((first, 0.0));
    }
    // A power of two scales without rounding; at about 1 no square is out of range.
    let exponent = ((largest.to_bits() >> 52) as i32 - 1_023).clamp(-1_022, 1_022);
    let scaled = values.map(|value| value * power_of_two(-exponent));
    let count = scaled.clone().count() as f64;
    let mean = Sum::of(scaled.clone()).value() / count;
    let squares: f64 = scaled.map(|value| (value - mean) * (value - mean)).sum();
    Some((mean * power_of_two(exponent), (squares / count).sqrt() * power_of_two(exponent)))
}
