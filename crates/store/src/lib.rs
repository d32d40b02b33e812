#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod memory;
mod model;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::{sync::Arc, time::Duration};

pub use memory::MemoryStore;
pub use model::{
    Acceptance, Admission, Census, Claim, Claimed, Cooldown, Deferrals, Deferred, Disabled, Document, DocumentChange,
    DocumentKind, Entry, EventRange, Fate, Finish, FiringClaim, Handed, InboxBounds, InboxMessage, InboxPlace,
    InboxRow, KeptState, Lease, LogFilter, NewDelivery, NewEntry, Note, Offer, Outcome, Outstanding, Page, Pending,
    Purged, Put, Recovered, Resuming, Resumption, RuleBatch, RuleOutcome, RulePlan, RuleSetVersion, SetBack, Settled,
    StateRow, Step, StoredEvent, StoredNotification, UserBatch, UserOutcome, UserPlan, Waiting, Which,
};
use tidings_core::{BoxFuture, DeliveryId, EventId, NotificationId, Timestamp};

/// The store could not do what it was asked; nothing of the batch was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store takes nothing at the moment, such as on a full disk; the message says why. Later it may.
    #[error("the store takes nothing now: {0}")]
    Unavailable(String),
    /// The store cannot be used as it is: another program's file, a newer schema. The message says what to do.
    #[error("{0}")]
    Unusable(String),
    /// Another process writes the store. The message names both.
    #[error("{0}: stop it, or give this one another path")]
    InUse(String),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

