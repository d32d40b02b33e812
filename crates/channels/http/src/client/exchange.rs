//! What one request came to: the verdict by the status, and the body for a channel whose protocol says more in it. What such a body
//! means is the channel's business.

use std::fmt;

use tidings_core::{Receipt, SendError};

/// An answered request. `Debug` does not show the body, which nobody has cleaned.
pub struct Exchange {
    /// What the answer's status means, as [`super::Client::post`] says it.
    pub outcome: Result<Receipt, SendError>,
    /// The beginning of the body, at most the client's limit: as it came, secrets and all. Not for logs.
    pub body: Vec<u8>,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("outcome", &self.outcome)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
