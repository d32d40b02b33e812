//! The account of what a rule set keeps of its agents' past. Who keeps it is `fleet`.

use crate::history::Series;

/// What a rule set keeps of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryAccount {
    /// Agents of which something is kept.
    pub agents: usize,
    /// Their series.
    pub series: usize,
    /// The bytes that these take.
    pub bytes: usize,
    /// Samples that came too late for their window.
    pub late: u64,
    /// Values that were no numbers where a number was to be kept.
    pub skipped: u64,
    /// Agents that lost their history to stay within bounds.
    pub evicted: u64,
}

impl HistoryAccount {
    /// Adds a series that is kept.
    pub(super) fn count(&mut self, series: &Series) {
        self.series += 1;
        self.bytes += series.bytes();
        self.count_left_out(series);
    }

    /// Adds only what a series did not take.
    pub(super) fn count_left_out(&mut self, series: &Series) {
        self.late += series.account().late;
        self.skipped += series.account().skipped;
    }
}
