//! What a store holds between two lives of a process: events, notifications, how far rules are, and what it can count.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidings_core::{Event, EventId, Notification, Timestamp};
use tidings_policy::{Attempt, Plan};

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Counts up without a gap, in the order of acceptance.
    pub number: u64,
    /// Its id.
    pub id: EventId,
    /// The event.
    pub event: Arc<Event>,
    /// When it was accepted.
    pub received: Timestamp,
    /// When rules saw it, by the clock of its acceptance; `None` where nobody told: see [`RulePlan::judged`](super::RulePlan).
    pub judged: Option<Timestamp>,
    /// Whether it waits for its plan.
    pub waiting: bool,
}

/// Which events, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRange {
    /// Only those above this number.
    pub after: u64,
    /// Only those up to this number.
    pub until: Option<u64>,
    /// Only those accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Only those of this agent.
    pub agent: Option<String>,
    /// Only those that wait for their plan.
    pub waiting: bool,
}

/// A notification as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredNotification {
    /// The notification, whole.
    pub notification: Arc<Notification>,
    /// Its plan, with the fallbacks that were taken.
    pub plan: Plan,
    /// What came of its legs.
    pub attempts: Vec<Attempt>,
    /// When it was planned.
    pub planned: Timestamp,
}

/// How far one rule is with one agent, as the rules tell it. The store does not look inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRow {
    /// The rule.
    pub rule: String,
    /// What tells the rule's rows apart.
    pub key: String,
    /// The state; empty: the row goes.
    pub state: Vec<u8>,
}

/// A state with the clock's shift since it was written, see [`Recovered::shift`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptState {
    /// The state.
    pub row: StateRow,
    /// All times in it are later than they should be by so many nanoseconds.
    pub shift: i64,
}

/// When a rule fired last for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// The rule.
    pub rule: String,
    /// The agent; empty for events without one.
    pub agent: String,
    /// When it fired.
    pub at: Timestamp,
}

/// An address to which nothing is sent until somebody enables it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disabled {
    /// The sink or channel.
    pub endpoint: String,
    /// The user's address there; `None`: the whole endpoint.
    pub address: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What the receiver said.
    pub reason: String,
}

/// The rules and sinks of one life of a process: what an event was judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSetVersion {
    /// The first event that was judged by it.
    pub from: u64,
    /// When it was loaded.
    pub since: Timestamp,
    /// The rules and sinks, as the engine tells them.
    pub content: Value,
}

/// The clock was set back between two lives of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBack {
    /// The number of the last event before.
    pub event: u64,
    /// The number of the last entry of the log before.
    pub entry: u64,
    /// By how much: those and all earlier ones were earlier by so much.
    pub by: Duration,
}

/// What a store found when it was taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The number of the last event that was accepted; 0: none.
    pub last_event: u64,
    /// When that was.
    pub last_received: Option<Timestamp>,
    /// The latest time that the process before told, or now if that would be later: as long as that it lived.
    pub last_told: Option<Timestamp>,
    /// Events that wait for their plan.
    pub waiting: u64,
    /// Leases of the process before that were taken over.
    pub leases: u64,
    /// By how many nanoseconds the wall clock was set back meanwhile. The store's own times are moved by that already.
    pub shift: i64,
    /// Where the clock was set back, this time included, the oldest first; where that was many times, the oldest are told as one.
    /// The times of events are not moved.
    pub set_backs: Vec<SetBack>,
    /// Addresses that are disabled.
    pub disabled: Vec<Disabled>,
    /// What was lost to damage: by table how many rows do not check, or how many numbers are missing; `unknown` where nothing can
    /// be said.
    pub damage: BTreeMap<String, String>,
}

/// Deliveries that wait, of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The sink or channel.
    pub endpoint: String,
    /// How many.
    pub count: u64,
}

/// The store's own count of everything: what came in and what became of it.
///
/// Over all lives of the file it closes: `events = planned + waiting`, `deliveries = delivered + dead + expired + unwanted + open`,
/// `notifications = complete + incomplete + failed + digested + withdrawn + pending`, for what was not purged. Shed deliveries are dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Events that were accepted.
    pub events: u64,
    /// Those that wait for their plan.
    pub waiting: u64,
    /// Notifications that were planned.
    pub notifications: u64,
    /// Those that enough channels have taken.
    pub complete: u64,
    /// Those that too few have taken.
    pub incomplete: u64,
    /// Those that none has taken.
    pub failed: u64,
    /// Those that were told in a digest, or left out of it since what they told of is over.
    #[serde(default)]
    pub digested: u64,
    /// Those that waited until nobody wanted them any more.
    #[serde(default)]
    pub withdrawn: u64,
    /// Deliveries that were made, fallbacks included.
    pub deliveries: u64,
    /// Those that arrived.
    pub delivered: u64,
    /// Those that were given up.
    pub dead: u64,
    /// Those that became too old.
    pub expired: u64,
    /// Those that nobody wanted any more before they had arrived.
    #[serde(default)]
    pub unwanted: u64,
    /// Those that are not settled.
    pub open: u64,
    /// Entries of the log.
    pub entries: u64,
}

/// What a purge took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Events.
    pub events: u64,
    /// Notifications.
    pub notifications: u64,
    /// Entries of the log.
    pub entries: u64,
    /// Cooldowns, dedup keys, incidents and states that no longer matter, and silences that were removed.
    pub keys: u64,
}

impl Purged {
    /// All rows.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.events + self.notifications + self.entries + self.keys
    }
}
