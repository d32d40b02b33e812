//! What a series was given and did not take; why it did not is the series' own decision.

/// Counters of samples that took no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Samples that came after their window had passed.
    pub(crate) late: u64,
    /// Samples that were no number.
    pub(crate) skipped: u64,
}

impl Account {
    /// Counts a sample as late unless it was taken; hands the answer on.
    pub(super) fn took(&mut self, taken: bool) -> bool {
        self.late += u64::from(!taken);
        taken
    }

    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }
}
