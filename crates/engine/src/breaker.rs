//! Spares an endpoint that is down: after some failures in a row it is only looked at from time to time. Pure; whose failures count
//! is decided here, who is asked is the dispatcher's business.

use std::time::Duration;

use serde::Serialize;
use tidings_core::{ErrorKind, SendError, Timestamp};

/// How many failures in a row open a breaker.
pub const FAILURES: u32 = 5;
/// While it is open, at most one attempt in this time.
pub const PROBE_EVERY: Duration = Duration::from_secs(10);

/// Whether an endpoint may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// As often as one likes.
    Closed,
    /// Once, to see whether it is back.
    Probe,
    /// Not before this.
    Open {
        /// When the next probe may go.
        until: Timestamp,
    },
}

/// How an endpoint stands, for people and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It answers.
    Up,
    /// It failed so many times in a row.
    Down,
}

/// The breaker of one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    /// When it was asked last while it was open, or when it opened.
    looked: Option<Timestamp>,
    /// When it opened.
    opened: Option<Timestamp>,
}

impl Breaker {
    /// Whether the endpoint may be asked now.
    #[must_use]
    pub fn gate(&self, now: Timestamp) -> Gate {
        match self.looked {
            None => Gate::Closed,
            // A clock that was set back must not keep it shut.
            Some(looked) if now < looked || now.since(looked) >= PROBE_EVERY => Gate::Probe,
            Some(looked) => Gate::Open { until: looked + PROBE_EVERY },
        }
    }

    /// Notes that a probe goes out.
    pub fn probe(&mut self, now: Timestamp) {
        if self.looked.is_some() {
            self.looked = Some(now);
        }
    }

    /// Takes in what came of an attempt; says whether the breaker opened or closed by that.
    pub fn record(&mut self, answer: Result<(), &SendError>, now: Timestamp) -> Option<Health> {
        match answer.map_err(is_down) {
            Ok(()) | Err(Some(false)) => {
                self.failures = 0;
                self.opened = None;
                self.looked.take().map(|_| Health::Up)
            }
            Err(Some(true)) => {
                self.failures = self.failures.saturating_add(1);
                let opens = self.failures >= FAILURES && self.looked.is_none();
                opens.then(|| {
                    (self.looked, self.opened) = (Some(now), Some(now));
                    Health::Down
                })
            }
            Err(None) => None,
        }
    }

    /// Since when it has been open.
    #[must_use]
    pub const fn open_since(&self) -> Option<Timestamp> {
        self.opened
    }

    /// How the endpoint stands.
    #[must_use]
    pub const fn health(&self) -> Health {
        if self.looked.is_some() { Health::Down } else { Health::Up }
    }
}

/// Whether the error says that the endpoint is down (refused, timed out, 5xx), that it is not, or neither.
#[must_use]
pub const fn is_down(error: &SendError) -> Option<bool> {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Connect | ErrorKind::Reset | ErrorKind::Status(500..=599) => Some(true),
        ErrorKind::Status(_) | ErrorKind::RateLimited | ErrorKind::Gone => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn down() -> SendError {
        SendError::transient(ErrorKind::Connect, "refused")
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_closes_it() {
        let mut breaker = Breaker::default();
        let other = SendError::permanent(ErrorKind::Status(404), "404");
        let unclear = SendError::permanent(ErrorKind::Render, "no template");
        for _ in 0..4 {
            assert_eq!(breaker.record(Err(&down()), at(0)), None);
        }
        assert_eq!(breaker.record(Err(&other), at(0)), None, "whoever says 404 is there");
        for second in 0..4 {
            assert_eq!(breaker.record(Err(&down()), at(second)), None);
            assert_eq!(breaker.record(Err(&unclear), at(second)), None, "says nothing of the endpoint");
        }
        assert_eq!(breaker.gate(at(4)), Gate::Closed);
        assert_eq!(breaker.record(Err(&down()), at(4)), Some(Health::Down));
        assert_eq!(breaker.gate(at(13)), Gate::Open { until: at(14) });
        assert_eq!(breaker.gate(at(14)), Gate::Probe);
        breaker.probe(at(14));
        assert_eq!(breaker.record(Err(&down()), at(15)), None);
        assert_eq!(breaker.gate(at(23)), Gate::Open { until: at(24) });
        assert_eq!(breaker.open_since(), Some(at(4)), "a probe that fails changes nothing of that");
        assert_eq!(breaker.record(Ok(()), at(23)), Some(Health::Up), "one that was under way");
        assert_eq!((breaker.gate(at(23)), breaker.open_since()), (Gate::Closed, None));
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_shut() {
        let mut breaker = Breaker::default();
        (0..5).for_each(|_| _ = breaker.record(Err(&down()), at(86_400)));
        assert_eq!(breaker.gate(at(0)), Gate::Probe);
    }

    proptest! {
        #[test]
        fn while_it_is_down_there_is_at_most_one_probe_in_ten_seconds(steps in proptest::collection::vec(0i64..4, 1..400)) {
            let mut breaker = Breaker::default();
            let (mut now, mut probes) = (0, Vec::new());
            (0..5).for_each(|_| _ = breaker.record(Err(&down()), at(0)));
            for step in steps {
                now += step;
                if breaker.gate(at(now)) == Gate::Probe {
                    breaker.probe(at(now));
                    probes.push(now);
                    prop_assert_eq!(breaker.record(Err(&down()), at(now)), None);
                }
            }
            prop_assert!(probes.first().is_none_or(|first| *first >= 10));
            prop_assert!(probes.windows(2).all(|pair| pair[1] - pair[0] >= 10));
        }
    }
}
