//! The exponentially weighted mean of a number, over irregular times; no sample is kept.

use super::account::Account;

/// `ewma(path, tau)`: each sample pulls the mean by `1 - exp(-dt / tau)`, the first one is the mean.
#[derive(Debug)]
pub(crate) struct Ewma {
    tau: i64,
    state: Option<(i64, f64)>,
    account: Account,
}

impl Ewma {
    /// A mean with a time constant in nanoseconds.
    pub(crate) const fn new(tau: i64) -> Self {
        let tau = if tau < 1 { 1 } else { tau };
        Self { tau, state: None, account: Account { late: 0, skipped: 0 } }
    }

    /// Takes a sample in, unless it is older than one that was taken, or not finite: infinity would never leave.
    pub(crate) fn add(&mut self, at: i64, value: f64) -> bool {
        if !value.is_finite() {
            self.skip();
            return false;
        }
        let taken = self.state.is_none_or(|(last, _)| at >= last);
        if taken {
            let mean = self.state.map_or(value, |(last, mean)| self.pulled(mean, value, at.saturating_sub(last)));
            self.state = Some((at, mean));
        }
        self.account.took(taken)
    }

    fn pulled(&self, mean: f64, value: f64, elapsed: i64) -> f64 {
        let share = -(-(elapsed as f64) / self.tau as f64).exp_m1();
        let pull = share * (value - mean);
        // The distance of two finite numbers may be infinite, their weighted mean is not.
        if pull.is_finite() { mean + pull } else { mean * (1.0 - share) + value * share }
    }

    /// Counts a value that was no number.
    pub(crate) fn skip(&mut self) {
        self.account.skip();
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The mean; `None` before the first sample.
    pub(crate) fn value(&self) -> Option<f64> {
        self.state.map(|(_, mean)| mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_formula() {
        let mut ewma = Ewma::new(10);
        assert_eq!(ewma.value(), None);
        let mut check = |at, sample, expected: f64| {
            ewma.add(at, sample);
            let value = ewma.value().unwrap();
            assert!((value - expected).abs() <= expected.abs() * 1e-15, "{value} for {expected} at {at}");
        };
        let decay = (-1.0_f64).exp();
        check(0, 4.0, 4.0);
        check(0, 8.0, 4.0);
        check(10, 8.0, 8.0 - 4.0 * decay);
        check(9, 1e9, 8.0 - 4.0 * decay);
        check(11, f64::INFINITY, 8.0 - 4.0 * decay);
        check(i64::MAX, 5.0, 5.0);
        assert_eq!(ewma.account(), Account { late: 1, skipped: 1 });
    }

    #[test]
    fn it_stays_finite_between_the_largest_numbers() {
        let mut ewma = Ewma::new(1_000);
        for round in 0..100 {
            ewma.add(round * 300, if round % 2 == 0 { f64::MAX } else { f64::MIN });
            assert!(ewma.value().unwrap().is_finite());
        }
    }
}
