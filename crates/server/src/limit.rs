//! How many events a key may send: so many a second, ten times as many at once. What an event is, is `ingest`'s.

use std::{fmt, num::NonZeroU32};

use axum::http::StatusCode;
use governor::{
    DefaultDirectRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};

use crate::problem::Refusal;

/// How many times the rate of a second may come at once.
const AT_ONCE: u32 = 10;

/// What one key has left.
pub(crate) struct Limit {
    limiter: DefaultDirectRateLimiter,
    rate: NonZeroU32,
    at_once: NonZeroU32,
}

impl Limit {
    /// So many events a second.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        let at_once = rate.saturating_mul(NonZeroU32::MIN.saturating_add(AT_ONCE - 1));
        let limiter = DefaultDirectRateLimiter::direct(Quota::per_second(rate).allow_burst(at_once));
        Self { limiter, rate, at_once }
    }

    /// Counts so many events.
    ///
    /// # Errors
    /// 429 with the time after which so many may come; 413 where that is never, since they are more than may come at once.
    pub(crate) fn spend(&self, events: usize) -> Result<(), Refusal> {
        let Some(count) = NonZeroU32::new(u32::try_from(events).unwrap_or(u32::MAX)) else { return Ok(()) };
        let Ok(verdict) = self.limiter.check_n(count) else {
            let detail = format!("this key may send at most {} events at once: send smaller batches", self.at_once);
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        };
        verdict.map_err(|until| {
            let detail = format!("this key may send {} events a second: none of these was taken", self.rate);
            let wait = until.wait_time_from(DefaultClock::default().now());
            // A wait that is over by now is still told as one.
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, detail)
                .retry_after(wait.max(std::time::Duration::from_nanos(1)))
        })
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_told_apart_from_what_is_too_soon() {
        let limit = Limit::new(1);
        let status = |events| limit.spend(events).map_err(|refusal| (refusal.status.as_u16(), refusal.retry_after));
        assert_eq!(status(0), Ok(()));
        assert_eq!(status(11), Err((413, None)));
        assert_eq!(status(usize::MAX), Err((413, None)));
        assert_eq!(status(10), Ok(()));
        let Err((429, Some(wait))) = status(9) else { panic!("nothing is left") };
        assert!(wait.as_secs() < 10);
    }
}