/// A store's answer, later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What is remembered between an event and its receipt, and the account of all of it.
///
/// Every changing method takes a batch and is one transaction; times come from the caller. No method waits for the network. The
/// contract that every store keeps is the test suite `contract` of this crate.
pub trait Store: Send + Sync + 'static {
    /// Whether what was accepted outlives the process.
    fn durable(&self) -> bool;

    /// Takes the store over from the process before: its leases end, and if the wall clock was set back since, by more than a
    /// second, all that is due is moved along; with `shifts_rules` cooldowns and dedup keys too, whose times are then the wall
    /// clock's. To be called once, before anything else.
    fn take_over(&self, shifts_rules: bool, now: Timestamp) -> Answer<'_, Recovered>;

    /// Takes events in: a key put-if-absent for each, with the event and its outbox row. One that was taken in before only gets an
    /// entry in the log. Answers after the commit, item by item.
    fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Answer<'a, Vec<Acceptance>>;

    /// Settles what events gave: cooldowns put-if-absent, deliveries to sinks made, outbox rows removed, how far rules are by then,
    /// and what users are told, as [`Store::plan_user`] does it. A store that spans machines may hand that over and settle it later.
    ///
    /// An event whose outbox row is gone was planned before: its plan changes nothing, and is answered as it was then as far as
    /// that is still known.
    fn plan_rule<'a>(&'a self, batch: &'a RuleBatch, now: Timestamp) -> Answer<'a, Vec<RuleOutcome>>;

    /// Settles what users are told: the dedup key put-if-absent, a delivery per leg, and what tells why.
    ///
    /// A resolve takes no key. It is planned if the user was told of its incident, once, and frees in the same step the key that
    /// the incident's firing holds.
    fn plan_user<'a>(&'a self, batch: &'a UserBatch, now: Timestamp) -> Answer<'a, Vec<UserOutcome>>;

    /// Leases deliveries of one endpoint that are due, or whose lease has run out; attempt and fence count up by one.
    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Claimed>;

    /// Writes down what came of attempts: the delivery's state, its log entry, the fallback that stands in for it, how its
    /// notification stands. A late answer, with an old fence, changes nothing and is told as [`Settled::Stale`].
    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>>;

    /// Drops the leases of an endpoint, so that they are due at once.
    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64>;

    /// Makes those of these deliveries due now that wait for a later moment. Says how many they are.
    fn hasten<'a>(&'a self, endpoint: &'a str, deliveries: &'a [DeliveryId], now: Timestamp) -> Answer<'a, u64>;

    /// What an endpoint still owes.
    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding>;

    /// Every endpoint that still owes something, in the order of their names: there may be some that nobody serves any more.
    fn waiting(&self) -> Answer<'_, Vec<Waiting>>;

    /// Takes out what a store that is not durable would lose at the end of the process, so that it can be accounted for.
    /// A durable store keeps everything and answers with nothing.
    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>>;

    /// Returns when the endpoint may have work, at the latest after `limit`. Only a hint: callers poll behind it.
    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()>;

    /// Events of a range, oldest first, at most `limit`.
    fn events<'a>(&'a self, range: &'a EventRange, limit: usize) -> Answer<'a, Vec<StoredEvent>>;

    /// The event of this id.
    fn event(&self, id: EventId) -> Answer<'_, Option<StoredEvent>>;

    /// The notification of this id.
    fn notification(&self, id: NotificationId) -> Answer<'_, Option<StoredNotification>>;

    /// The delivery of this id, if it is not settled, with its due time, and the attempts so far.
    fn delivery(&self, id: DeliveryId) -> Answer<'_, Option<(Lease, Timestamp)>>;

    /// A page of the log.
    fn log_query<'a>(&'a self, filter: &'a LogFilter, page: Page) -> Answer<'a, Vec<Entry>>;

    /// How far rules were: all states.
    fn states(&self) -> Answer<'_, Vec<KeptState>>;

    /// The cooldowns that began at this time or later.
    fn cooldowns(&self, since: Timestamp) -> Answer<'_, Vec<Cooldown>>;

    /// Notes what events are judged by from now on, unless the last version has the same content; gives its first event.
    fn put_rule_set<'a>(&'a self, version: &'a RuleSetVersion) -> Answer<'a, u64>;

    /// What the event of this number was judged by, or will be.
    fn rule_set(&self, event: u64) -> Answer<'_, Option<RuleSetVersion>>;

    /// Where the clock was set back, the oldest first, as [`Recovered::set_backs`] tells it. Default: never, as within one life.
    fn set_backs(&self) -> Answer<'_, Vec<SetBack>> {
        ready(Vec::new())
    }

    /// How far an in-process sink has read the events; `None` for one that is new.
    fn cursor<'a>(&'a self, sink: &'a str) -> Answer<'a, Option<u64>>;

    /// Notes that an in-process sink is done with all events up to this number. Never goes back.
    fn advance<'a>(&'a self, sink: &'a str, number: u64) -> Answer<'a, ()>;

    /// Addresses that are disabled, in the order in which that was told. Addresses are for `enable`, and to be shown to nobody; whose
    /// one is, the log says.
    fn disabled(&self) -> Answer<'_, Vec<Disabled>>;

    /// Lets an address be sent to again; says whether it was disabled.
    fn enable<'a>(&'a self, endpoint: &'a str, address: Option<&'a str>, now: Timestamp) -> Answer<'a, bool>;

    /// Puts messages into users' inboxes, each behind the last one of its user, and keeps the newest `keep` of each user, at least one. A
    /// message that is there already keeps its place. Answers in the messages' order.
    fn inbox_append<'a>(
        &'a self,
        messages: &'a [InboxMessage],
        keep: usize,
        now: Timestamp,
    ) -> Answer<'a, Vec<InboxPlace>>;

    /// The messages of a user's inbox behind this place, the oldest first.
    fn inbox_since<'a>(&'a self, user: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<InboxRow>>;

    /// Marks messages of a user's inbox as read, by their places. Answers how many had not been.
    fn inbox_mark_read<'a>(&'a self, user: &'a str, places: &'a [u64]) -> Answer<'a, u64>;

    /// How far a user's inbox reaches.
    fn inbox_bounds<'a>(&'a self, user: &'a str) -> Answer<'a, InboxBounds>;

    /// Notifications that wait for their moment, about `limit` of them: never some without the others of the same user and the same end.
    fn deferred<'a>(&'a self, which: &'a Deferrals, limit: usize) -> Answer<'a, Vec<Deferred>>;

    /// Settles what becomes of notifications that waited. Says of each item whether it stood as the caller saw it; of one that did not
    /// nothing is done.
    fn resume<'a>(&'a self, batch: &'a Resumption, now: Timestamp) -> Answer<'a, Vec<bool>>;

    /// How many notifications wait.
    fn pending(&self) -> Answer<'_, Pending>;

    /// All documents of a kind that were not removed, by their ids.
    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>>;

    /// The document of this id, a removed one too.
    fn document<'a>(&'a self, kind: DocumentKind, id: &'a str) -> Answer<'a, Option<Document>>;

    /// Changes documents, all or none of them: where one is not at the version that is expected, nothing is done to any. Answers in the
    /// changes' order.
    fn put_documents<'a>(&'a self, changes: &'a [DocumentChange], now: Timestamp) -> Answer<'a, Vec<Put>>;

    /// Forgets what is settled and older than this, at most about `limit` rows: call it until it takes nothing.
    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, Purged>;

    /// The count of everything.
    fn census(&self) -> Answer<'_, Census>;
}

/// A ready answer, for stores that never wait.
fn ready<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}
