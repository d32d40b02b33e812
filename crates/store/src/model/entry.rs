//! The log: what was decided and what was done, one entry each, numbered without a gap.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tidings_core::{DeliveryId, EventId, NotificationId, Timestamp};

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// An event was sent again; nothing new comes of it.
    Resent,
    /// A rule fired.
    Fired,
    /// A rule was resolved.
    Resolved,
    /// A firing was not admitted: the rule rests. `detail.since`.
    Cooldown,
    /// A notification repeats another one within the window. `detail.of`.
    Duplicate,
    /// A resolve of what this user was not told.
    Untold,
    /// Some of a notification's channels are not used. `detail.muted`: each with its reason and who decided.
    Muted,
    /// A notification is wanted on no channel. `detail.muted`: each channel with its reason and who decided.
    Denied,
    /// A notification was planned. `detail`: title, priority, legs, quorum, what was muted.
    Planned,
    /// An attempt failed; another one follows. `detail`: kind, code, text, due, attempts.
    Retry,
    /// A delivery arrived.
    Delivered,
    /// A delivery was given up, or a call of an in-process sink failed.
    Dead,
    /// A delivery became too old.
    Expired,
    /// A fallback was taken: the entry is the new delivery's. `detail.after`.
    Fallback,
    /// As many channels as needed have taken a notification.
    Complete,
    /// Fewer channels than needed have taken a notification, and nothing is under way. `detail`: needed, reached.
    Incomplete,
    /// No channel has taken a notification, and nothing is under way; its dedup key is free.
    Failed,
    /// An answer came with an old fence and was refused.
    Late,
    /// An address is gone for good, and disabled.
    Disabled,
    /// Somebody enabled an address again.
    Enabled,
    /// A delivery had no room, or an event before an in-process sink.
    Shed,
    /// A row that does not check was set aside. `detail`: table, number.
    Damaged,
    /// A silence covers a notification: nobody is told. `detail`: silence, author, reason, until.
    Silenced,
    /// A notification is told later, by itself. `detail`: until, why and who said so.
    Held,
    /// A notification is told later, together with others. `detail`: until, why and who said so, the digest's channel.
    Digested,
    /// A notification that waited is looked at again, and goes out: see what follows.
    Resumed,
    /// A notification was told in a digest. `detail.into`.
    Gathered,
    /// A notification in a digest was left out, since what it told of is over.
    Dropped,
    /// Somebody sent a message to see whether it arrives. `detail`: arrived, kind, code, text, took_ms, author.
    Tested,
    /// A provider told later what became of a delivery. `detail`: kind, text.
    Reported,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::Resent,
        Self::Fired,
        Self::Resolved,
        Self::Cooldown,
        Self::Duplicate,
        Self::Untold,
        Self::Muted,
        Self::Denied,
        Self::Planned,
        Self::Retry,
        Self::Delivered,
        Self::Dead,
        Self::Expired,
        Self::Fallback,
        Self::Complete,
        Self::Incomplete,
        Self::Failed,
        Self::Late,
        Self::Disabled,
        Self::Enabled,
        Self::Shed,
        Self::Damaged,
        Self::Silenced,
        Self::Held,
        Self::Digested,
        Self::Resumed,
        Self::Gathered,
        Self::Dropped,
        Self::Tested,
        Self::Reported,
    ];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resent => "resent",
            Self::Fired => "fired",
            Self::Resolved => "resolved",
            Self::Cooldown => "cooldown",
            Self::Duplicate => "duplicate",
            Self::Untold => "untold",
            Self::Muted => "muted",
            Self::Denied => "denied",
            Self::Planned => "planned",
            Self::Retry => "retry",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Expired => "expired",
            Self::Fallback => "fallback",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Shed => "shed",
            Self::Damaged => "damaged",
            Self::Silenced => "silenced",
            Self::Held => "held",
            Self::Digested => "digested",
            Self::Resumed => "resumed",
            Self::Gathered => "gathered",
            Self::Dropped => "dropped",
            Self::Tested => "tested",
            Self::Reported => "reported",
        }
    }
}

/// What is written to the log with a plan, or by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    /// Which of the plan's firings it hangs on: without that it is not written. `None`: it is always written.
    pub claim: Option<usize>,
    /// What it tells.
    pub step: Step,
    /// The event that it comes from. What is written with the plan of an event is that event's, whatever stands here.
    pub event: Option<EventId>,
    /// The notification that it is about.
    pub notification: Option<NotificationId>,
    /// The delivery that it is about; an in-process sink has none of its own, but what would be its id.
    pub delivery: Option<DeliveryId>,
    /// The rule.
    pub rule: Option<Arc<str>>,
    /// The agent.
    pub agent: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The sink or channel.
    pub endpoint: Option<Arc<str>>,
    /// The values.
    pub detail: Map<String, Value>,
}

impl NewEntry {
    /// An entry of this step about nothing yet, that is always written.
    #[must_use]
    pub fn new(step: Step) -> Self {
        Self {
            claim: None,
            step,
            event: None,
            notification: None,
            delivery: None,
            rule: None,
            agent: None,
            user: None,
            endpoint: None,
            detail: Map::new(),
        }
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts up without a gap.
    pub number: u64,
    /// When it was written, by the wall clock.
    pub at: Timestamp,
    /// What it tells.
    pub step: Step,
    /// The event that it comes from.
    pub event: Option<EventId>,
    /// The notification that it is about.
    pub notification: Option<NotificationId>,
    /// The delivery that it is about.
    pub delivery: Option<DeliveryId>,
    /// The rule.
    pub rule: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The sink or channel.
    pub endpoint: Option<String>,
    /// Which attempt, from 1; 0 where it is about none.
    pub attempt: u32,
    /// The values.
    pub detail: Map<String, Value>,
}

/// Which entries. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Any of these; empty for all.
    pub steps: Vec<Step>,
    /// Of this event.
    pub event: Option<EventId>,
    /// Of this notification.
    pub notification: Option<NotificationId>,
    /// Of this delivery.
    pub delivery: Option<DeliveryId>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this agent.
    pub agent: Option<String>,
    /// Of this user.
    pub user: Option<String>,
    /// Of this sink or channel.
    pub endpoint: Option<String>,
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// Which part of the answer: keyset pages, so that page 1,000 costs what page 1 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest entries below this number (`None`: of all), newest first.
    Before {
        /// The number of the last entry of the page before.
        number: Option<u64>,
        /// At most so many, 1 to 1,000.
        limit: usize,
    },
    /// The oldest entries above this number, oldest first.
    After {
        /// The number of the last entry of the page before; 0 for the first page.
        number: u64,
        /// At most so many, 1 to 1,000.
        limit: usize,
    },
}
