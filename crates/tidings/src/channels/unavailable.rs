//! What stands where a rule names a channel that nothing is set up for.

use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError};

/// Fails for good and says why: what goes there is dead, and takes its fallback.
pub(super) struct Unavailable(String);

impl Unavailable {
    /// In the place of the channel of this name.
    pub(super) fn named(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl Channel for Unavailable {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        Err(SendError::permanent(ErrorKind::Other, format!("nothing is set up for the channel `{}`", self.0)))
    }
}
