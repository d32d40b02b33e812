//! What is told of a notification that is not told at once: what it waits for, what becomes of it, what a digest holds, who silenced it.

use serde::Serialize;
use tidings_core::{EventId, NotificationId, Timestamp};

use super::MutedTold;

/// One thing that happened to a notification that is not told at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LaterTold {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub step: LaterStep,
}

/// What happens to a notification that is not told at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LaterStep {
    /// It waits, and is told by itself then.
    Held(WaitTold),
    /// It waits, and is told together with others then.
    Digested(WaitTold),
    /// Its time had come, and it goes out.
    Resumed {
        /// Its channels that are not used, as it stands by then.
        muted: Vec<MutedTold>,
    },
    /// It went into a digest.
    Gathered {
        /// The digest.
        into: Option<NotificationId>,
        /// How that one stands, as the log's steps are called: `planned`, `held`, `digested`, `complete`, `incomplete`, `failed`,
        /// `denied`.
        state: Option<&'static str>,
    },
    /// It was left out of the digest, since what it told of was over.
    Dropped,
    /// Nobody wanted it any more.
    Denied {
        /// Its channels, each with its reason and who decided.
        muted: Vec<MutedTold>,
        /// The silence that covers it, as far as it is known.
        silence: Option<SilenceTold>,
    },
}

/// What a notification waits for. [`Display`](std::fmt::Display) tells it for people, with times in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WaitTold {
    /// When it is looked at again.
    pub until: Option<Timestamp>,
    /// The time zone of its user, where that is known.
    pub zone: Option<String>,
    /// Why it waits: `snooze`, `quiet_hours`, `digest`, `storm`.
    pub why: Option<String>,
    /// Whose word that was: as in [`MutedTold`].
    pub layer: Option<String>,
    /// Whether it is told together with others.
    pub together: bool,
    /// The channel that carries the digest; `None` for the summary of a storm.
    pub channel: Option<String>,
    /// In a storm: what was too much, where that is known.
    pub storm: Option<StormTold>,
}

/// From when on messages of one rule to one user are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StormTold {
    /// So many are told one by one.
    pub messages: u64,
    /// Within so many seconds.
    pub seconds: u64,
}

/// What a digest, or the summary of a storm, tells together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DigestTold {
    /// How many notifications, where that is kept.
    pub count: Option<u64>,
    /// Since when they were gathered.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Those that the log knows, in its order; at most 1,000.
    pub items: Vec<ItemTold>,
}

/// A notification in a digest. To be asked about in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ItemTold {
    /// Its id.
    pub id: NotificationId,
    /// Its title.
    pub title: Option<String>,
    /// Its rule.
    pub rule: Option<String>,
    /// The event that gave it.
    pub event: Option<EventId>,
}

/// A silence that covers a notification. [`Display`](std::fmt::Display) tells it for people, with times in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SilenceTold {
    /// Its id.
    pub id: Option<String>,
    /// Who silenced.
    pub author: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Until when.
    pub until: Option<Timestamp>,
}
