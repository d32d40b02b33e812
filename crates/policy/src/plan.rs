//! What a route comes to: one leg for each channel that is used now. Fallbacks and the quorum of critical messages have their place
//! here, but are not filled yet.

use serde::Serialize;
use tidings_core::Notification;

use crate::route::{ChannelName, Route};

/// One delivery to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// The channel that carries it.
    pub channel: ChannelName,
    /// 0 for the first choice; counts the fallbacks.
    pub level: u8,
}

/// How many channels must succeed before a notification is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quorum {
    /// The number of channels, at least 1.
    pub needed: u8,
}

impl Default for Quorum {
    fn default() -> Self {
        Self { needed: 1 }
    }
}

/// The deliveries of one notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Made now.
    pub legs: Vec<Leg>,
    /// Made where a leg fails; not yet filled.
    pub fallbacks: Vec<Leg>,
    /// When it is complete.
    pub quorum: Quorum,
}

/// The deliveries that a route comes to.
#[must_use]
pub fn plan(_notification: &Notification, route: Route) -> Plan {
    let legs = route.now.into_iter().map(|channel| Leg { channel, level: 0 }).collect();
    Plan { legs, ..Plan::default() }
}
