//! The optional wishes beside the on and off of channels: thresholds, quiet hours, digests, topics, snooze. They are kept here; what they
//! come to is decided in `judge`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};
use tidings_core::{Priority, Timestamp};

use crate::schedule::{Day, TimeOfDay};

/// Everything a preference block can hold beside its channels. Each is unset by default and then falls to the next layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// On or off by topic: a rule's `topic`, else its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, bool>,
    /// What is lower is muted.
    #[serde(skip_serializing_if = "MinPriority::is_unset")]
    pub min_priority: MinPriority,
    /// When not to be disturbed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// What to collect instead of sending at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Nothing but critical until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snooze_until: Option<Timestamp>,
}

/// The lowest priority that gets through: one for all channels, one by channel, or both. In JSON a name or an object by channel;
/// the key `default` of such an object is the one for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MinPriority {
    /// For every channel that has no own one.
    pub all: Option<Priority>,
    /// By channel.
    pub channels: BTreeMap<String, Priority>,
}

impl MinPriority {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        self.all.is_none() && self.channels.is_empty()
    }

    /// What holds for this channel.
    #[must_use]
    pub fn of(&self, channel: &str) -> Option<Priority> {
        self.channels.get(channel).copied().or(self.all)
    }
}

impl Serialize for MinPriority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Some(all), true) = (self.all, self.channels.is_empty()) {
            return all.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(all) = self.all {
            map.serialize_entry("default", &all)?;
        }
        self.channels.iter().try_for_each(|(channel, priority)| map.serialize_entry(channel, priority))?;
        map.end()
    }
}

/// A daily window in which a user does not want to be disturbed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuietHours {
    /// The window opens.
    pub from: TimeOfDay,
    /// The window closes, on the next day where it is earlier than `from`.
    pub to: TimeOfDay,
    /// An IANA name; unset, the user's zone holds, else UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The days on which the window opens; empty for every day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// What happens to a message within the window; default hold.
    pub policy: QuietPolicy,
    /// From this priority up a message passes; default critical.
    pub except: Priority,
}

/// What happens to a message within quiet hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QuietPolicy {
    /// Sent when the window closes.
    #[default]
    Hold,
    /// Put into the next digest.
    Digest,
    /// Not sent.
    Drop,
}

/// Low messages collected into one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Digest {
    /// How often; default daily.
    pub every: DigestPeriod,
    /// When a daily one is sent, in the user's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<TimeOfDay>,
    /// Up to this priority messages are collected; default low.
    pub max_priority: Priority,
    /// The channel that carries the digest; default `email`.
    pub channel: String,
    /// Whether the first message of a rule in each window is told at once, and only the rest together. In JSON `"first": "now"`, else
    /// `"together"`, the default.
    #[serde(rename = "first", serialize_with = "first", skip_serializing_if = "std::ops::Not::not")]
    pub first_now: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn first<S: Serializer>(now: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *now { "now" } else { "together" })
}

/// How often a digest is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestPeriod {
    /// At every full hour.
    Hourly,
    /// Once a day.
    #[default]
    Daily,
}
