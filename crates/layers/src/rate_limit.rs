//! Spaces attempts out, so that a burst of notifications does not become a burst of requests.

use std::{fmt, num::NonZeroU32, sync::Arc};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tidings_core::{Channel, DynChannel, Envelope, Layer, Receipt, SendError};

/// Lets so many attempts a second through on average, and as many at once after a pause; others wait for their turn.
#[derive(Clone, Copy)]
pub struct RateLimit(NonZeroU32);

impl RateLimit {
    /// A limit of attempts a second.
    #[must_use]
    pub const fn new(per_second: NonZeroU32) -> Self {
        Self(per_second)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimit({}/s)", self.0)
    }
}

struct WithRateLimit {
    limiter: DefaultDirectRateLimiter,
    inner: Arc<dyn DynChannel>,
}

impl Channel for WithRateLimit {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        self.limiter.until_ready().await;
        self.inner.send_boxed(envelope).await
    }
}

impl Layer for RateLimit {
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        Arc::new(WithRateLimit { limiter: RateLimiter::direct(Quota::per_second(self.0)), inner })
    }
}
