//! Whether a notification has reached its user: from its plan and what came of each leg. Pure; who writes it down is the store.

use serde::{Deserialize, Serialize};

use crate::{plan::Plan, route::ChannelName};

/// How a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The receiver took it.
    Delivered,
    /// Given up.
    Dead,
    /// Too old to be worth sending.
    Expired,
}

/// What came of the last attempt on one leg. A leg without one is still under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The leg's channel: a notification uses each at most once.
    pub channel: ChannelName,
    /// How it ended.
    pub ending: Ending,
}

/// How a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Status {
    /// Legs are under way, and not enough have succeeded.
    Pending,
    /// As many channels as needed have taken it.
    Complete,
    /// Nothing is under way any more, and fewer channels than needed have taken it.
    Incomplete {
        /// How many had to.
        needed: u8,
        /// How many did, at least one.
        reached: u8,
    },
    /// Nothing is under way any more, and no channel has taken it.
    Failed,
}

/// How a notification stands after these attempts.
#[must_use]
pub fn settle(plan: &Plan, attempts: &[Attempt]) -> Status {
    // One that was given up may have been sent again.
    let ended = |channel: &ChannelName| attempts.iter().rfind(|attempt| attempt.channel == *channel);
    let endings = plan.legs.iter().map(|leg| ended(&leg.channel).map(|attempt| attempt.ending));
    let (mut reached, mut open) = (0u8, false);
    for ending in endings {
        match ending {
            Some(Ending::Delivered) => reached = reached.saturating_add(1),
            Some(Ending::Dead | Ending::Expired) => {}
            None => open = true,
        }
    }
    let needed = plan.quorum.needed.max(1);
    match reached {
        _ if reached >= needed => Status::Complete,
        _ if open => Status::Pending,
        0 => Status::Failed,
        _ => Status::Incomplete { needed, reached },
    }
}
