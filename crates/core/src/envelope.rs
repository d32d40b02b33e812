//! What a channel is handed: the message, whom it is for, and what it needs to send it once.

use std::{fmt, sync::Arc};

use crate::{Timestamp, event::Event, id::DeliveryId, notification::Notification, scrub::Scrub};

/// Where a user is reached on a channel: a mail address, a phone number. `Debug` shows it masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    /// An address as the channel spells it.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The address in full; not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The address with all but its first two and last two characters masked.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.chars().count();
        let shown = if count < 6 { 0 } else { 2 };
        for (index, character) in self.0.chars().enumerate() {
            let masked = index >= shown && index + shown < count;
            fmt::Write::write_char(f, if masked { '*' } else { character })?;
        }
        Ok(())
    }
}

/// The message itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Payload {
    /// A raw event, for a sink.
    Event(Arc<Event>),
    /// A notification, for a user.
    Notification(Arc<Notification>),
}

impl Payload {
    /// Its own compact JSON: an event in its wire form, a notification in its own.
    ///
    /// # Errors
    /// If it has none.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Event(event) => Ok(event.to_wire()),
            Self::Notification(told) => serde_json::to_vec(told),
        }
    }
}

/// One message on its way to one receiver: the argument of an attempt.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The idempotency key, the same on every attempt.
    pub delivery: DeliveryId,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When the attempt starts; signatures carry it.
    pub now: Timestamp,
    /// What is sent.
    pub payload: Payload,
    /// Where to, where the channel has an address for each user.
    pub to: Option<Address>,
    /// Cleans the final bytes before they are signed.
    pub scrub: Arc<dyn Scrub>,
}

impl Envelope {
    /// A first attempt with nothing scrubbed: for tests and for channels used on their own.
    #[must_use]
    pub fn plain(delivery: DeliveryId, payload: Payload, now: Timestamp) -> Self {
        Self { delivery, attempt: 1, now, payload, to: None, scrub: Arc::new(crate::KeepAll) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_in_debug() {
        assert_eq!(format!("{:?}", Address::new("ann@example.com")), "an***********om");
        assert_eq!(format!("{:?}", Address::new("a@b.c")), "*****");
    }
}
