//! What users can look up of what they were told: the memory behind live sessions. What a message says is the channel's business.

use std::sync::Arc;

use tidings_core::{NotificationId, Timestamp};

/// A message for a user's inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxMessage {
    /// Whose inbox.
    pub user: Arc<str>,
    /// What it tells: the same notification stands in an inbox once.
    pub notification: NotificationId,
    /// The message as the user gets it.
    pub content: Arc<str>,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxPlace {
    /// Its place in the user's sequence, from 1 on, without gaps.
    pub seq: u64,
    /// Whether it came in now; `false`: it was there already.
    pub new: bool,
}

/// A message as it stands in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Its place in the user's sequence.
    pub seq: u64,
    /// What it tells.
    pub notification: NotificationId,
    /// When it came in.
    pub at: Timestamp,
    /// Whether the user has read it.
    pub read: bool,
    /// The message.
    pub content: Arc<str>,
}

/// How far an inbox reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxBounds {
    /// The place of the oldest message that is there; 0 for an inbox that has had none.
    pub oldest: u64,
    /// The place of the newest one.
    pub latest: u64,
    /// How many of them have not been read.
    pub unread: u64,
}
