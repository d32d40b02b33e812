//! Count, sum, mean, extremes and deviation of a window; what rules make of them is theirs.

mod bucket;
mod extreme;
mod spread;

use self::{bucket::MomentsBucket, extreme::Extreme, spread::Spread};
use super::{
    account::Account,
    sum::Sum,
    timeline::Timeline,
    window::{Running, View, Window},
};

/// The fewest samples that a z-score compares with.
const BASELINE: u64 = 8;

/// What the rules that share a window read often. It decides what a read costs, never what it gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// The smallest or the greatest sample.
    pub(crate) extremes: bool,
    /// The deviation or a z-score.
    pub(crate) deviation: bool,
}

impl Reads {
    /// What either reads.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self { extremes: self.extremes || other.extremes, deviation: self.deviation || other.deviation }
    }
}

/// A window whose reads are `count rate share sum avg min max stddev zscore`.
///
/// Exact up to 512 samples; beyond, exact to a sixtieth of its span. No sum drifts or keeps a trace of what has left.
#[derive(Debug)]
pub(crate) struct Moments {
    window: Window<Totals>,
}

/// What is kept of exact samples. The sums leave infinite ones out: these are counted instead.
#[derive(Debug)]
struct Totals {
    sum: Sum,
    rising: u32,
    falling: u32,
    extremes: Option<Extremes>,
    spread: Option<Spread>,
}

type Extremes = (Extreme<false>, Extreme<true>);

impl Moments {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) fn new(span: i64, reads: Reads) -> Self {
        Self { window: Window::new(span, Totals::new(reads)) }
    }

    /// Takes a sample in, unless it is late and outside of the window, or NaN; says whether it did.
    pub(crate) fn add(&mut self, at: i64, newest: i64, value: f64) -> bool {
        self.window.add(at, newest, value)
    }

    /// Moves to a newer time. Needed before any read.
    pub(crate) fn advance(&mut self, newest: i64) {
        self.window.advance(newest);
    }

    /// Counts a value that was no number.
    pub(crate) fn skip(&mut self) {
        self.window.skip();
    }

    pub(crate) const fn account(&self) -> Account {
        self.window.account()
    }

    /// Whether every sample of the window is there.
    #[cfg(test)]
    pub(crate) const fn is_exact(&self) -> bool {
        self.window.is_exact()
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.window.bytes()
    }

    pub(crate) fn count(&self) -> u64 {
        self.window.count()
    }

    /// The sum, 0 of nothing; NaN where both infinities are in the window.
    pub(crate) fn sum(&self) -> f64 {
        match self.window.view() {
            View::Exact(totals, _) => totals.sum(),
            View::Buckets(buckets) => buckets.total().sum(),
        }
    }

    /// What one in the window is for each of its seconds.
    pub(crate) fn per_second(&self) -> f64 {
        1e9 / self.window.span() as f64
    }

    /// The mean; `None` of nothing, and where it is not a number.
    pub(crate) fn mean(&self) -> Option<f64> {
        let mean = self.sum() / self.count() as f64;
        (!mean.is_nan()).then_some(mean)
    }

    pub(crate) fn min(&self) -> Option<f64> {
        match self.window.view() {
            View::Exact(totals, samples) => match totals.extremes {
                Some((lowest, _)) => lowest.read(samples),
                None => Extreme::<false>::of(samples),
            },
            View::Buckets(buckets) => buckets.total().lowest(),
        }
    }

    pub(crate) fn max(&self) -> Option<f64> {
        match self.window.view() {
            View::Exact(totals, samples) => match totals.extremes {
                Some((_, highest)) => highest.read(samples),
                None => Extreme::<true>::of(samples),
            },
            View::Buckets(buckets) => buckets.total().highest(),
        }
    }

    /// The population's standard deviation; `None` of nothing, and where it is not finite. In buckets it is not where
    /// samples lie further apart than about 1e150.
    pub(crate) fn deviation(&self) -> Option<f64> {
        let deviation = match self.window.view() {
            View::Exact(totals, samples) => totals.normal(samples).map(|(_, deviation)| deviation),
            View::Buckets(buckets) => buckets.total().normal().map(|(_, deviation)| deviation),
        };
        deviation.filter(|deviation| deviation.is_finite())
    }

    /// How many deviations a value lies above the mean of the other samples. `included`: the value is in the window
    /// as the sample that came last, and does not count for its own baseline.
    ///
    /// `None` with fewer than 8 others, and where their deviation is 0 or not finite.
    pub(crate) fn zscore(&self, current: f64, included: bool) -> Option<f64> {
        if self.count().checked_sub(u64::from(included))? < BASELINE {
            return None;
        }
        let normal = match self.window.view() {
            View::Exact(totals, samples) if included => totals.normal_without(current, samples),
            View::Exact(totals, samples) => totals.normal(samples),
            View::Buckets(buckets) if !included => buckets.total().normal(),
            View::Buckets(buckets) => match buckets.before() {
                Some(before) => before.normal(),
                None => buckets.total().without(current).normal(),
            },
        };
        let (mean, deviation) = normal?;
        let score = (current - mean) / deviation;
        (deviation > 0.0 && deviation.is_finite() && !score.is_nan()).then_some(score)
    }
}

