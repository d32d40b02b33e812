//! What can be set: the bounds of the hub, and what the push channel counts as delivered.

use std::time::Duration;

use tidings_core::Problem;
use tidings_render::Text;

/// The longest time that an attempt may wait for an acknowledgement.
const LONGEST_ACK: Duration = Duration::from_secs(300);

/// The bounds of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubConfig {
    /// How many live messages wait for a session before it is cut off. Default: 64.
    pub queue: usize,
    /// How many sessions a user may have. Default: 16.
    pub sessions_per_user: usize,
    /// How many sessions there may be in all. Default: 10,000.
    pub sessions: usize,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self { queue: 64, sessions_per_user: 16, sessions: 10_000 }
    }
}

impl HubConfig {
    /// Everything that is wrong with the bounds.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let bounds =
            [("queue", self.queue), ("sessions_per_user", self.sessions_per_user), ("sessions", self.sessions)];
        let zero = bounds.into_iter().filter(|(_, bound)| *bound == 0);
        zero.map(|(key, _)| Problem::new(key, "must be at least 1: with none nobody could be told anything")).collect()
    }
}

/// When a message counts as delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acknowledged {
    /// When a session of the user has acknowledged it.
    #[default]
    Required,
    /// When a session's transport has taken it.
    Sent,
}

/// The settings of the push channel.
#[derive(Clone, Debug)]
pub struct PushConfig {
    /// How long an attempt waits for an acknowledgement. Default: 10 s.
    pub ack_timeout: Duration,
    /// When a message counts as delivered. Default: when it is acknowledged.
    pub acknowledged: Acknowledged,
    /// What gives the text in place of the message's own.
    pub text: Option<Text>,
}

impl Default for PushConfig {
    fn default() -> Self {
        Self { ack_timeout: Duration::from_secs(10), acknowledged: Acknowledged::default(), text: None }
    }
}

impl PushConfig {
    /// Sets how long an attempt waits for an acknowledgement.
    #[must_use]
    pub const fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.ack_timeout = timeout;
        self
    }

    /// Sets when a message counts as delivered.
    #[must_use]
    pub const fn acknowledged(mut self, acknowledged: Acknowledged) -> Self {
        self.acknowledged = acknowledged;
        self
    }

    /// Sets what gives the text.
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.text = Some(text);
        self
    }

    /// Everything that is wrong with the settings.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let good = Duration::from_millis(1)..=LONGEST_ACK;
        if good.contains(&self.ack_timeout) {
            return Vec::new();
        }
        vec![Problem::new("ack_timeout", "must be between 1ms and 5m: an attempt waits so long for an acknowledgement")]
    }
}
