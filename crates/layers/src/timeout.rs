//! One total deadline for an attempt. Whether there is another attempt is the engine's decision.

use std::{sync::Arc, time::Duration};

use tidings_core::{Channel, DynChannel, Envelope, ErrorKind, Layer, Receipt, SendError};

/// Ends an attempt that takes longer than its deadline.
#[derive(Clone, Copy, Debug)]
pub struct Timeout(Duration);

impl Timeout {
    /// A deadline of this length.
    #[must_use]
    pub const fn new(deadline: Duration) -> Self {
        Self(deadline)
    }
}

struct WithTimeout {
    deadline: Duration,
    inner: Arc<dyn DynChannel>,
}

impl Channel for WithTimeout {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        match tokio::time::timeout(self.deadline, self.inner.send_boxed(envelope)).await {
            Ok(answer) => answer,
            // The transport was cut off at an unknown point: the receiver may have acted.
            Err(_) => Err(SendError::unknown(ErrorKind::Timeout, format!("no answer within {:?}", self.deadline))),
        }
    }
}

impl Layer for Timeout {
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel> {
        Arc::new(WithTimeout { deadline: self.0, inner })
    }
}