impl Totals {
    fn new(reads: Reads) -> Self {
        Self {
            sum: Sum::default(),
            rising: 0,
            falling: 0,
            extremes: reads.extremes.then(Extremes::default),
            spread: reads.deviation.then(Spread::default),
        }
    }

    /// The counter of an infinite sample's kind.
    const fn infinite(&mut self, value: f64) -> &mut u32 {
        if value > 0.0 { &mut self.rising } else { &mut self.falling }
    }

    fn sum(&self) -> f64 {
        match (self.rising, self.falling) {
            (0, 0) => self.sum.value(),
            (_, 0) => f64::INFINITY,
            (0, _) => f64::NEG_INFINITY,
            _ => f64::NAN,
        }
    }

    /// Mean and deviation; `None` of nothing, and where a sample is infinite.
    fn normal(&self, samples: &Timeline<f64>) -> Option<(f64, f64)> {
        if self.rising + self.falling > 0 || samples.is_empty() {
            return None;
        }
        let count = samples.len() as f64;
        match self.spread.and_then(|spread| spread.variance(count)) {
            Some(variance) => Some((self.sum.value() / count, variance.sqrt())),
            None => spread::normal(samples.values()),
        }
    }

    /// The same without one sample of this value.
    fn normal_without(&self, value: f64, samples: &Timeline<f64>) -> Option<(f64, f64)> {
        let count = samples.len() as f64 - 1.0;
        let mut sum = self.sum;
        sum.subtract(value);
        let rest = self.spread.map(|spread| spread.without(value));
        match rest.and_then(|spread| spread.variance(count)) {
            Some(variance) if sum.is_sound() && self.rising + self.falling == 0 => {
                Some((sum.value() / count, variance.sqrt()))
            }
            _ => {
                // Which of several equal samples is left out makes no difference.
                let place = samples.values().position(|sample| sample == value);
                spread::normal(samples.values().enumerate().filter(|(at, _)| Some(*at) != place).map(|(_, x)| x))
            }
        }
    }
}

impl Running for Totals {
    type Bucket = MomentsBucket;

    fn entered(&mut self, samples: &Timeline<f64>, place: usize) {
        let Some((_, value)) = samples.get(place) else { return };
        if let Some((lowest, highest)) = &mut self.extremes {
            let only = samples.len() == 1;
            lowest.entered(value, only);
            highest.entered(value, only);
        }
        if value.is_infinite() {
            *self.infinite(value) += 1;
            return;
        }
        self.sum.add(value);
        if let Some(spread) = &mut self.spread {
            spread.add(value);
        }
    }

    fn leaving(&mut self, samples: &Timeline<f64>) {
        let Some((_, value)) = samples.first() else { return };
        if let Some((lowest, highest)) = &mut self.extremes {
            lowest.leaving(value);
            highest.leaving(value);
        }
        if value.is_infinite() {
            *self.infinite(value) -= 1;
            return;
        }
        self.sum.subtract(value);
        if let Some(spread) = &mut self.spread {
            spread.remove(value);
        }
    }

    fn settle(&mut self, samples: &Timeline<f64>) {
        if let Some((lowest, highest)) = &mut self.extremes {
            lowest.refresh(samples);
            highest.refresh(samples);
        }
        if self.rising + self.falling > 0 {
            return;
        }
        if !self.sum.is_sound() {
            self.sum = Sum::of(samples.values());
        }
        if let Some(spread) = &mut self.spread
            && spread.variance(samples.len() as f64).is_none()
        {
            *spread = Spread::of(samples.values());
        }
    }

    fn clear(&mut self) {
        let reads = Reads { extremes: self.extremes.is_some(), deviation: self.spread.is_some() };
        *self = Self::new(reads);
    }
}
