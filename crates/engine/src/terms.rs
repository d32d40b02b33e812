//! How long a delivery is worth something on a channel: until its plan of retries is over, where something else can be tried then,
//! or until it is too old.

use std::time::Duration;

use tidings_core::Timestamp;

use crate::{
    breaker::PROBE_EVERY,
    retry::{PATIENCE, RetryPolicy},
};

/// How much later than planned an attempt may be: the one before takes its time, and the receiver may ask for some.
const LATER: Duration = Duration::from_secs(120).saturating_add(PATIENCE);

/// The terms of one sink or channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The time of all retries, at least that in which a probe would find the endpoint back.
    plan: Duration,
    /// The age at which a delivery is not worth sending any more.
    limit: Duration,
    /// As many attempts as the plan has may be made until this age.
    attempts: u32,
    latest: Duration,
    /// Whether a delivery waits for an endpoint that is down: where the store outlives the process.
    patient: bool,
}

impl Terms {
    /// What waits for its plan's retries is never too old for them.
    pub(crate) fn new(retry: &RetryPolicy, expire_after: Duration, patient: bool) -> Self {
        let plan = retry.span().max(PROBE_EVERY);
        let limit = expire_after.max(plan);
        let retries = u32::try_from(retry.delays.len()).unwrap_or(u32::MAX);
        let latest = limit.max(plan.saturating_add(LATER.saturating_mul(retries)));
        Self { plan, limit, attempts: retries.saturating_add(1), latest, patient }
    }

    /// Until when a delivery waits that is made now, and whether it gives way then, even behind an endpoint that is down: to its
    /// fallback, or, where nothing outlives the process, for good.
    pub(crate) fn expires(self, made: Timestamp, has_fallback: bool) -> (Timestamp, bool) {
        let yields = has_fallback || !self.patient;
        (made + if yields { self.plan } else { self.limit }, yields)
    }

    /// Whether a delivery waits for an endpoint that is down.
    pub(crate) const fn is_patient(self) -> bool {
        self.patient
    }

    /// When a delivery is too old for this attempt.
    pub(crate) fn too_old(self, made: Timestamp, attempt: u32) -> Timestamp {
        made + if attempt <= self.attempts { self.latest } else { self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yields_goes_when_its_plan_is_over_and_the_rest_waits() {
        let (made, hour) = (Timestamp::from_secs(1_000), Duration::from_secs(3_600));
        let plain = RetryPolicy { jitter: 0.0, ..RetryPolicy::user() };
        let over = made + Duration::from_secs(750);
        let terms = Terms::new(&plain, hour, true);
        assert_eq!(terms.expires(made, true), (over, true));
        assert_eq!(terms.expires(made, false), (made + hour, false));
        assert_eq!(Terms::new(&plain, hour, false).expires(made, false), (over, true), "nothing would keep it");
        let short = Terms::new(&plain, Duration::from_secs(60), true);
        assert_eq!(short.too_old(made, 5), over, "what has used up its retries");
        assert_eq!(short.too_old(made, 4), over + 3 * LATER, "retries are never cut, late as they may be");
        assert_eq!(terms.too_old(made, 4), made + hour.max(Duration::from_secs(750) + 3 * LATER));
        let none = RetryPolicy { delays: Vec::new(), jitter: 0.0 };
        assert_eq!(Terms::new(&none, hour, false).expires(made, false).0, made + PROBE_EVERY, "one probe's time");
    }
}
