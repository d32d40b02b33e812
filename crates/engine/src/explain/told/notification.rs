//! What is told of a notification: what was decided, what it waited for, how it stands.

use serde::Serialize;
use tidings_core::{IncidentId, NotificationId, NotificationKind, Priority, Timestamp};
use tidings_policy::Leg;

use super::{DeliveryTold, DigestTold, LaterTold, SilenceTold, WaitTold};

/// A notification, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotificationTold {
    /// Its id.
    pub id: NotificationId,
    /// Whom it is for.
    pub user: Option<String>,
    /// The rule that gave it; `None` for a direct message.
    pub rule: Option<String>,
    /// What it says, where that is known.
    pub kind: Option<NotificationKind>,
    /// The incident that it is of.
    pub incident: Option<IncidentId>,
    /// Its title.
    pub title: Option<String>,
    /// How much attention it wants.
    pub priority: Option<Priority>,
    /// When it was decided.
    pub at: Timestamp,
    /// What was decided.
    pub decision: Decision,
    /// For a repeat: what it repeats.
    pub repeats: Option<Repeated>,
    /// For one under a silence: which, as far as it is known.
    pub silence: Option<SilenceTold>,
    /// Its channels that are not used, as it was decided first.
    pub muted: Vec<MutedTold>,
    /// What it waited for, and what became of it then, in order; empty for one that was told at once, or not at all.
    pub later: Vec<LaterTold>,
    /// What it waits for at this moment.
    pub waits: Option<WaitTold>,
    /// For a digest, or the summary of a storm: what it tells together.
    pub digest: Option<DigestTold>,
    /// Its legs, fallbacks that were taken included.
    pub legs: Vec<Leg>,
    /// How many channels must take it.
    pub needed: Option<u8>,
    /// How it stands, where it was planned.
    pub standing: Option<Standing>,
    /// Its deliveries, in the order of the legs.
    pub deliveries: Vec<DeliveryTold>,
}

/// What was decided on a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// It is sent.
    Planned,
    /// It is told later, by itself.
    Held,
    /// It is told later, together with others.
    Digested,
    /// A silence covers it.
    Silenced,
    /// It repeats another one within the window.
    Duplicate,
    /// It ends what this user was not told of.
    Untold,
    /// It is wanted on no channel.
    Denied,
    /// The decision is kept no more.
    Unknown,
}

/// The notification that another one repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Repeated {
    /// Its id.
    pub of: NotificationId,
    /// When that was told, where it is kept.
    pub told: Option<Timestamp>,
    /// Whether that was not told at once: it waits, or has.
    pub later: bool,
}

/// A channel that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MutedTold {
    /// The channel.
    pub channel: String,
    /// Why: `channel_off`, `below_min_priority`, `topic_off`, `quiet_hours`, `silenced`.
    pub reason: String,
    /// Whose word it was: `mandatory`, `user_agent`, `user`, `operator_agent`, `operator`, `built_in`.
    pub layer: String,
}

/// How a notification stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// `pending`, `complete`, `incomplete` or `failed`.
    pub status: &'static str,
    /// How many channels have taken it.
    pub reached: u8,
    /// How many must.
    pub needed: u8,
    /// Since when, for one that is settled.
    pub at: Option<Timestamp>,
}
