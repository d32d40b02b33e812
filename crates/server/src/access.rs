//! Who asks: a key in the header, or a ticket, gives a user. Which pages may ask at all is `guard`'s.

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq;
use tidings_core::{Clock, SystemClock};

use crate::{
    problem::Refusal,
    tickets::{Tickets, hash},
};

/// The keys of users, as SHA-256, and the tickets that are out. `Debug` shows how many there are.
#[derive(Clone)]
pub struct PushAccess(Arc<Inner>);

struct Inner {
    keys: Vec<([u8; 32], String)>,
    tickets: Tickets,
    clock: Box<dyn Clock>,
}

impl PushAccess {
    /// Each key, as its SHA-256, gives its user.
    #[must_use]
    pub fn new(keys: Vec<([u8; 32], String)>) -> Self {
        Self::with_clock(keys, SystemClock::default())
    }

    /// The same with a clock of one's own.
    #[must_use]
    pub fn with_clock(keys: Vec<([u8; 32], String)>, clock: impl Clock) -> Self {
        Self(Arc::new(Inner { keys, tickets: Tickets::default(), clock: Box::new(clock) }))
    }

    /// The user whose key the header holds.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn by_header(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = value.and_then(|value| value.split_once(' '));
        let key = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| hash(key.trim()));
        let wanted = key.ok_or_else(refused)?;
        // All are looked at, so that the time tells nothing of where it lies.
        let found = self.0.keys.iter().fold(
            None,
            |found, (known, user)| {
                if bool::from(known.ct_eq(&wanted)) { Some(user) } else { found }
            },
        );
        found.cloned().ok_or_else(refused)
    }

    /// The user who asks, by the ticket where there is one. The ticket is used up.
    ///
    /// # Errors
    /// If neither is good.
    pub fn user(&self, headers: &HeaderMap, ticket: Option<&str>) -> Result<String, Refusal> {
        match ticket {
            Some(ticket) => self.0.tickets.redeem(ticket, self.0.clock.now()).ok_or_else(refused),
            None => self.by_header(headers),
        }
    }

    /// A ticket for who has a key.
    ///
    /// # Errors
    /// If the header holds none, or too many tickets are out.
    pub fn ticket(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        let user = self.by_header(headers)?;
        let issued = self.0.tickets.issue(&user, self.0.clock.now());
        issued.map_err(|error| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
    }
}

fn refused() -> Refusal {
    let detail = "send `Authorization: Bearer KEY`, or a fresh `?ticket=` from POST /v1/push/ticket: each is good once, for 30 s";
    Refusal::new(StatusCode::UNAUTHORIZED, detail)
}

impl fmt::Debug for PushAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushAccess").field("keys", &self.0.keys.len()).field("tickets", &self.0.tickets).finish()
    }
}
