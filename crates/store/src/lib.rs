#![doc = include_str!("../README.md")]

mod endpoint;
mod keys;
mod memory;
mod model;
mod remembered;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

pub use memory::MemoryStore;
pub use model::{
    Acceptance, Claim, Finish, FiringClaim, Lease, NewDelivery, Offer, Outcome, Outstanding, RuleOutcome, RulePlan,
    Settled, UserOutcome, UserPlan,
};
use tidings_core::{BoxFuture, Timestamp};

/// The store could not do what it was asked; nothing of the batch was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store takes nothing at the moment; the message says why.
    #[error("the store takes nothing now: {0}")]
    Unavailable(String),
}

/// A store's answer, later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What is remembered between an event and its receipt.
///
/// Every changing method takes a batch and is one transaction; times come from the caller. No method waits for the network.
pub trait Store: Send + Sync + 'static {
    /// Whether what was accepted outlives the process.
    fn durable(&self) -> bool;

    /// Takes events in: a key put-if-absent for each, with the event and its outbox row. Answers after the commit, item by item.
    fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Answer<'a, Vec<Acceptance>>;

    /// Settles what an event gave: its cooldowns put-if-absent, its sink deliveries made, its outbox row removed.
    fn plan_rule<'a>(&'a self, plans: &'a [RulePlan], now: Timestamp) -> Answer<'a, Vec<RuleOutcome>>;

    /// Settles what a user is told: the dedup key put-if-absent, a delivery per channel.
    ///
    /// A resolve takes no key. It is planned if the user was told of its incident, once, and frees in the same step the key that
    /// the incident's firing holds.
    fn plan_user<'a>(&'a self, plans: &'a [UserPlan], now: Timestamp) -> Answer<'a, Vec<UserOutcome>>;

    /// Leases deliveries of one endpoint that are due, or whose lease has run out; attempt and fence count up by one.
    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Vec<Lease>>;

    /// Writes down what came of attempts. A late answer, with an old fence, changes nothing and is told as [`Settled::Stale`].
    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>>;

    /// Drops the leases of an endpoint, so that they are due at once.
    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64>;

    /// What an endpoint still owes, and when its next delivery is due.
    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding>;

    /// Takes out what a store that is not durable would lose at the end of the process, so that it can be accounted for.
    /// A durable store keeps everything and answers with nothing.
    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>>;

    /// Returns when the endpoint may have work, at the latest after `limit`. Only a hint: callers poll behind it.
    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()>;
}

/// A ready answer, for stores that never wait.
fn ready<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}
