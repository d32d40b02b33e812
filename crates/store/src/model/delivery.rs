//! One message for one endpoint, and its life: made, claimed, finished.

use std::{sync::Arc, time::Duration};

use tidings_core::{Address, DeliveryId, EventId, NotificationId, Payload, Receipt, Severity, Timestamp};
use tidings_policy::{Leg, Muted, Status};

/// One message for one endpoint.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id: making it twice makes it once.
    pub id: DeliveryId,
    /// The event that it comes from, where there is one.
    pub event: Option<EventId>,
    /// The sink or channel that it goes out by.
    pub endpoint: Arc<str>,
    /// Deliveries of one lane go one after another: an incident's, an agent's.
    pub lane: u64,
    /// What goes first when room is short.
    pub severity: Severity,
    /// The message.
    pub payload: Payload,
    /// The leg of its notification; `None` for an event's.
    pub leg: Option<Leg>,
    /// The user's address, where the channel has one.
    pub to: Option<Address>,
    /// Not before this.
    pub due: Timestamp,
    /// When its plan is over: from then on it takes its fallback, or expires, whether or not it was attempted.
    pub expires: Timestamp,
    /// Whether it has a fallback to take then: [`Which::Overdue`] finds it behind an endpoint that is down.
    pub yields: bool,
}

impl NewDelivery {
    /// The notification that it belongs to; `None` for an event's.
    #[must_use]
    pub fn notification(&self) -> Option<NotificationId> {
        match &self.payload {
            Payload::Notification(told) => Some(told.notification_id),
            _ => None,
        }
    }
}

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that are due, the longest due first.
    #[default]
    Due,
    /// Only those that are due, yield to a fallback and whose plan is over: an endpoint that is down must not hold them.
    Overdue,
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
    /// Which of them.
    pub which: Which,
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
    /// When the delivery was made.
    pub made: Timestamp,
}

/// The answer to a claim.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// What may be attempted, the longest due first.
    pub leases: Vec<Lease>,
    /// When the next one of those asked for is due that was not given, or a lease ends.
    pub next_due: Option<Timestamp>,
}

/// What the log is told of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The error's stable name, or why there was no attempt.
    pub kind: Option<&'static str>,
    /// The receiver's status code.
    pub code: Option<u16>,
    /// The error with its causes, or the first bytes of the answer; redacted.
    pub text: Option<String>,
    /// How long the attempt took.
    pub took: Duration,
    /// How many attempts the plan has.
    pub attempts: u32,
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
    /// Which attempt it was, by the lease that it began under: later leases of the same attempt do not count. `None` where nothing
    /// was sent: that uses up no attempt, and is none in the log.
    pub attempt: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// For the log.
    pub note: Note,
    /// What may stand in for it if it is given up, in order: the first is made whose channel its notification has not used.
    pub fallbacks: Vec<NewDelivery>,
}

impl Finish {
    /// How many attempts count after it, where so many leases were given.
    pub(crate) fn attempts(&self, leases: u32) -> u32 {
        let free =
            matches!(self.outcome, Outcome::Retry { counts: false, .. } | Outcome::YieldOr { counts: false, .. });
        match self.attempt {
            Some(attempt) => attempt.min(leases).saturating_sub(free.into()),
            None => leases.saturating_sub(1),
        }
    }
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
    /// Like [`Outcome::Dead`] if one of the fallbacks can be taken, else again at that time: a receiver that is down is waited for.
    YieldOr {
        /// When.
        due: Timestamp,
        /// Whether it uses up an attempt, where nothing stands in.
        counts: bool,
    },
    /// Never again.
    Dead,
    /// Never again, and the receiver says that the address is gone for good: nothing is sent there until somebody enables it.
    Gone,
    /// Too old to be worth sending.
    Expired,
    /// Nobody wants it there any more: nothing stands in for it, and the notification is as if it had never had this leg. The log
    /// tells it as [`Step::Denied`](super::Step::Denied).
    Withdrawn(Muted),
}

/// The store's word on a [`Finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Written down.
    Done {
        /// The fallback that was made in the same step: its endpoint.
        fallback: Option<Arc<str>>,
        /// How its notification stands, where this settled a leg of it. Given up although another attempt was asked for:
        /// [`Outcome::YieldOr`] took a fallback.
        status: Option<Status>,
        /// The dedup key that is free by this, since the whole notification failed on every channel: the next one is told.
        freed: Option<String>,
    },
    /// The lease was not the latest one: nothing changed but the log, which names it.
    Stale,
}

impl Settled {
    /// Written down, and nothing follows.
    pub const DONE: Self = Self::Done { fallback: None, status: None, freed: None };
}

/// What an endpoint still owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// Deliveries that wait, for their time or their turn.
    pub ready: u64,
    /// Deliveries that are being attempted.
    pub leased: u64,
    /// Deliveries that the store gave up itself since it was opened, since their rows were damaged: nobody else is told of them.
    pub lost: u64,
}

impl Outstanding {
    /// All that is not settled.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.ready + self.leased
    }
}
