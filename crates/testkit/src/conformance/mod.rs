//! What every channel must do to be called done, as checks that any adapter runs by the capabilities it declares. A suite that
//! ran nothing fails.

mod checks;
mod plant;

use std::{sync::Arc, time::Duration};

use tidings_core::DynChannel;

use crate::HttpPeer;

/// Something that a channel can do, and one check of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// An event and a notification arrive.
    Sends,
    /// An address that cannot be right is a permanent failure, at the latest at the attempt.
    BadAddress,
    /// 4xx is permanent; 429 and 5xx are transient and carry the delay that the receiver asks for.
    RetryClasses,
    /// A peer that does not answer is given up by the channel's own deadline.
    Deadline,
    /// A dropped attempt stops, and the channel goes on.
    Cancellation,
    /// The channel's own secret is in no `Debug`, no error and no receipt.
    KeepsSecrets,
    /// The final bytes go through the envelope's scrub.
    Scrubs,
    /// The delivery id reaches the receiver, the same at every attempt.
    DeliveryId,
    /// Titles that want to do harm arrive as one request and break out of nothing.
    HostileTitles,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 9] = [
        Self::Sends,
        Self::BadAddress,
        Self::RetryClasses,
        Self::Deadline,
        Self::Cancellation,
        Self::KeepsSecrets,
        Self::Scrubs,
        Self::DeliveryId,
        Self::HostileTitles,
    ];
}

/// Where a check wants the channel to send.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// To this peer.
    Peer(&'a HttpPeer),
    /// To an address that cannot be right. A channel that cannot even be built with one has passed.
    Bad,
}

/// A channel under test.
#[expect(missing_debug_implementations, reason = "the channel's own Debug is what is tested")]
pub struct Subject {
    /// The channel.
    pub channel: Arc<dyn DynChannel>,
    /// Its `{:?}`.
    pub debug: String,
}

/// Makes the channel under test for a target, with [`Suite::secret`] as its secret; an error is what its builder said.
pub type Factory = dyn Fn(Target<'_>) -> Result<Subject, String> + Send + Sync;

/// A channel and what it declares.
#[expect(missing_debug_implementations, reason = "a closure has none")]
pub struct Suite {
    /// What the channel declares; each is one check.
    pub capabilities: Vec<Capability>,
    /// Makes the channel.
    pub factory: Box<Factory>,
    /// The secret that the factory gives the channel.
    pub secret: String,
    /// How long a check may take in all before it counts as hung: well above the channel's own deadline.
    pub patience: Duration,
}

impl Suite {
    /// Runs the check of every declared capability and tells which ran.
    ///
    /// # Panics
    /// If a check fails, naming all that failed, or if nothing ran.
    pub async fn run(&self) -> Vec<Capability> {
        let mut failures = Vec::new();
        for capability in &self.capabilities {
            let check = tokio::time::timeout(self.patience, checks::run(*capability, self)).await;
            let outcome = check.unwrap_or_else(|_| Err("it hung beyond the suite's patience".to_owned()));
            failures.extend(outcome.err().map(|failure| format!("{capability:?}: {failure}")));
        }
        assert!(!self.capabilities.is_empty(), "the conformance suite ran nothing: declare at least one capability");
        assert!(failures.is_empty(), "the channel does not conform:\n{}", failures.join("\n"));
        self.capabilities.clone()
    }
}

#[cfg(test)]
mod tests;
