//! The smallest or the greatest sample of a window; which of them it is asked for is its owner's choice.

use crate::history::timeline::Timeline;

/// How many samples are compared side by side: one after the other, each comparison would wait for the one before.
const LANES: usize = 4;

/// One extreme, known as long as one of the samples that have it stays.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extreme<const GREATEST: bool> {
    value: f64,
    /// How many samples have this value; 0: it is not known.
    copies: usize,
}

impl<const GREATEST: bool> Extreme<GREATEST> {
    fn better(value: f64, other: f64) -> f64 {
        let beats = if GREATEST { value > other } else { value < other };
        if beats { value } else { other }
    }

    /// A sample has come, perhaps as the only one.
    pub(super) fn entered(&mut self, value: f64, only: bool) {
        if only {
            *self = Self { value, copies: 1 };
        } else if self.copies > 0 && value == self.value {
            self.copies += 1;
        } else if self.copies > 0 && Self::better(value, self.value) == value {
            *self = Self { value, copies: 1 };
        }
    }

    pub(super) fn leaving(&mut self, value: f64) {
        if self.copies > 0 && value == self.value {
            self.copies -= 1;
        }
    }

    /// Looks for it among the samples where it is not known.
    pub(super) fn refresh(&mut self, samples: &Timeline<f64>) {
        if self.copies == 0
            && let Some(value) = Self::of(samples)
        {
            *self = Self { value, copies: samples.values().filter(|sample| *sample == value).count() };
        }
    }

    /// It, by a walk over all samples.
    pub(super) fn of(samples: &Timeline<f64>) -> Option<f64> {
        let (_, first) = samples.first()?;
        let mut lanes = [first; LANES];
        for slice in samples.slices() {
            let (chunks, rest) = slice.as_chunks::<LANES>();
            for chunk in chunks {
                lanes.iter_mut().zip(chunk).for_each(|(lane, (_, value))| *lane = Self::better(*value, *lane));
            }
            lanes.iter_mut().zip(rest).for_each(|(lane, (_, value))| *lane = Self::better(*value, *lane));
        }
        Some(lanes.into_iter().fold(first, Self::better))
    }

    pub(super) fn read(mut self, samples: &Timeline<f64>) -> Option<f64> {
        self.refresh(samples);
        (self.copies > 0).then_some(self.value)
    }
}
