//! Puts the layers around a channel in their one fixed order. What each does stands in its own module.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tidings_core::{DynChannel, Layer};
use tidings_redact::Redactor;

use crate::{RateLimit, RedactValues, Timeout, Trace};

/// Which layers go around a channel.
#[derive(Clone, Debug)]
pub struct Stack {
    name: Arc<str>,
    redactor: Option<Redactor>,
    per_second: Option<NonZeroU32>,
    timeout: Duration,
}

impl Stack {
    /// A stack for the channel of this name: traced, with a deadline of 15 s, nothing redacted, no rate limit.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), redactor: None, per_second: None, timeout: Duration::from_secs(15) }
    }

    /// Redacts values before the channel renders them, and hands the channel the same redactor for its final bytes.
    #[must_use]
    pub fn redact(mut self, redactor: Redactor) -> Self {
        self.redactor = Some(redactor);
        self
    }

    /// At most so many attempts a second; others wait for their turn.
    #[must_use]
    pub const fn rate_limit(mut self, per_second: NonZeroU32) -> Self {
        self.per_second = Some(per_second);
        self
    }

    /// The one deadline of an attempt.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The channel with all of that around it.
    #[must_use]
    pub fn around(&self, channel: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        let mut channel = Timeout::new(self.timeout).layer(channel);
        if let Some(per_second) = self.per_second {
            channel = RateLimit::new(per_second).layer(channel);
        }
        if let Some(redactor) = &self.redactor {
            channel = RedactValues::new(*redactor).layer(channel);
        }
        Trace::new(Arc::clone(&self.name)).layer(channel)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;
    use tidings_core::{
        Channel, DeliveryId, Envelope, ErrorKind, Event, Payload, Receipt, SendError, Timestamp, Verdict,
    };
    use tidings_redact::Options;

    use super::*;

    /// Keeps what reached the transport, and waits for ever where it is told to hang.
    #[derive(Default)]
    struct Transport {
        seen: Mutex<Vec<(String, bool)>>,
        hangs: bool,
    }

    struct Shared(Arc<Transport>);

    impl Channel for Shared {
        async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
            if self.0.hangs {
                std::future::pending::<()>().await;
            }
            let Payload::Event(event) = &envelope.payload else { return Ok(Receipt::default()) };
            let text = serde_json::to_string(&event.data).unwrap_or_default();
            let scrubs = envelope.scrub.scrub(b"password=hunter2 ").as_ref() != b"password=hunter2 ";
            self.0.seen.lock().unwrap().push((text, scrubs));
            Ok(Receipt::default())
        }
    }

    fn envelope() -> Envelope {
        let event = Event::new("tool.error").data(json!({"password": "hunter2", "tool": "search"}));
        let payload = Payload::Event(Arc::new(event));
        Envelope::plain(DeliveryId::from_bytes([7; 16]), payload, Timestamp::from_secs(1))
    }

    #[tokio::test]
    async fn values_are_redacted_and_the_transport_can_scrub() {
        let transport = Arc::new(Transport::default());
        let stack = Stack::new("test").redact(Redactor::new(Options::default()));
        stack.around(Arc::new(Shared(Arc::clone(&transport)))).send_boxed(&envelope()).await.unwrap();
        let seen = transport.seen.lock().unwrap().remove(0);
        assert!(!seen.0.contains("hunter2") && seen.0.contains("search"), "{}", seen.0);
        assert!(seen.1, "the envelope carries a scrub that works");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_transport_meets_the_deadline() {
        let transport = Transport { hangs: true, ..Transport::default() };
        let channel = Stack::new("test").timeout(Duration::from_secs(2)).around(Arc::new(Shared(Arc::new(transport))));
        let error = channel.send_boxed(&envelope()).await.unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::Timeout, Verdict::Unknown));
    }
}
