//! Ids of 128 bits, written as 32 lower-case hex digits. What is derived from something is a hash of it, so that planning
//! the same event twice makes the same notifications and deliveries; whatever is the same has the same id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};

use crate::Timestamp;

/// The text is not 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected 32 lower-case hex digits")]
pub struct BadId;

/// Hashes parts into 128 bits. Each part goes in behind its length, so that `("ab", "c")` and `("a", "bc")` differ.
#[must_use]
pub fn derive(kind: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in std::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    id
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// An id of these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The id's bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Written at once: ids stand in every header and every line.
                let mut digits = [0; 32];
                for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
                    *pair = [hex_digit(byte >> 4), hex_digit(byte & 15)];
                }
                f.write_str(str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

id! {
    /// One event, however often its source sends it.
    EventId
}
id! {
    /// What one event says to one user by one rule.
    NotificationId
}
id! {
    /// What one rule says of one agent from its firing to its resolve: the same for every user, in both messages.
    IncidentId
}
id! {
    /// One notification or event on one channel: the idempotency key that a receiver sees, the same on every attempt.
    DeliveryId
}

impl EventId {
    /// The id of an event that brings its own: CloudEvents' `source` and `id`, or an idempotency key.
    #[must_use]
    pub fn named(source: &str, id: &str) -> Self {
        Self(derive("event.named", &[source.as_bytes(), id.as_bytes()]))
    }

    /// The id that stands for an event where time alone made `rule` say something (`word`) of `agent`: worked out again, it is the
    /// same.
    #[must_use]
    pub fn of_time(rule: &str, agent: Option<&str>, at: Timestamp, word: &str) -> Self {
        let at = at.as_nanos().to_le_bytes();
        Self(derive("event.time", &[rule.as_bytes(), &optional(agent), &at, word.as_bytes()]))
    }
}

impl IncidentId {
    /// The incident that `rule` began to tell of `agent` at `since`, by the event `origin`: at one moment it may begin, end and
    /// begin again.
    #[must_use]
    pub fn derived(rule: &str, agent: Option<&str>, since: Timestamp, origin: EventId) -> Self {
        let since = since.as_nanos().to_le_bytes();
        Self(derive("incident", &[rule.as_bytes(), &optional(agent), &since, &origin.0]))
    }
}

impl NotificationId {
    /// The notification that `event` gives `user` by `rule`.
    #[must_use]
    pub fn derived(event: EventId, rule: &str, user: &str) -> Self {
        Self(derive("notification", &[&event.0, rule.as_bytes(), user.as_bytes()]))
    }

    /// The digest that `user` gets on `channel` of the window that ends at `until`: made again, it is the same.
    #[must_use]
    pub fn of_digest(user: &str, channel: &str, until: Timestamp) -> Self {
        Self(derive("digest", &[user.as_bytes(), channel.as_bytes(), &until.as_nanos().to_le_bytes()]))
    }
}

impl DeliveryId {
    /// The delivery of `notification` to `endpoint` of `channel`; `level` is 0 for the first choice and counts the fallbacks.
    #[must_use]
    pub fn of_notification(notification: NotificationId, channel: &str, endpoint: &str, level: u8) -> Self {
        Self(derive("delivery", &[&notification.0, channel.as_bytes(), endpoint.as_bytes(), &[level]]))
    }

    /// The delivery of a raw event to the sink of this name.
    #[must_use]
    pub fn of_event(event: EventId, sink: &str) -> Self {
        Self(derive("delivery.sink", &[&event.0, sink.as_bytes()]))
    }
}

/// A part that may be missing, so spelt that nothing and the empty text differ.
fn optional(part: Option<&str>) -> Vec<u8> {
    part.map_or_else(Vec::new, |text| [b"=", text.as_bytes()].concat())
}

/// The lower-case hex digit of half a byte.
const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

fn parse_hex(text: &str) -> Result<[u8; 16], BadId> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return Err(BadId);
    }
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(id)
}

fn nibble(digit: u8) -> Result<u8, BadId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(BadId),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(derive("x", &[b"ab", b"c"]), derive("x", &[b"a", b"bc"]));
        assert_ne!(derive("x", &[b"a", b""]), derive("x", &[b"a"]));
    }

    #[test]
    fn every_part_of_an_incident_counts() {
        let at = Timestamp::from_secs;
        let event = |id| EventId::named("test", id);
        let ids = [
            IncidentId::derived("r", Some("a"), at(1), event("1")),
            IncidentId::derived("r", Some("a"), at(1), event("2")),
            IncidentId::derived("r", Some("a"), at(2), event("1")),
            IncidentId::derived("s", Some("a"), at(1), event("1")),
            IncidentId::derived("r", Some(""), at(1), event("1")),
            IncidentId::derived("r", None, at(1), event("1")),
        ];
        for (index, id) in ids.iter().enumerate() {
            assert_eq!(ids.iter().position(|other| other == id), Some(index));
        }
        assert_eq!(ids[0], IncidentId::derived("r", Some("a"), at(1), event("1")));
        let timed = |word| EventId::of_time("r", Some("a"), at(1), word);
        assert_ne!(timed("fire"), timed("resolve"));
    }

    #[test]
    fn text_form_round_trips() {
        let id = EventId::named("agents", "42");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("0".repeat(31).parse::<EventId>(), Err(BadId));
        assert_eq!("A".repeat(32).parse::<EventId>(), Err(BadId));
    }
}
