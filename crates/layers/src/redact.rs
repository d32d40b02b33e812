//! Takes secrets out of the value tree before a channel renders it, and hands the channel the same redactor for its final
//! bytes, since a template can put a secret together again.

use std::sync::Arc;

use tidings_core::{Channel, DynChannel, Envelope, Layer, Payload, Receipt, SendError};
use tidings_redact::Redactor;

/// Redacts the envelope's payload.
#[derive(Clone, Debug)]
pub struct RedactValues(Redactor);

impl RedactValues {
    /// A layer with this redactor.
    #[must_use]
    pub const fn new(redactor: Redactor) -> Self {
        Self(redactor)
    }

    fn redact(&self, payload: &Payload) -> Option<Payload> {
        match payload {
            Payload::Event(event) => Some(Payload::Event(Arc::new(self.0.redact_event(event)))),
            Payload::Notification(told) => Some(Payload::Notification(Arc::new(self.0.redact_notification(told)))),
            _ => None,
        }
    }
}

struct WithRedaction {
    layer: RedactValues,
    inner: Arc<dyn DynChannel>,
}

impl Channel for WithRedaction {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let Some(payload) = self.layer.redact(&envelope.payload) else {
            // A payload that this layer does not know must not pass unread.
            let kind = tidings_core::ErrorKind::Render;
            return Err(SendError::permanent(kind, "this kind of message cannot be redacted yet"));
        };
        let scrub: Arc<dyn tidings_core::Scrub> = Arc::new(self.layer.0);
        let redacted = Envelope { payload, scrub, ..envelope.clone() };
        self.inner.send_boxed(&redacted).await
    }
}

impl Layer for RedactValues {
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        Arc::new(WithRedaction { layer: self.clone(), inner })
    }
}
