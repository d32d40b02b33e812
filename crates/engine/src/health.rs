//! How sinks and channels stand, for whoever looks on. What makes one stand so is `breaker`'s.

use tidings_core::Timestamp;
use tokio::sync::watch;

use crate::{
    breaker::{Gate, Health},
    deliver::Owner,
    emit::Notifier,
};

/// How one sink or channel that sends over a network stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointHealth {
    /// Its name.
    pub name: String,
    /// Whether it is a sink; else it is a channel for users.
    pub is_sink: bool,
    /// Whether it answers.
    pub health: Health,
    /// Whether it is asked at this moment.
    pub gate: Gate,
    /// Since when it has not answered.
    pub since: Option<Timestamp>,
}

impl Notifier {
    /// How every sink and channel stands, in the order of the configuration; in-process sinks have nothing to fail.
    #[must_use]
    pub fn health(&self, now: Timestamp) -> Vec<EndpointHealth> {
        let pipeline = self.shared.pipeline();
        let told = pipeline.links.iter().map(|link| {
            let breaker = *link.breaker();
            EndpointHealth {
                name: link.name.to_string(),
                is_sink: matches!(link.owner, Owner::Sink(_)),
                health: breaker.health(),
                gate: breaker.gate(now),
                since: breaker.open_since(),
            }
        });
        told.collect()
    }

    /// Changes whenever a durable store has taken events: for whoever wants to look at them then, without asking all the time.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.shared.accepted.subscribe()
    }

    /// How many events wait between the door and the rules.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.shared.queue.outstanding() + self.shared.inbound.get()
    }
}
