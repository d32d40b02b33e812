//! Tickets for browsers, which cannot set a header on a socket: random, short-lived, good once, bound to a user. Who may have one is
//! `access`'s.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tidings_core::Timestamp;

/// How long a ticket is good.
pub const LIFETIME: Duration = Duration::from_secs(30);
/// How many tickets may be out, in all and for one user.
const IN_ALL: usize = 1_024;
const PER_USER: usize = 16;

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// So many are out as may be.
    #[error("too many tickets are out: try again in a few seconds")]
    TooMany,
    /// The system gives no randomness.
    #[error("the system gives no randomness for a ticket")]
    Random,
}

/// What a ticket is good for.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    /// The messages of this user.
    User(String),
    /// What happens in the daemon, as far as the owner of the key of this name may see it.
    Live(String),
}

impl Pass {
    /// Whose it is, so that nobody can use up the tickets of others.
    fn holder(&self) -> &str {
        match self {
            Self::User(name) | Self::Live(name) => name,
        }
    }
}

struct Ticket {
    hash: [u8; 32],
    pass: Pass,
    expires: Timestamp,
}

/// The tickets that are out, as hashes.
#[derive(Default)]
pub struct Tickets(Mutex<VecDeque<Ticket>>);

impl Tickets {
    fn out(&self) -> MutexGuard<'_, VecDeque<Ticket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for this user, good for [`LIFETIME`]. A user's oldest goes when there are too many of theirs.
    ///
    /// # Errors
    /// If too many are out.
    pub fn issue(&self, user: &str, now: Timestamp) -> Result<String, TicketError> {
        self.issue_pass(Pass::User(user.to_owned()), now)
    }

    /// The same for whatever a ticket may be good for.
    pub(crate) fn issue_pass(&self, pass: Pass, now: Timestamp) -> Result<String, TicketError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|_| TicketError::Random)?;
        let text = URL_SAFE_NO_PAD.encode(random);
        let mut out = self.out();
        out.retain(|ticket| ticket.expires > now);
        if out.iter().filter(|ticket| ticket.pass.holder() == pass.holder()).count() >= PER_USER
            && let Some(oldest) = out.iter().position(|ticket| ticket.pass.holder() == pass.holder())
        {
            out.remove(oldest);
        }
        if out.len() >= IN_ALL {
            return Err(TicketError::TooMany);
        }
        out.push_back(Ticket { hash: hash(&text), pass, expires: now + LIFETIME });
        Ok(text)
    }

    /// Whose ticket this is; it is used up by that, also where it is good for something else.
    pub fn redeem(&self, ticket: &str, now: Timestamp) -> Option<String> {
        match self.redeem_pass(ticket, now)? {
            Pass::User(user) => Some(user),
            Pass::Live(_) => None,
        }
    }

    /// What this ticket is good for; it is used up by that.
    pub(crate) fn redeem_pass(&self, ticket: &str, now: Timestamp) -> Option<Pass> {
        let wanted = hash(ticket);
        let mut out = self.out();
        // All are looked at, so that the time tells nothing of where it lies.
        let found = out.iter().enumerate().fold(None, |found, (index, ticket)| {
            if bool::from(ticket.hash.ct_eq(&wanted)) { Some(index) } else { found }
        })?;
        out.remove(found).filter(|ticket| ticket.expires > now).map(|ticket| ticket.pass)
    }
}

impl std::fmt::Debug for Tickets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tickets").field("out", &self.out().len()).finish()
    }
}

pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_a_while() {
        let tickets = Tickets::default();
        let now = Timestamp::from_secs(1_000);
        let [once, late] = [tickets.issue("ann", now).unwrap(), tickets.issue("ann", now).unwrap()];
        assert_eq!((once.len(), once == late), (43, false));
        assert_eq!(tickets.redeem(&once, now + Duration::from_secs(29)).as_deref(), Some("ann"));
        assert_eq!(tickets.redeem(&once, now), None);
        assert_eq!(tickets.redeem(&late, now + LIFETIME), None);
        assert_eq!(tickets.redeem("", now), None);
    }

    #[test]
    fn one_user_cannot_use_them_up() {
        let tickets = Tickets::default();
        let now = Timestamp::from_secs(1_000);
        for _ in 0..2 * IN_ALL {
            tickets.issue("ann", now).unwrap();
        }
        assert!(tickets.issue("bob", now).is_ok());
        for user in 0..IN_ALL {
            drop(tickets.issue(&user.to_string(), now).ok());
        }
        assert_eq!(tickets.issue("zoe", now), Err(TicketError::TooMany));
        assert!(tickets.issue("zoe", now + LIFETIME).is_ok());
    }
}
