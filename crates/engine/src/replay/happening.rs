//! What a replay tells of. What it adds up to is its reader's business.

use tidings_core::{Notification, NotificationId, Timestamp};
use tidings_policy::{ChannelName, Muted, Wait};

/// Something that happened, by the clock of the events.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a> {
    /// When.
    pub at: Timestamp,
    /// Whose event it was about, where it was an agent's.
    pub agent: Option<&'a str>,
    /// The rule; `None` for a digest.
    pub rule: Option<&'a str>,
    /// Who would be told; `None` where it is about a rule only.
    pub user: Option<&'a str>,
    /// What would be told, where it is about a notification.
    pub notification: Option<&'a Notification>,
    /// What happened.
    pub what: &'a What,
}

/// What happened to a rule or to a notification.
///
/// A notification is made with one of [`What::Duplicate`], [`What::Untold`], [`What::Silenced`], [`What::Denied`], [`What::Sent`],
/// [`What::Held`] and [`What::Digested`]. The last two are followed, for the same notification, by [`What::Sent`], [`What::Gathered`],
/// [`What::Dropped`], [`What::Withdrawn`] or, at the end, [`What::Waiting`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A rule fired.
    Fired,
    /// What a rule fired for is over.
    Resolved,
    /// A rule held and did not fire, since it was in its cooldown for the agent.
    Cooldown,
    /// Told before, within the window.
    Duplicate {
        /// What was told then.
        of: NotificationId,
    },
    /// The end of what this user was not told.
    Untold,
    /// A silence covers it.
    Silenced,
    /// Wanted on no channel: each with its reason.
    Denied(Vec<Muted>),
    /// It waits, and is told by itself.
    Held(Wait),
    /// It waits, and is told together with others.
    Digested(Wait),
    /// It waited, and waits now for something else.
    Delayed(Wait),
    /// It goes out.
    Sent {
        /// By these channels, one message on each.
        channels: Vec<ChannelName>,
        /// How many notifications it tells together; 0 for one that tells itself.
        gathered: usize,
        /// Whether it waited before.
        resumed: bool,
    },
    /// It waited, and is told in this digest.
    Gathered {
        /// The digest.
        into: NotificationId,
    },
    /// It waited for a digest, and is over by then with its end: neither is told.
    Dropped,
    /// It waited, and nobody wants it any more.
    Withdrawn,
    /// It still waits when the replay ends.
    Waiting(Wait),
}

impl What {
    /// Whether a notification is made with this.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        match self {
            Self::Duplicate { .. }
            | Self::Untold
            | Self::Silenced
            | Self::Denied(_)
            | Self::Held(_)
            | Self::Digested(_) => true,
            Self::Sent { resumed, .. } => !*resumed,
            _ => false,
        }
    }
}
