//! What a route comes to: one leg for each channel that is used now, and how many must succeed. What follows when a leg fails is
//! decided by `fallback`; whether all of it was enough by `settle`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidings_core::{Priority, Timestamp};

use crate::{
    fallback::usable,
    route::{ChannelName, Circumstances, Route},
};

/// One delivery to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// The channel that carries it.
    pub channel: ChannelName,
    /// The channels that failed before it, the first choice first: empty for a first choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<ChannelName>,
    /// The channel whose list it was taken from, where it goes out beside that one: what is left of the list may stand in for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ChannelName>,
}

impl Leg {
    /// A first choice.
    #[must_use]
    pub fn first(channel: impl Into<ChannelName>) -> Self {
        Self { channel: channel.into(), ..Self::default() }
    }

    /// A first choice too, out of the fallbacks of a channel that goes out at the same time.
    #[must_use]
    pub fn beside(of: impl Into<ChannelName>, channel: impl Into<ChannelName>) -> Self {
        Self { of: Some(of.into()), ..Self::first(channel) }
    }

    /// 0 for a first choice; counts the fallbacks, up to 255.
    #[must_use]
    pub fn level(&self) -> u8 {
        u8::try_from(self.after.len()).unwrap_or(u8::MAX)
    }
}

/// How many channels must succeed before a notification is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    /// The number of channels, at least 1.
    pub needed: u8,
}

impl Default for Quorum {
    fn default() -> Self {
        Self { needed: 1 }
    }
}

/// What the operator says of deliveries that fail, for all notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallbacks {
    /// By channel, what is tried where it fails, in order.
    pub by_channel: BTreeMap<ChannelName, Vec<ChannelName>>,
    /// How many channels a critical notification needs. Default: 2.
    pub critical: Quorum,
}

impl Default for Fallbacks {
    fn default() -> Self {
        Self { by_channel: BTreeMap::new(), critical: Quorum { needed: 2 } }
    }
}

/// The deliveries of one notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// All of them: those made at first, and fallbacks as they are taken.
    pub legs: Vec<Leg>,
    /// When it is complete.
    #[serde(default)]
    pub quorum: Quorum,
}

/// The deliveries that a route comes to.
///
/// A critical notification needs several channels: where its rule names too few, the fallbacks of those supply the others at once,
/// as far as the user wants them.
#[must_use]
pub fn plan(about: &Circumstances<'_>, route: Route, fallbacks: &Fallbacks, now: Timestamp) -> Plan {
    let critical = about.notification.priority == Priority::Critical;
    let quorum = if critical { fallbacks.critical } else { Quorum::default() };
    let mut legs: Vec<Leg> = route.now.into_iter().map(Leg::first).collect();
    let mut next = 0;
    while legs.len() < usize::from(quorum.needed) && next < legs.len() {
        let leg = legs[next].clone();
        let spare = usable(&leg, about, fallbacks, now).into_iter().find(|channel| !is_used(&legs, channel));
        match spare {
            Some(channel) => legs.push(Leg::beside(leg.channel, channel)),
            None => next += 1,
        }
    }
    Plan { legs, quorum }
}

fn is_used(legs: &[Leg], channel: &str) -> bool {
    legs.iter().any(|leg| leg.channel == channel)
}
