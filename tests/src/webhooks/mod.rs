//! The figures of webhooks: what a whole notifier costs beside the bare HTTP client, and what slow receivers cost others. The bare
//! client itself stands in the benchmark, since only that may use one.

pub mod load;
pub mod receivers;
pub mod slow;
pub mod whole;

use std::{fmt, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// What a round of webhooks cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Webhooks a second, from the first that was asked for to the last that arrived.
    pub rate: f64,
    /// The processor's time for each, in microseconds; the receiver's is not in it.
    pub micros: f64,
    /// New connections for each.
    pub connections: f64,
}

/// The median of some figures, and how far they lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of these figures; of none, zeros.
    #[must_use]
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<_> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
        Self { median: at(sorted.len() / 2), least: at(0), most: at(sorted.len().saturating_sub(1)) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.median < 10.0 { 2 } else { 0 };
        write!(f, "{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.least, self.most)
    }
}

/// The processor's time that this process has used, all of its threads.
#[must_use]
pub fn processor_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or_default(), u32::try_from(used.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(figures: &[f64], expected: &str) {
        assert_eq!(Spread::of(figures.iter().copied()).to_string(), expected);
    }

    #[test]
    fn a_spread_is_told_with_its_ends() {
        check(&[], "0.00 (0.00 to 0.00)");
        check(&[0.5], "0.50 (0.50 to 0.50)");
        check(&[3.0, 1.0, 2.25], "2.25 (1.00 to 3.00)");
        check(&[120.0, 100.4, 130.0], "120 (100 to 130)");
    }
}
