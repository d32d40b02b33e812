//! What became of what is critical: whether it was told, how, and what kept the rest from everybody.

use serde::Serialize;

use super::Counts;

/// What became of critical notifications. Digests are none of their own: what they tell is.
///
/// They close: `made = alone + together + repeats + ends + waiting + nobody`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Critical {
    /// Made by rules.
    pub made: u64,
    /// Told by themselves.
    pub alone: u64,
    /// Told in digests and summaries.
    pub together: u64,
    /// Told before, within the dedup window.
    pub repeats: u64,
    /// Ends of what was not told.
    pub ends: u64,
    /// Still waiting when the replay ended.
    pub waiting: u64,
    /// Told to nobody: silenced, not wanted, over before its digest.
    pub nobody: u64,
    /// Times that a critical rule held in its cooldown. What it would have told was never made.
    pub in_cooldown: u64,
}

impl Critical {
    /// Of these counts of what is critical.
    #[must_use]
    pub const fn of(counts: &Counts, lost: u64) -> Self {
        let out = &counts.suppressed;
        Self {
            made: counts.made.saturating_sub(counts.digests),
            alone: (counts.at_once + counts.later).saturating_sub(counts.digests),
            together: counts.gathered,
            repeats: out.duplicate,
            ends: out.untold,
            waiting: counts.waiting,
            nobody: lost,
            in_cooldown: out.cooldown,
        }
    }

    /// What nobody heard of, be it that it was made or that its rule was in its cooldown.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.nobody + self.in_cooldown
    }
}
