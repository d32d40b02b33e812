//! Takes secrets out of the value tree before a channel renders it, and hands the channel the same redactor for its final
//! bytes, since a template can put a secret together again.

use std::{borrow::Cow, fmt, sync::Arc};

use tidings_core::{Channel, DynChannel, Envelope, Layer, Payload, Receipt, Scrub, SendError};
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

    /// The payload without its secrets, and the scrub for what a channel makes of it; `None` for a kind that is not known here.
    fn redact(&self, payload: &Payload) -> Option<(Payload, Arc<dyn Scrub>)> {
        let json = payload.to_json().unwrap_or_default();
        if self.keeps(payload, &json) {
            return Some((payload.clone(), Arc::new(AfterAll { json, redactor: self.0 })));
        }
        let clean = match payload {
            Payload::Event(event) => Payload::Event(Arc::new(self.0.redact_event(event))),
            Payload::Notification(told) => Payload::Notification(Arc::new(self.0.redact_notification(told))),
            _ => return None,
        };
        Some((clean, Arc::new(self.0)))
    }

    /// Whether the payload surely stays as it is.
    fn keeps(&self, payload: &Payload, json: &[u8]) -> bool {
        match payload {
            Payload::Event(_) => self.0.surely_keeps(json),
            Payload::Notification(told) => self.0.surely_keeps_notification(told),
            _ => false,
        }
    }
}

/// The redactor for final bytes, which has read some of them before: a channel that sends the payload's own JSON sends what the layer
/// has found clean a moment ago.
struct AfterAll {
    json: Vec<u8>,
    redactor: Redactor,
}

impl Scrub for AfterAll {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if bytes == self.json { Cow::Borrowed(bytes) } else { self.redactor.scrub(bytes) }
    }

    fn clean_json(&self) -> Option<&[u8]> {
        Some(&self.json)
    }
}

/// Without the JSON, which is somebody's data.
impl fmt::Debug for AfterAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AfterAll").field(&self.redactor).finish()
    }
}

struct WithRedaction {
    layer: RedactValues,
    inner: Arc<dyn DynChannel>,
}

impl Channel for WithRedaction {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let Some((payload, scrub)) = self.layer.redact(&envelope.payload) else {
            // A payload that this layer does not know must not pass unread.
            let kind = tidings_core::ErrorKind::Render;
            return Err(SendError::permanent(kind, "this kind of message cannot be redacted yet"));
        };
        let redacted = Envelope { payload, scrub, ..envelope.clone() };
        self.inner.send_boxed(&redacted).await
    }
}

impl Layer for RedactValues {
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        Arc::new(WithRedaction { layer: self.clone(), inner })
    }
}

#[cfg(test)]
mod tests;
