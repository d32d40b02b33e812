//! A span and one line for each attempt. The account and the delivery log are the engine's.

use std::sync::Arc;

use tidings_core::{Channel, DynChannel, Envelope, Layer, Receipt, SendError, clock::instant_now};
use tracing::Instrument;

/// Traces every attempt: name, delivery, attempt, duration and what came of it.
#[derive(Clone, Debug)]
pub struct Trace(Arc<str>);

impl Trace {
    /// A layer for the channel of this name.
    #[must_use]
    pub const fn new(name: Arc<str>) -> Self {
        Self(name)
    }
}

struct WithTrace {
    name: Arc<str>,
    inner: Arc<dyn DynChannel>,
}

impl Channel for WithTrace {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let span = tracing::debug_span!(
            "attempt", channel = %self.name, delivery = %envelope.delivery, attempt = envelope.attempt
        );
        let started = instant_now();
        let answer = self.inner.send_boxed(envelope).instrument(span.clone()).await;
        let millis = started.elapsed().as_millis();
        span.in_scope(|| match &answer {
            Ok(receipt) => tracing::debug!(millis, code = receipt.code, "delivered"),
            Err(error) => tracing::debug!(millis, kind = error.kind().as_str(), "failed: {error}"),
        });
        answer
    }
}

impl Layer for Trace {
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        Arc::new(WithTrace { name: Arc::clone(&self.0), inner })
    }
}
