//! The store in memory: the library's default. It keeps every rule of the contract but one: it forgets when the process ends.

#[cfg(test)]
mod contract;
mod deferred;
mod documents;
mod endpoint;
mod events;
mod inbox;
mod kept;
mod keys;
mod log;
mod record;
mod remembered;
mod room;
mod settling;
mod state;
mod told;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidings_core::{BoxFuture, DeliveryId, EventId, NotificationId, Timestamp};
use tokio::sync::Notify;

use crate::{
    Answer, Store,
    model::{
        Acceptance, Census, Claim, Claimed, Cooldown, Deferrals, Deferred, Disabled, Document, DocumentChange,
        DocumentKind, Entry, EventRange, Finish, InboxBounds, InboxMessage, InboxPlace, InboxRow, KeptState, Lease,
        LogFilter, NewDelivery, Offer, Outstanding, Page, Pending, Purged, Put, Recovered, Resumption, RuleBatch,
        RuleOutcome, RuleSetVersion, Settled, StoredEvent, StoredNotification, UserBatch, UserOutcome, Waiting,
    },
    ready,
};
use state::State;

/// How many events are kept where nobody asks for them: so few stay in the processor's cache.
const FEW: usize = 64;

/// A [`Store`] that lives in the process: bounded, ordered, and gone at its end.
///
/// It keeps the last events, notifications and log entries, some thousands of each, for those who ask why.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    hints: Mutex<HashMap<Arc<str>, Arc<Notify>>>,
}

impl MemoryStore {
    /// A store that holds at most `capacity` unsettled deliveries an endpoint; beyond that the lowest severity is shed. As many
    /// notifications may wait for their moment, of all users together: of those the lowest priority gives way, within it the newest; it
    /// has failed then, and its key is free.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::new(State::new(capacity.max(1))), hints: Mutex::default() }
    }

    /// The same where nobody asks for events when they are planned: it keeps but the last few of them.
    #[must_use]
    pub fn forgetful(capacity: usize) -> Self {
        let store = Self::new(capacity);
        store.state().events.keep_few(FEW);
        store
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hint(&self, endpoint: &str) -> Arc<Notify> {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hint) = hints.get(endpoint) {
            return Arc::clone(hint);
        }
        let hint = Arc::new(Notify::new());
        hints.insert(endpoint.into(), Arc::clone(&hint));
        hint
    }

    fn wake(&self, endpoints: HashSet<Arc<str>>) {
        for endpoint in endpoints {
            self.hint(&endpoint).notify_one();
        }
    }

    /// Changes the state and wakes those who have work by that.
    fn change<'a, T: Send + 'a>(&self, change: impl FnOnce(&mut State) -> T) -> Answer<'a, T> {
        let mut state = self.state();
        let answer = change(&mut state);
        let touched = state.take_touched();
        drop(state);
        self.wake(touched);
        ready(answer)
    }
}

impl Store for MemoryStore {
    fn durable(&self) -> bool {
        false
    }

