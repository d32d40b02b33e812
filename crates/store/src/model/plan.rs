//! What wants in: events, what rules made of them, what users are to be told; and the store's word on each.

use std::{sync::Arc, time::Duration};

use tidings_core::{DeliveryId, Event, EventId, Notification, NotificationId, Timestamp};
use tidings_policy::{Plan, Wait};

use super::{NewDelivery, NewEntry, StateRow};

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

/// The store's word on a [`FiringClaim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It fires, and its cooldown has begun. The same claim for the same event is admitted again.
    Granted,
    /// It rests.
    Cooling {
        /// When it fired last.
        since: Timestamp,
    },
}

/// A notification that hangs on a firing, or on none.
#[derive(Clone, Debug)]
pub struct Handed {
    /// Which of the plan's firings it hangs on; `None` for a resolve.
    pub claim: Option<usize>,
    /// The notification with its deliveries.
    pub plan: UserPlan,
}

/// All that one event gave, or time alone.
#[derive(Clone, Debug)]
pub struct RulePlan {
    /// The event; its outbox row goes. What time alone gave has an id of its own, and no such row.
    pub event: EventId,
    /// When rules saw the event, by the clock of its acceptance: one that waited over a set-back of the clock is told as if there had
    /// been none, so that whoever moves events along by [`SetBack`](super::SetBack) moves this too. `None`: rules go by the events'
    /// own times.
    pub judged: Option<Timestamp>,
    /// The rules that want to fire. A resolve claims nothing: it starts no cooldown.
    pub firings: Vec<FiringClaim>,
    /// The event's deliveries to network sinks.
    pub sinks: Vec<NewDelivery>,
    /// What users are to be told.
    pub told: Vec<Handed>,
    /// What was decided and makes no delivery: firings, repeats, what nobody wants. For the log. Entries of a firing that is not
    /// admitted are left out, see [`NewEntry::claim`].
    pub trace: Vec<NewEntry>,
}

impl RulePlan {
    /// Whether anything came of the event.
    #[must_use]
    pub fn gives(&self) -> bool {
        !(self.firings.is_empty() && self.sinks.is_empty() && self.told.is_empty() && self.trace.is_empty())
    }

    /// Nothing yet, of this event.
    #[must_use]
    pub const fn nothing(event: EventId) -> Self {
        Self { event, judged: None, firings: Vec::new(), sinks: Vec::new(), told: Vec::new(), trace: Vec::new() }
    }
}

/// What a batch of events gave, and how far rules are by then: one transaction.
#[derive(Clone, Debug, Default)]
pub struct RuleBatch {
    /// One for each event, in their order.
    pub plans: Vec<RulePlan>,
    /// How far rules are after the last of them: each replaces the row of its key.
    pub states: Vec<StateRow>,
}

/// The store's word on a [`RulePlan`].
#[derive(Clone, Debug, Default)]
pub struct RuleOutcome {
    /// For each firing claimed, whether it may fire.
    pub fires: Vec<Admission>,
    /// For each notification handed over, what became of it.
    pub told: Vec<UserOutcome>,
    /// Deliveries for which a bounded store had no room: the new ones or older ones of a lower severity.
    pub shed: Vec<Arc<NewDelivery>>,
    /// Deliveries to sinks that a life before this one has made: nothing new comes of them.
    pub known: Vec<DeliveryId>,
}

/// A notification with the deliveries that it should give.
///
/// Its kind decides: a firing takes the dedup key, a resolve frees it. A higher priority passes a key that a lower one holds.
#[derive(Clone, Debug)]
pub struct UserPlan {
    /// What is told, and to whom.
    pub notification: Arc<Notification>,
    /// The legs and the quorum.
    pub plan: Plan,
    /// One delivery for each leg, in their order.
    pub deliveries: Vec<NewDelivery>,
    /// What it waits for, where it is told later: then it has no legs yet.
    pub wait: Option<Wait>,
    /// How long its key is held, from the first.
    pub window: Duration,
    /// When the notification was made, by the clock that rules go by.
    pub at: Timestamp,
}

/// What users are told at once, by no event: one transaction.
#[derive(Clone, Debug, Default)]
pub struct UserBatch {
    /// What they are told.
    pub plans: Vec<UserPlan>,
    /// What was decided or done and makes no delivery. For the log.
    pub trace: Vec<NewEntry>,
}

impl From<Vec<UserPlan>> for UserBatch {
    fn from(plans: Vec<UserPlan>) -> Self {
        Self { plans, trace: Vec::new() }
    }
}

/// The store's word on a [`UserPlan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOutcome {
    /// Its deliveries are made. The same plan again makes nothing new.
    Planned,
    /// The key was held; or it is a resolve, and the incident's end was told before.
    Duplicate {
        /// The notification that holds it, or told of the end.
        of: NotificationId,
    },
    /// It is a resolve, and this user was not told of the incident: there is nothing to take back.
    Untold,
    /// The firing that it hangs on was not admitted: it was never made.
    Overruled,
    /// It was planned by a life before this one, whose event is planned once more after damage: nothing new comes of it.
    Known,
}
