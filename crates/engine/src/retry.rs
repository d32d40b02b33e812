//! When a failed delivery is tried again, as a pure function of the plan, the attempt and the error.

use std::time::Duration;

use tidings_core::{ErrorKind, SendError, Verdict};

/// A receiver's wish for later is followed up to this much beyond the plan.
pub const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The least pause after a receiver has limited the rate: such a failure uses up no attempt, so nothing else would end a loop.
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(1);

/// A plan of more retries is taken for this many.
const MOST_RETRIES: u32 = 1_000;
/// A longer pause in a plan is taken for this one: a delivery expires long before.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The pauses between attempts: one for each retry.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// The pause before each retry, in order; as many retries as pauses.
    pub delays: Vec<Duration>,
    /// How far a pause may be off in each direction, as a share of it, so that many deliveries do not come back at once.
    pub jitter: f64,
}

impl RetryPolicy {
    /// For sinks: so many retries, at most a thousand, the first after `first`, each pause twice the one before.
    #[must_use]
    pub fn doubling(retries: u32, first: Duration) -> Self {
        let delays =
            (0..retries.min(MOST_RETRIES)).map(|retry| first.saturating_mul(2u32.saturating_pow(retry))).collect();
        Self { delays, jitter: 0.2 }
    }

    /// The time of all pauses, each as long as its jitter lets it be.
    #[must_use]
    pub fn span(&self) -> Duration {
        let pauses = self.delays.iter().fold(Duration::ZERO, |sum, pause| sum.saturating_add(*pause));
        let jitter = if self.jitter.is_finite() { self.jitter.clamp(0.0, 1.0) } else { 0.0 };
        pauses.min(LONGEST_PAUSE).mul_f64(1.0 + jitter)
    }

    /// For user channels: 30 s, 2 min, 10 min.
    #[must_use]
    pub fn user() -> Self {
        Self { delays: [30, 120, 600].map(Duration::from_secs).to_vec(), jitter: 0.2 }
    }
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another attempt.
    Retry {
        /// After this much time.
        after: Duration,
        /// Whether the failed attempt uses up one of the plan's.
        counts: bool,
    },
    /// No other attempt.
    GiveUp,
}

/// Decides what follows the failure of attempt number `attempt` (from 1). `spread` in −1..1 places the pause within the jitter.
///
/// A `Retry-After` is never undercut, and followed for at most [`PATIENCE`] beyond the plan. A rate limit uses up no attempt.
#[must_use]
pub fn next(policy: &RetryPolicy, attempt: u32, error: &SendError, spread: f64) -> Next {
    let retry_after = match error.verdict() {
        Verdict::Permanent => return Next::GiveUp,
        Verdict::Transient { retry_after } => retry_after.unwrap_or_default(),
        Verdict::Unknown => Duration::ZERO,
    };
    let counts = error.kind() != ErrorKind::RateLimited;
    let planned = policy.delays.get(attempt.saturating_sub(1) as usize).copied();
    let limited = || policy.delays.last().copied().unwrap_or_default().max(RATE_LIMIT_PAUSE);
    let Some(pause) = planned.or_else(|| (!counts).then(limited)) else {
        return Next::GiveUp;
    };
    let least = if counts { Duration::ZERO } else { RATE_LIMIT_PAUSE };
    let pause = pause.clamp(least, LONGEST_PAUSE);
    let spread = if spread.is_finite() { spread.clamp(-1.0, 1.0) } else { 0.0 };
    let jitter = if policy.jitter.is_finite() { policy.jitter } else { 0.0 };
    let jittered = pause.mul_f64((1.0 + jitter * spread).clamp(0.0, 2.0));
    Next::Retry { after: jittered.max(retry_after.min(pause + PATIENCE)), counts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn told(kind: ErrorKind, seconds: u64) -> SendError {
        SendError::new(Verdict::Transient { retry_after: Some(secs(seconds)) }, kind, "later")
    }

    #[test]
    fn the_plan_is_followed() {
        let sink = RetryPolicy::doubling(3, secs(1));
        let failed = SendError::transient(ErrorKind::Status(500), "500");
        let retry = |seconds| Next::Retry { after: secs(seconds), counts: true };
        let steps: Vec<_> = (1..=4).map(|attempt| next(&sink, attempt, &failed, 0.0)).collect();
        assert_eq!(steps, [retry(1), retry(2), retry(4), Next::GiveUp]);
        let steps: Vec<_> = (1..=4).map(|attempt| next(&RetryPolicy::user(), attempt, &failed, 0.0)).collect();
        assert_eq!(steps, [retry(30), retry(120), retry(600), Next::GiveUp]);
    }

    #[test]
    fn the_verdict_decides() {
        let policy = RetryPolicy::doubling(3, secs(1));
        let check =
            |error: SendError, attempt, expected| assert_eq!(next(&policy, attempt, &error, 0.0), expected, "{error}");
        check(SendError::permanent(ErrorKind::Status(404), "404"), 1, Next::GiveUp);
        check(SendError::unknown(ErrorKind::Reset, "reset"), 1, Next::Retry { after: secs(1), counts: true });
        check(told(ErrorKind::Status(503), 7), 1, Next::Retry { after: secs(7), counts: true });
        check(told(ErrorKind::Status(503), 7), 4, Next::GiveUp);
        check(told(ErrorKind::Status(503), 1_000_000), 1, Next::Retry { after: secs(901), counts: true });
        check(told(ErrorKind::RateLimited, 7), 9, Next::Retry { after: secs(7), counts: false });
        check(SendError::transient(ErrorKind::RateLimited, "429"), 9, Next::Retry { after: secs(4), counts: false });
    }

    #[test]
    fn a_plan_without_measure_does_no_harm() {
        let endless = RetryPolicy { jitter: f64::NAN, ..RetryPolicy::doubling(u32::MAX, Duration::MAX) };
        let failed = SendError::transient(ErrorKind::Status(500), "500");
        assert_eq!(next(&endless, 1, &failed, 1.0), Next::Retry { after: LONGEST_PAUSE, counts: true });
        let limited = SendError::transient(ErrorKind::RateLimited, "429");
        let Next::Retry { after, .. } = next(&RetryPolicy::doubling(3, Duration::ZERO), 1, &limited, 0.0) else {
            panic!("gave up");
        };
        assert_eq!(after, RATE_LIMIT_PAUSE, "a rate limit without a plan's pause does not make a busy loop");
    }

    proptest! {
        #[test]
        fn a_pause_stays_within_its_jitter(attempt in 1u32..4, spread in -1.0f64..1.0) {
            let policy = RetryPolicy::user();
            let plan = policy.delays[attempt as usize - 1].as_secs_f64();
            let Next::Retry { after, .. } = next(&policy, attempt, &SendError::transient(ErrorKind::Connect, "x"), spread) else {
                return Err(TestCaseError::fail("gave up"));
            };
            prop_assert!((after.as_secs_f64() - plan).abs() <= plan * 0.2 + 1e-6);
        }

        #[test]
        fn a_wish_for_later_is_kept(seconds in 0u64..901, spread in -1.0f64..1.0) {
            let policy = RetryPolicy::doubling(3, secs(1));
            let Next::Retry { after, .. } = next(&policy, 1, &told(ErrorKind::Status(503), seconds), spread) else {
                return Err(TestCaseError::fail("gave up"));
            };
            prop_assert!(after >= secs(seconds));
        }
    }
}
