//! What goes into a store and comes out of it: plain values, without a word of SQL.

use std::{sync::Arc, time::Duration};

use tidings_core::{
    Address, DeliveryId, Event, EventId, IncidentId, NotificationId, NotificationKind, Payload, Priority, Receipt,
    Severity, Timestamp,
};

/// An event that wants in.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its id.
    pub id: EventId,
    /// The event.
    pub event: Arc<Event>,
    /// Whether the same id may come again: then the id is remembered. An id made for this very event cannot.
    pub repeatable: bool,
}

/// The store's word on an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// It is in.
    Accepted,
    /// It was in before, under this id; nothing new comes of it.
    Duplicate {
        /// The event that was accepted first.
        of: EventId,
    },
}

/// A rule that wants to fire for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiringClaim {
    /// The rule's name.
    pub rule: Arc<str>,
    /// The agent; empty for an event without one.
    pub agent: String,
    /// When it fires.
    pub at: Timestamp,
    /// How long it then rests.
    pub cooldown: Duration,
}

/// All that one event gave, but for what its users are told.
#[derive(Clone, Debug)]
pub struct RulePlan {
    /// The event; its outbox row goes. What time alone gave has an id of its own, and no such row.
    pub event: EventId,
    /// The rules that want to fire. A resolve claims nothing: it starts no cooldown.
    pub firings: Vec<FiringClaim>,
    /// The event's deliveries to network sinks.
    pub sinks: Vec<NewDelivery>,
}

/// The store's word on a [`RulePlan`].
#[derive(Clone, Debug, Default)]
pub struct RuleOutcome {
    /// For each firing claimed, whether it may fire.
    pub fires: Vec<bool>,
    /// Deliveries for which a bounded store had no room: the new ones or older ones of a lower severity.
    pub shed: Vec<Arc<NewDelivery>>,
}

/// A notification with the deliveries that it should give.
#[derive(Clone, Debug)]
pub struct UserPlan {
    /// The notification's id.
    pub notification: NotificationId,
    /// Whom it is for.
    pub user: String,
    /// Whether it is a firing or its end. A firing takes the key, a resolve frees it.
    pub kind: NotificationKind,
    /// The incident that it is about; `None` for a direct message.
    pub incident: Option<IncidentId>,
    /// What counts as the same message; a resolve has that of its firing.
    pub dedup_key: String,
    /// A higher priority passes a key that a lower one holds.
    pub priority: Priority,
    /// How long the key is held, from the first.
    pub window: Duration,
    /// When the notification was made.
    pub at: Timestamp,
    /// One delivery per channel.
    pub deliveries: Vec<NewDelivery>,
}

/// The store's word on a [`UserPlan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOutcome {
    /// Its deliveries are made.
    Planned,
    /// The key was held; or it is a resolve, and the incident's end was told before.
    Duplicate {
        /// The notification that holds it, or told of the end.
        of: NotificationId,
    },
    /// It is a resolve, and this user was not told of the incident: there is nothing to take back.
    Untold,
}

/// One message for one endpoint.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id: making it twice makes it once.
    pub id: DeliveryId,
    /// The sink or channel that it goes out by.
    pub endpoint: Arc<str>,
    /// Deliveries of one lane go one after another: an incident's, an agent's.
    pub lane: u64,
    /// What goes first when room is short.
    pub severity: Severity,
    /// The message.
    pub payload: Payload,
    /// The user's address, where the channel has one.
    pub to: Option<Address>,
    /// Not before this.
    pub due: Timestamp,
}

/// A request for work.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose deliveries.
    pub endpoint: Arc<str>,
    /// At most so many.
    pub limit: usize,
    /// How long the lease lasts; after that another claim may take it.
    pub lease: Duration,
}

/// A delivery that the caller may attempt now.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The delivery.
    pub delivery: Arc<NewDelivery>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Proves that the lease is the latest one.
    pub fence: u64,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The delivery.
    pub id: DeliveryId,
    /// Its endpoint.
    pub endpoint: Arc<str>,
    /// The lease's fence.
    pub fence: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver took it.
    Delivered(Receipt),
    /// Again, not before this.
    Retry {
        /// When.
        due: Timestamp,
        /// Whether the attempt counts against the plan; one refused by a rate limit does not.
        counts: bool,
    },
    /// Never again.
    Dead,
}

/// The store's word on a [`Finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Written down.
    Done,
    /// Written down, and with it the whole notification failed on every channel: its dedup key is free, so that the next one is
    /// told.
    Freed {
        /// The key.
        dedup_key: String,
        /// The notification that held it.
        of: NotificationId,
    },
    /// The lease was not the latest one: nothing changed.
    Stale,
}

/// What an endpoint still owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// Deliveries that wait, for their time or their turn.
    pub ready: u64,
    /// Deliveries that are being attempted.
    pub leased: u64,
    /// When the next one is due.
    pub next_due: Option<Timestamp>,
}

impl Outstanding {
    /// All that is not settled.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.ready + self.leased
    }
}
