//! Who listens: a key in the header, or a ticket, gives a user, or a view of what happens. Which pages may ask at all is `guard`'s, which
//! keys there are `keys`'s.

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, StatusCode};
use tidings_core::{Clock, SystemClock};

use crate::{
    caller::Caller,
    keys::Keys,
    problem::Refusal,
    tickets::{Pass, Tickets},
};

/// The keys of users, and the tickets that are out. `Debug` shows how many there are.
#[derive(Clone)]
pub struct PushAccess(Arc<Inner>);

struct Inner {
    keys: Keys,
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
        Self::of(Keys::of_people(keys), clock)
    }

    /// Asks the keys of a daemon.
    pub(crate) fn of(keys: Keys, clock: impl Clock) -> Self {
        Self(Arc::new(Inner { keys, tickets: Tickets::default(), clock: Box::new(clock) }))
    }

    /// The user whose key the header holds; with an operator's key the one that is asked for.
    ///
    /// # Errors
    /// If there is no such key, or it is not that user's; or if an operator asks for nobody.
    pub fn by_header(&self, headers: &HeaderMap, asked: Option<&str>) -> Result<String, Refusal> {
        let caller = self.0.keys.owner(headers).map_err(|_| refused())?;
        let Some(user) = asked.or(caller.own_user()) else {
            caller.operator()?;
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "say whose messages: `user` is missing"));
        };
        caller.looks_after(user).map(|()| user.to_owned())
    }

    /// The user who asks, by the ticket where there is one. The ticket is used up.
    ///
    /// # Errors
    /// If neither is good.
    pub fn user(&self, headers: &HeaderMap, ticket: Option<&str>, asked: Option<&str>) -> Result<String, Refusal> {
        match ticket {
            Some(ticket) => self.0.tickets.redeem(ticket, self.0.clock.now()).ok_or_else(refused),
            None => self.by_header(headers, asked),
        }
    }

    /// Who wants to see what happens, by the ticket, which is used up. Whoever's key is gone meanwhile is nobody.
    ///
    /// # Errors
    /// If neither is good.
    pub(crate) fn watcher(&self, headers: &HeaderMap, ticket: Option<&str>) -> Result<Caller, Refusal> {
        let Some(ticket) = ticket else { return self.0.keys.owner(headers) };
        match self.0.tickets.redeem_pass(ticket, self.0.clock.now()) {
            // The key may have gone since.
            Some(Pass::Live(name)) => self.0.keys.named(&name).ok_or_else(refused),
            _ => Err(refused()),
        }
    }

    /// A ticket for the messages of the user whose key the header holds, or whom an operator asks for.
    ///
    /// # Errors
    /// See [`PushAccess::by_header`]; or too many tickets are out.
    pub fn ticket(&self, headers: &HeaderMap, asked: Option<&str>) -> Result<String, Refusal> {
        self.issue(Pass::User(self.by_header(headers, asked)?))
    }

    /// A ticket to see what happens, as far as the key in the header lets one.
    ///
    /// # Errors
    /// If there is no such key, or too many tickets are out.
    pub fn live_ticket(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        self.ticket_to_watch(&self.0.keys.owner(headers)?)
    }

    /// The same for who asks.
    pub(crate) fn ticket_to_watch(&self, caller: &Caller) -> Result<String, Refusal> {
        self.issue(Pass::Live(caller.name().to_owned()))
    }

    fn issue(&self, pass: Pass) -> Result<String, Refusal> {
        let issued = self.0.tickets.issue_pass(pass, self.0.clock.now());
        issued.map_err(|error| {
            let wait = std::time::Duration::from_secs(1);
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).retry_after(wait)
        })
    }
}

fn refused() -> Refusal {
    let detail = "send `Authorization: Bearer KEY`, or a fresh `?ticket=` from POST /v1/push/ticket: each is good once, for 30 s";
    Refusal::new(StatusCode::UNAUTHORIZED, detail)
}

impl fmt::Debug for PushAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushAccess").field("keys", &self.0.keys).field("tickets", &self.0.tickets).finish()
    }
}
