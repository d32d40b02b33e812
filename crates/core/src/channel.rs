//! The seam between the engine and the world: a channel sends one envelope once and says what came of it. It knows no users,
//! no rules and no retries.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{envelope::Envelope, error::SendError};

/// A boxed future, for the object-safe twin of [`Channel`].
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a receiver answered to a delivery that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The status code, where the protocol has one.
    pub code: Option<u16>,
    /// The answer's first bytes, redacted, for the delivery log; at most 1 KiB.
    pub detail: Option<String>,
}

/// An adapter to one kind of receiver. Implementors write `async fn send`.
///
/// One call is one attempt: a channel must not retry. It must stop when its future is dropped.
pub trait Channel: Send + Sync + 'static {
    /// Sends the envelope once.
    ///
    /// # Errors
    /// Says by its verdict whether another attempt can help.
    fn send(&self, envelope: &Envelope) -> impl Future<Output = Result<Receipt, SendError>> + Send;
}

/// [`Channel`] as a trait object; implemented for every channel.
pub trait DynChannel: Send + Sync + 'static {
    /// Sends the envelope once; see [`Channel::send`].
    fn send_boxed<'a>(&'a self, envelope: &'a Envelope) -> BoxFuture<'a, Result<Receipt, SendError>>;
}

impl<C: Channel> DynChannel for C {
    fn send_boxed<'a>(&'a self, envelope: &'a Envelope) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(self.send(envelope))
    }
}

/// A policy that is scoped to one attempt and goes around a channel: tracing, redaction of values, a rate limit, a timeout.
pub trait Layer {
    /// The channel with this policy around it.
    fn layer(&self, inner: Arc<dyn DynChannel>) -> Arc<dyn DynChannel>;
}
