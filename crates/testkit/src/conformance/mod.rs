//! What every channel must do to be called done, as checks that any adapter runs by the capabilities it declares. A suite that
//! ran nothing fails. How the other end is made to behave is each adapter's `Stage`.

mod checks;
mod http;
mod plant;
mod stage;

use std::time::Duration;

pub use self::{
    http::{Factory, HttpStage, Subject, Target},
    stage::{Behaviour, Peer, Scene, Stage},
};

/// Something that a channel can do, and one check of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// An event and a notification arrive.
    Sends,
    /// One attempt comes once to the receiver, whatever it answers: retries are the engine's.
    TriesOnce,
    /// An address that cannot be right is a permanent failure, at the latest at the attempt.
    BadAddress,
    /// What the receiver refuses is permanent; what it cannot take now is transient.
    RetryClasses,
    /// A delay that the receiver asks for is told, and a receiver that asks for less uses up no attempt.
    RetryAfter,
    /// A connection that breaks after the whole message was sent leaves the outcome unknown.
    BrokenConnection,
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
    /// Titles that want to do harm arrive as one message and break out of nothing.
    HostileTitles,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 12] = [
        Self::Sends,
        Self::TriesOnce,
        Self::BadAddress,
        Self::RetryClasses,
        Self::RetryAfter,
        Self::BrokenConnection,
        Self::Deadline,
        Self::Cancellation,
        Self::KeepsSecrets,
        Self::Scrubs,
        Self::DeliveryId,
        Self::HostileTitles,
    ];

    /// Every capability but these: a channel says in its test why it cannot have them.
    #[must_use]
    pub fn all_but(missing: &[Self]) -> Vec<Self> {
        Self::ALL.into_iter().filter(|capability| !missing.contains(capability)).collect()
    }
}

/// A channel and what it declares.
#[expect(missing_debug_implementations, reason = "a stage has none")]
pub struct Suite {
    /// What the channel declares; each is one check.
    pub capabilities: Vec<Capability>,
    /// Sets the channel before its peer.
    pub stage: Box<dyn Stage>,
    /// The secret that the stage gives the channel.
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
