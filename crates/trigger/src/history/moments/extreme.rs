//! The smallest or the greatest sample of a window; which of them it is asked for is its owner's choice.

use crate::history::timeline::Timeline;

/// One extreme, known as long as one of the samples that have it stays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extreme {
    value: f64,
    /// How many samples have this value; 0: it is not known.
    copies: u32,
    greatest: bool,
}

impl Extreme {
    pub(super) const fn lowest() -> Self {
        Self { value: 0.0, copies: 0, greatest: false }
    }

    pub(super) const fn highest() -> Self {
        Self { value: 0.0, copies: 0, greatest: true }
    }

    const fn beats(&self, value: f64, other: f64) -> bool {
        if self.greatest { value > other } else { value < other }
    }

    /// A sample has come, perhaps as the only one.
    pub(super) fn entered(&mut self, value: f64, only: bool) {
        if only || self.copies > 0 && self.beats(value, self.value) {
            (self.value, self.copies) = (value, 1);
        } else if self.copies > 0 && value == self.value {
            self.copies += 1;
        }
    }

    pub(super) fn leaving(&mut self, value: f64) {
        if self.copies > 0 && value == self.value {
            self.copies -= 1;
        }
    }

    /// Looks for it among the samples where it is not known.
    pub(super) fn refresh(&mut self, samples: &Timeline<f64>) {
        if self.copies > 0 {
            return;
        }
        for (place, value) in samples.values().enumerate() {
            // It is known from the first sample on.
            self.entered(value, place == 0);
        }
    }

    pub(super) fn read(mut self, samples: &Timeline<f64>) -> Option<f64> {
        self.refresh(samples);
        (self.copies > 0).then_some(self.value)
    }
}
