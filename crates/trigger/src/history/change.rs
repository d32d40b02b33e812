//! How a number has changed within a window: `delta`, `pct_change`, `increase`; what counts as much is for the rules.

use super::{
    account::Account,
    buckets::Bucket,
    sum::Sum,
    timeline::Timeline,
    window::{Running, View, Window},
};

/// A window whose reads are of its first and last sample, and of the steps between.
///
/// Exact up to 512 samples. Beyond, exact to a sixtieth of its span, and a late sample that falls between the first and
/// the last of its bucket changes no step: for a counter that was not set back there, it would not have either.
#[derive(Debug)]
pub(crate) struct Change {
    window: Window<Steps>,
}

/// The running sum of the steps up.
#[derive(Debug, Default)]
struct Steps {
    increase: Sum,
}

/// The ends of the samples of one bucket and the steps between them: 48 B.
#[derive(Clone, Copy, Debug, Default)]
struct ChangeBucket {
    count: u64,
    first: (i64, f64),
    last: (i64, f64),
    increase: f64,
}

/// By how much a counter went up. One that went down was set back to 0: then it is its new value.
fn step(from: f64, to: f64) -> f64 {
    if from == to {
        return 0.0;
    }
    if to < from { to } else { to - from }
}

/// A number, or nothing where it is none.
fn number(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

impl Change {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) fn new(span: i64) -> Self {
        Self { window: Window::new(span, Steps::default()) }
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

    /// The last sample minus the first; `None` with fewer than 2.
    pub(crate) fn delta(&self) -> Option<f64> {
        let (first, last) = self.ends()?;
        number(last - first)
    }

    /// The change as a fraction of the first sample; `None` with fewer than 2, or where the first is 0.
    pub(crate) fn relative(&self) -> Option<f64> {
        let (first, last) = self.ends().filter(|(first, _)| *first != 0.0)?;
        number((last - first) / first)
    }

    /// By how much a counter went up that may have been set back to 0 meanwhile; `None` with fewer than 2 samples.
    pub(crate) fn increase(&self) -> Option<f64> {
        self.ends()?;
        number(match self.window.view() {
            View::Exact(steps, _) => steps.increase.value(),
            View::Buckets(buckets) => buckets.total().increase,
        })
    }

    /// The first and the last of at least two samples.
    fn ends(&self) -> Option<(f64, f64)> {
        if self.window.count() < 2 {
            return None;
        }
        match self.window.view() {
            View::Exact(_, samples) => Some((samples.first()?.1, samples.last()?.1)),
            View::Buckets(buckets) => Some((buckets.total().first.1, buckets.total().last.1)),
        }
    }
}

impl Running for Steps {
    type Bucket = ChangeBucket;

    fn entered(&mut self, samples: &Timeline<f64>, place: usize) {
        let value = |place| samples.get(place).map(|(_, value)| value);
        let Some(entered) = value(place) else { return };
        let before = place.checked_sub(1).and_then(value);
        let after = value(place + 1);
        if let (Some(before), Some(after)) = (before, after) {
            self.increase.subtract(step(before, after));
        }
        if let Some(before) = before {
            self.increase.add(step(before, entered));
        }
        if let Some(after) = after {
            self.increase.add(step(entered, after));
        }
    }

    fn leaving(&mut self, samples: &Timeline<f64>) {
        if let (Some((_, first)), Some((_, second))) = (samples.get(0), samples.get(1)) {
            self.increase.subtract(step(first, second));
        }
    }

    fn settle(&mut self, samples: &Timeline<f64>) {
        if !self.increase.is_sound() {
            let steps = samples.values().zip(samples.values().skip(1)).map(|(from, to)| step(from, to));
            self.increase = Sum::of(steps);
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Bucket for ChangeBucket {
    fn add(&mut self, at: i64, value: f64) {
        if self.count == 0 {
            (self.first, self.last) = ((at, value), (at, value));
        } else if at >= self.last.0 {
            self.increase += step(self.last.1, value);
            self.last = (at, value);
        } else if at < self.first.0 {
            self.increase += step(value, self.first.1);
            self.first = (at, value);
        }
        self.count += 1;
    }

    fn all<'a>(mut rows: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let Some(mut all) = rows.next().copied() else { return Self::default() };
        for later in rows {
            all.increase += step(all.last.1, later.first.1) + later.increase;
            all.last = later.last;
            all.count += later.count;
        }
        all
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }
}
