//! What is told later: a notification that waits for its moment, and what becomes of it then. When that is, and what is told, is decided
//! by `tidings_policy`.

use std::sync::Arc;

use tidings_core::{Notification, NotificationId, Timestamp};
use tidings_policy::{Plan, Wait};

use super::{NewDelivery, NewEntry, Step, UserPlan};

/// A notification that waits for its moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Deferred {
    /// The notification, whole.
    pub notification: Arc<Notification>,
    /// What it waits for.
    pub wait: Wait,
    /// When it was made, by the clock that rules go by: see [`UserPlan::at`].
    pub since: Timestamp,
}

/// Which of those that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deferrals {
    /// Those whose wait is over by then, the longest over first, then by user.
    Due(Timestamp),
    /// All of this user's, in the same order.
    Of(Arc<str>),
    /// All, in the same order.
    All,
}

/// How many wait, and until when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Those that are told by themselves.
    pub held: u64,
    /// Those that are told together with others.
    pub digested: u64,
    /// When the first of them is due.
    pub next: Option<Timestamp>,
    /// Those that waited since this store was opened and can never be told: there was no room for them, or their rows are damaged. Who
    /// keeps an account counts them as dead.
    pub lost: u64,
}

/// What becomes of notifications that waited: one transaction.
#[derive(Clone, Debug, Default)]
pub struct Resumption {
    /// Each of them.
    pub items: Vec<Resuming>,
    /// The digests into which items go. One is made only if an item goes into it that stood as the caller saw it.
    pub digests: Vec<UserPlan>,
}

/// What becomes of one of them.
#[derive(Clone, Debug)]
pub struct Resuming {
    /// Which.
    pub notification: NotificationId,
    /// Until when it waited as the caller saw it; if that is not so any more, nothing is done.
    pub until: Timestamp,
    /// What becomes of it.
    pub fate: Fate,
    /// For the log.
    pub entry: NewEntry,
}

/// What becomes of a notification that waited.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It goes out by itself.
    Sent {
        /// The legs and the quorum.
        plan: Plan,
        /// One delivery for each leg, in their order.
        deliveries: Vec<NewDelivery>,
    },
    /// It waits for something else.
    Waits(Wait),
    /// It is told in a digest.
    Gathered {
        /// The digest.
        into: NotificationId,
    },
    /// It is not told: what it told of is over, or nobody wants it any more.
    Dropped {
        /// Whether the user was never told of it: its key is free then, and its incident has no end to be told.
        untold: bool,
    },
}

/// How the log calls it that a notification is told later.
pub(crate) const fn wait_step(wait: &Wait) -> Step {
    if wait.digest.is_some() { Step::Digested } else { Step::Held }
}
