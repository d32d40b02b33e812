//! A link's token: what it does, for whom, about what and until when, with an HMAC-SHA256 over all of it. That it is used once is `keeper`'s.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tidings::{NotificationId, Timestamp};

/// How long a link is good, from its message on.
pub(super) const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The longest token that is looked at.
const LONGEST: usize = 1_024;
/// What signatures are over before all else: a key is for one purpose, and so is what it signs.
const PURPOSE: &[u8] = b"tidings link 1\0";
const MAC: usize = 32;

/// What a link does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// No more messages of this topic.
    Unsubscribe { topic: String },
    /// Nothing but what is critical for so many hours.
    Snooze { hours: u8 },
}

/// What stands in a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) action: Action,
    pub(super) user: String,
    pub(super) notification: NotificationId,
    pub(super) expires: Timestamp,
}

/// Why a token is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nothing that we have signed.
    Forged,
    /// Its time is over.
    Expired,
    /// It was good once.
    Used,
    /// Whom it is for is not there any more.
    Nobody,
}

/// The key. It is shown to nobody.
#[derive(Clone)]
pub(super) struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token of a link.
    pub(super) fn sign(&self, link: &Link) -> String {
        let mut bytes = link.write();
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The link of a token.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Result<Link, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Forged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refused::Forged)?;
        let at = bytes.len().checked_sub(MAC).ok_or(Refused::Forged)?;
        let (said, mac) = bytes.split_at_checked(at).ok_or(Refused::Forged)?;
        // Nothing of it is looked at before that.
        if !bool::from(self.mac(said).ct_eq(mac)) {
            return Err(Refused::Forged);
        }
        let link = Link::read(said).ok_or(Refused::Forged)?;
        if now < link.expires { Ok(link) } else { Err(Refused::Expired) }
    }

    /// What a used token is remembered by.
    pub(super) fn name(&self, token: &str) -> String {
        Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn mac(&self, said: &[u8]) -> [u8; MAC] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("because HMAC takes a key of any length");
        mac.update(PURPOSE);
        mac.update(said);
        mac.finalize().into_bytes().into()
    }
}

impl Link {
    /// The action, its length and text, the moment, the notification, and the user to the end.
    fn write(&self) -> Vec<u8> {
        let (kind, text) = match &self.action {
            Action::Unsubscribe { topic } => (b'u', topic.clone()),
            Action::Snooze { hours } => (b's', hours.to_string()),
        };
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&self.expires.as_secs().to_be_bytes());
        bytes.extend_from_slice(self.notification.as_bytes());
        bytes.extend_from_slice(self.user.as_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (text, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (notification, user) = rest.split_first_chunk::<16>()?;
        let text = String::from_utf8(text.to_vec()).ok()?;
        let action = match kind {
            b'u' => Action::Unsubscribe { topic: text },
            b's' => Action::Snooze { hours: text.parse().ok()? },
            _ => return None,
        };
        Some(Self {
            action,
            user: String::from_utf8(user.to_vec()).ok()?,
            notification: NotificationId::from_bytes(*notification),
            expires: Timestamp::from_secs(i64::from_be_bytes(*expires)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(topic: &str, user: &str) -> Link {
        let action = Action::Unsubscribe { topic: topic.to_owned() };
        let notification = NotificationId::from_bytes([7; 16]);
        Link { action, user: user.to_owned(), notification, expires: Timestamp::from_secs(1_000) }
    }

    #[test]
    fn a_token_is_good_for_its_time_and_its_key_alone() {
        let key = Key::new([1; 32]);
        let token = key.sign(&link("tool error", "ann"));
        assert_eq!(key.read(&token, Timestamp::from_secs(999)), Ok(link("tool error", "ann")));
        assert_eq!(key.read(&token, Timestamp::from_secs(1_000)), Err(Refused::Expired));
        assert_eq!(Key::new([2; 32]).read(&token, Timestamp::EPOCH), Err(Refused::Forged));
        let snooze = Link { action: Action::Snooze { hours: 8 }, ..link("", "ann") };
        assert_eq!(key.read(&key.sign(&snooze), Timestamp::EPOCH), Ok(snooze));
        for wrong in ["", "x", "====", &token[1..], &token[..token.len() - 1], &format!("{token}A"), &"A".repeat(5_000)]
        {
            assert_eq!(key.read(wrong, Timestamp::EPOCH), Err(Refused::Forged), "{wrong}");
        }
        assert_eq!(format!("{key:?}"), "Key");
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_and_nothing_else(topic in ".{0,40}", user in ".{1,40}", at in 0usize..400, bit in 0u8..8) {
            let key = Key::new([1; 32]);
            let link = link(&topic, &user);
            let token = key.sign(&link);
            prop_assert_eq!(key.read(&token, Timestamp::EPOCH), Ok(link));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let place = at % bytes.len();
            bytes[place] ^= 1 << bit;
            prop_assert_eq!(key.read(&URL_SAFE_NO_PAD.encode(bytes), Timestamp::EPOCH), Err(Refused::Forged));
        }
    }
}