    fn take_over(&self, _shifts_rules: bool, now: Timestamp) -> Answer<'_, Recovered> {
        self.change(|state| state.take_over(now))
    }

    fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Answer<'a, Vec<Acceptance>> {
        self.change(|state| state.accept(offers, now))
    }

    fn plan_rule<'a>(&'a self, batch: &'a RuleBatch, now: Timestamp) -> Answer<'a, Vec<RuleOutcome>> {
        self.change(|state| state.plan_rule(batch, now))
    }

    fn plan_user<'a>(&'a self, batch: &'a UserBatch, now: Timestamp) -> Answer<'a, Vec<UserOutcome>> {
        self.change(|state| state.plan_users(batch, now))
    }

    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Claimed> {
        ready(self.state().claim(&claim, now))
    }

    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>> {
        self.change(|state| finishes.into_iter().map(|finish| state.finish(finish, now)).collect())
    }

    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64> {
        self.change(|state| state.release(endpoint, now))
    }

    fn hasten<'a>(&'a self, endpoint: &'a str, deliveries: &'a [DeliveryId], now: Timestamp) -> Answer<'a, u64> {
        self.change(|state| state.hasten(endpoint, deliveries, now))
    }

    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding> {
        ready(self.state().outstanding(endpoint))
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        ready(self.state().waiting())
    }

    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>> {
        ready(self.state().abandon(endpoint))
    }

    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()> {
        let hint = self.hint(endpoint);
        Box::pin(async move {
            // Running out of time is an answer as good as a hint.
            drop(tokio::time::timeout(limit, hint.notified()).await);
        })
    }

    fn events<'a>(&'a self, range: &'a EventRange, limit: usize) -> Answer<'a, Vec<StoredEvent>> {
        ready(self.state().events.range(range, limit))
    }

    fn event(&self, id: EventId) -> Answer<'_, Option<StoredEvent>> {
        ready(self.state().events.get(id))
    }

    fn notification(&self, id: NotificationId) -> Answer<'_, Option<StoredNotification>> {
        ready(self.state().told.get(id).cloned())
    }

    fn delivery(&self, id: DeliveryId) -> Answer<'_, Option<(Lease, Timestamp)>> {
        ready(self.state().delivery(id))
    }

    fn log_query<'a>(&'a self, filter: &'a LogFilter, page: Page) -> Answer<'a, Vec<Entry>> {
        ready(self.state().log.query(filter, page))
    }

    fn states(&self) -> Answer<'_, Vec<KeptState>> {
        ready(self.state().rules.states())
    }

    fn cooldowns(&self, since: Timestamp) -> Answer<'_, Vec<Cooldown>> {
        ready(self.state().rules.cooldowns(since))
    }

    fn put_rule_set<'a>(&'a self, version: &'a RuleSetVersion) -> Answer<'a, u64> {
        ready(self.state().rules.put_version(version))
    }

    fn rule_set(&self, event: u64) -> Answer<'_, Option<RuleSetVersion>> {
        ready(self.state().rules.version(event))
    }

    fn cursor<'a>(&'a self, sink: &'a str) -> Answer<'a, Option<u64>> {
        ready(self.state().cursor(sink))
    }

    fn advance<'a>(&'a self, sink: &'a str, number: u64) -> Answer<'a, ()> {
        self.state().advance(sink, number);
        ready(())
    }

    fn disabled(&self) -> Answer<'_, Vec<Disabled>> {
        let mut disabled = self.state().gone.all();
        disabled.sort_by_key(|row| row.since);
        ready(disabled)
    }

    fn enable<'a>(&'a self, endpoint: &'a str, address: Option<&'a str>, now: Timestamp) -> Answer<'a, bool> {
        self.change(|state| state.enable(endpoint, address, now))
    }

    fn inbox_append<'a>(
        &'a self,
        messages: &'a [InboxMessage],
        keep: usize,
        now: Timestamp,
    ) -> Answer<'a, Vec<InboxPlace>> {
        let mut state = self.state();
        ready(messages.iter().map(|message| state.inboxes.append(message, keep, now)).collect())
    }

    fn inbox_since<'a>(&'a self, user: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<InboxRow>> {
        ready(self.state().inboxes.since(user, after, limit))
    }

    fn inbox_mark_read<'a>(&'a self, user: &'a str, places: &'a [u64]) -> Answer<'a, u64> {
        ready(self.state().inboxes.mark_read(user, places))
    }

    fn inbox_bounds<'a>(&'a self, user: &'a str) -> Answer<'a, InboxBounds> {
        ready(self.state().inboxes.bounds(user))
    }

    fn deferred<'a>(&'a self, which: &'a Deferrals, limit: usize) -> Answer<'a, Vec<Deferred>> {
        ready(self.state().waiters.look(which, limit))
    }

    fn resume<'a>(&'a self, batch: &'a Resumption, now: Timestamp) -> Answer<'a, Vec<bool>> {
        self.change(|state| state.resume(batch, now))
    }

    fn pending(&self) -> Answer<'_, Pending> {
        ready(self.state().waiters.pending())
    }

    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>> {
        ready(self.state().documents.all(kind))
    }

    fn document<'a>(&'a self, kind: DocumentKind, id: &'a str) -> Answer<'a, Option<Document>> {
        ready(self.state().documents.get(kind, id))
    }

    fn put_documents<'a>(&'a self, changes: &'a [DocumentChange], now: Timestamp) -> Answer<'a, Vec<Put>> {
        ready(self.state().documents.put(changes, now))
    }

    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, Purged> {
        ready(self.state().purge(before, limit))
    }

    fn census(&self) -> Answer<'_, Census> {
        ready(self.state().census())
    }
}
