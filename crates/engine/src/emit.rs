//! The door for events: `emit` never waits, `accept` waits and is sure. Both count everything that is handed in.

use std::{fmt, sync::Arc};

use indexmap::IndexMap;
use serde::Serialize;
use tidings_core::{Event, EventId, Severity, Timestamp};
use tidings_store::{Acceptance, Offer, Store, StoreError};
use tidings_trigger::UnseenMetric;
use tokio::sync::mpsc::OwnedPermit;

use crate::{
    account::{Account, ChannelAccount},
    doorway::Visit,
    ledger::Undelivered,
    planned::Accepted,
    queue::Pushed,
    repeats::Repeats,
    replay::Identified,
    shared::Shared,
};

/// What became of an emitted event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emitted {
    /// It is in the queue.
    Queued,
    /// There was no room for it, or the notifier has stopped. It is counted.
    Shed,
}

/// The answer for one accepted event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The event's id.
    pub id: EventId,
    /// Whether it was in before, so that nothing new comes of it.
    pub duplicate: bool,
}

/// Why no event of a batch was accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The notifier has not been started, or has stopped.
    #[error("the notifier is not running")]
    NotRunning,
    /// A message names a channel that the notifier does not have.
    #[error("there is no channel `{0}`")]
    UnknownChannel(String),
    /// The store takes nothing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes events in and tells people. Cheap to clone; every clone is the same notifier.
///
/// Events may be emitted before it is started: they wait in the queue.
#[derive(Clone)]
pub struct Notifier {
    pub(crate) shared: Arc<Shared>,
    /// Ends the workers when the last handle goes, without a drain: call [`Notifier::stop`] for that.
    pub(crate) _guard: Arc<StopGuard>,
}

impl Notifier {
    /// Puts an event into the queue. Never waits and never fails: call it from sync or async code, on any thread.
    ///
    /// When the queue is full, the lowest severity in it gives way; [`Emitted::Shed`] says that it was this event.
    pub fn emit(&self, event: Event) -> Emitted {
        let severity = event.severity;
        match self.shared.queue.push(severity, event) {
            Pushed::Queued => Emitted::Queued,
            Pushed::Displaced(lower, _) => {
                self.shared.shed(lower);
                Emitted::Queued
            }
            Pushed::Full(_) | Pushed::Closed(_) => {
                self.shared.shed(severity);
                Emitted::Shed
            }
        }
    }

    /// Takes events in for good: waits for room, answers after the store's commit, item by item and in order.
    ///
    /// Events of one door keep their order; one that was emitted before may still come after.
    ///
    /// # Errors
    /// If the notifier is not running or the store takes nothing; then none of the batch was taken.
    pub async fn accept(&self, events: Vec<Event>) -> Result<Vec<Answer>, AcceptError> {
        self.accept_from(&mut Repeats::default(), events).await
    }

    /// [`Notifier::accept`] for one part of a source: `repeats` goes along from part to part.
    ///
    /// # Errors
    /// See [`Notifier::accept`].
    pub async fn accept_from(&self, repeats: &mut Repeats, events: Vec<Event>) -> Result<Vec<Answer>, AcceptError> {
        let shared = &self.shared;
        let (inside, inbox) = shared.doorway.enter().ok_or(AcceptError::NotRunning)?;
        // Room first: what the store has taken must not be left lying by a worker that has gone.
        let place = inbox.reserve_owned().await.map_err(|_| AcceptError::NotRunning)?;
        let now = shared.clock.now();
        let offers: Vec<_> = events.into_iter().map(|event| shared.offer(repeats, event.into(), now)).collect();
        let accepting = accept(Arc::clone(shared), inside, place, offers);
        shared.to_the_end(accepting).await.ok_or(AcceptError::NotRunning)?
    }

    /// Counts something that was handed in and is not an event, so that the account says so.
    pub fn refuse(&self, count: u64) {
        self.shared.ledger.refused.add(count);
    }

    /// The five accounts as they stand.
    pub async fn account(&self) -> Account {
        self.shared.account().await
    }

    /// What became of the deliveries of each channel for users, by its name.
    pub async fn channel_accounts(&self) -> IndexMap<String, ChannelAccount> {
        self.shared.channel_accounts().await
    }

    /// What did not get through, the last hundred of it by name.
    #[must_use]
    pub fn undelivered(&self) -> Vec<Undelivered> {
        self.shared.ledger.undelivered()
    }

    /// Metrics that rules read and no event has brought, each with the name of its rule: probably misspelt.
    #[must_use]
    pub fn unseen_metrics(&self) -> Vec<(String, UnseenMetric)> {
        let pipeline = self.shared.pipeline();
        let unseen = pipeline.rule_set().unseen();
        let named = |unseen: UnseenMetric| {
            let rule = pipeline.rules.get(unseen.rule)?;
            Some((rule.name.to_string(), unseen))
        };
        unseen.into_iter().filter_map(named).collect()
    }

    /// The store, to be read: the log, events, what waits. Whoever changes it past the notifier breaks its accounts.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// Whether what was accepted outlives the process.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.shared.store.durable()
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").field("links", &self.shared.pipeline().links).finish_non_exhaustive()
    }
}

impl Shared {
    fn shed(&self, severity: Severity) {
        if self.ledger.shed_event(severity, self.clock.now()) {
            tracing::warn!(
                severity = severity.as_str(),
                "the queue is full: events are shed, the lowest severity first"
            );
        }
    }

    pub(crate) fn offer(&self, repeats: &mut Repeats, event: Identified, now: Timestamp) -> Offer {
        let Identified { mut event, id } = event;
        let id = repeats.identify(&event, id);
        self.correct_time(&mut event, now);
        Offer { id, event: Arc::new(event), repeatable: true }
    }

    /// Books what `accept` took; gives the answers, and the events that are new.
    pub(crate) fn book_accepted(&self, offers: Vec<Offer>, verdicts: &[Acceptance]) -> (Vec<Answer>, Vec<Accepted>) {
        let (mut answers, mut fresh) = (Vec::with_capacity(offers.len()), Vec::with_capacity(offers.len()));
        for (offer, verdict) in offers.into_iter().zip(verdicts) {
            let duplicate = *verdict != Acceptance::Accepted;
            answers.push(Answer { id: offer.id, duplicate });
            if !duplicate {
                fresh.push(Accepted::now(offer.id, offer.event));
            }
        }
        self.ledger.accepted.add(answers.len() as u64);
        self.ledger.duplicate.add((answers.len() - fresh.len()) as u64);
        self.inbound.add(fresh.len() as u64);
        (answers, fresh)
    }
}

/// Puts offers into the store and what is new before the worker.
async fn accept(
    shared: Arc<Shared>,
    _inside: Visit,
    place: OwnedPermit<Vec<Accepted>>,
    offers: Vec<Offer>,
) -> Result<Vec<Answer>, AcceptError> {
    let verdicts = shared.store.accept(&offers, shared.clock.now()).await?;
    shared.note_accepted();
    let (answers, fresh) = shared.book_accepted(offers, &verdicts);
    drop(place.send(fresh));
    Ok(answers)
}

/// Tells the workers to end when the last handle of a notifier is dropped.
pub(crate) struct StopGuard(pub(crate) Arc<Shared>);

impl Drop for StopGuard {
    fn drop(&mut self) {
        let left = self.0.queue.outstanding() + self.0.inbound.get();
        if left > 0 {
            tracing::warn!(left, "the last handle of a notifier was dropped before `stop`: events are lost");
        }
        self.0.close();
        self.0.tell_end();
        self.0.pipeline().local().for_each(|(sink, _)| sink.queue.close());
    }
}
