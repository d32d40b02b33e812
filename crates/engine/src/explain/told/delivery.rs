//! What is told of a delivery: every attempt at it, and where it is.

use serde::Serialize;
use tidings_core::{DeliveryId, Timestamp};

/// A delivery, and all attempts at it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeliveryTold {
    /// Its id.
    pub id: DeliveryId,
    /// The sink or channel.
    pub endpoint: String,
    /// The channels that failed before it was made: empty for a first choice.
    pub after: Vec<String>,
    /// What was tried, oldest first.
    pub attempts: Vec<AttemptTold>,
    /// Where it is now.
    #[serde(flatten)]
    pub state: DeliveryState,
}

/// One attempt, or what took the place of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AttemptTold {
    /// When it had ended.
    pub at: Timestamp,
    /// Which it was, from 1; 0 where nothing was sent.
    pub attempt: u32,
    /// How many the plan has.
    pub attempts: Option<u64>,
    /// What came of it, as the log's steps are called: `delivered`, `retry`, `dead`, `expired`, `late`, `shed`, `disabled`, `held`,
    /// `denied`.
    pub outcome: &'static str,
    /// The error's stable name, or why nothing was sent.
    pub kind: Option<String>,
    /// For one that was held or denied before it was sent: whose preference decided.
    pub layer: Option<String>,
    /// The receiver's status code.
    pub code: Option<u64>,
    /// The error with its causes, or the first bytes of the answer.
    pub text: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// For a retry and for what is held: not before this.
    pub again: Option<Timestamp>,
}

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for its time or its turn.
    Waiting {
        /// Not before this.
        due: Timestamp,
    },
    /// It is being attempted, or was when a process ended.
    Leased {
        /// Which attempt it is, from 1.
        attempt: u32,
    },
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Dead,
    /// It became too old.
    Expired,
    /// There was no room for it.
    Shed,
    /// Nobody wanted it any more when its time came.
    Withdrawn,
    /// It is settled, or was never made; the log says no more of it.
    Gone,
}
