//! A channel's own receiver: who gets what is meant for users without an address. Addresses of users are the engine's to know.

use std::sync::Arc;

use tidings_core::{Address, Channel, DynChannel, Envelope, Receipt, SendError};

/// A channel that sends to this address where the user has none.
pub(super) struct WithReceiver {
    inner: Arc<dyn DynChannel>,
    to: Address,
}

impl WithReceiver {
    /// Around the channel, where it has a receiver of its own.
    pub(super) fn around(inner: Arc<dyn DynChannel>, to: Option<Address>) -> Arc<dyn DynChannel> {
        match to {
            Some(to) => Arc::new(Self { inner, to }),
            None => inner,
        }
    }
}

impl Channel for WithReceiver {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        if envelope.to.is_some() {
            return self.inner.send_boxed(envelope).await;
        }
        let addressed = Envelope { to: Some(self.to.clone()), ..envelope.clone() };
        self.inner.send_boxed(&addressed).await
    }
}
