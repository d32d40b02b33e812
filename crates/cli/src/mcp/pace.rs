//! How often an agent may call each tool: an agent in a loop must not fill somebody's phone.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock};

/// Calls a minute of one tool. All of them may come at once; after that they come back one by one.
pub(super) struct Pace {
    limiter: DefaultDirectRateLimiter,
    a_minute: u32,
}

impl Pace {
    pub(super) fn new(a_minute: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN));
        Self { limiter: RateLimiter::direct(quota), a_minute }
    }

    /// # Errors
    /// Says how long to wait.
    pub(super) fn take(&self) -> anyhow::Result<()> {
        let Err(early) = self.limiter.check() else { return Ok(()) };
        let seconds = early.wait_time_from(self.limiter.clock().now()).as_secs() + 1;
        anyhow::bail!(
            "too many calls: this tool takes {} a minute. Wait {seconds} s, and put what belongs together into one call",
            self.a_minute
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_calls_and_no_more() {
        let pace = Pace::new(5);
        assert_eq!((0..50).filter(|_| pace.take().is_ok()).count(), 5);
        let refused = pace.take().unwrap_err().to_string();
        assert!(refused.contains("takes 5 a minute. Wait"), "{refused}");
    }
}
