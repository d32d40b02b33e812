//! Pulls events, accepts them into the store in batches, takes each through the pipeline and makes durable what came of it. One
//! worker, so that rules see events in order; sinks have workers of their own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use tidings_core::{Event, EventId, Timestamp};
use tidings_store::{Acceptance, Answer, Offer, RuleOutcome, RulePlan, UserOutcome, UserPlan};
use tokio::sync::mpsc;

use crate::{
    emit::Shared,
    pipeline::{Accepted, Decision, Handover, Moment, Planned, Step, Told},
    queue::Batch,
};

/// Events a transaction; a place in it fits a byte.
const BATCH: usize = 1 << u8::BITS;
/// How long events gather after a batch.
const LINGER: Duration = Duration::from_millis(1);
/// How far ahead of our clock an event may claim to be.
const AHEAD: Duration = Duration::from_secs(60);
/// The pause before the store is asked again.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Runs until both inputs are closed and empty.
pub(crate) async fn run(shared: Arc<Shared>, mut accepted: mpsc::Receiver<Vec<Accepted>>) {
    let mut batch = Batch::default();
    let mut now = Timestamp::from_nanos(i64::MIN);
    let (mut emits, mut accepts, mut busy) = (true, true, false);
    while emits || accepts {
        tokio::select! {
            events = accepted.recv(), if accepts => match events {
                Some(events) => {
                    let count = events.len();
                    plan_all(&shared, events, &mut now).await;
                    shared.inbound.sub(count as u64);
                }
                None => accepts = false,
            },
            more = next_batch(&shared, busy), if emits => {
                (emits, busy) = (more, more);
                shared.queue.take(&mut batch);
                take_in(&shared, &mut batch, &mut now).await;
            }
        }
    }
}

/// Waits for emitted events; `false` once there will be none. After a batch it lets the next one gather first.
async fn next_batch(shared: &Shared, busy: bool) -> bool {
    if busy {
        shared.queue.linger(LINGER).await;
    }
    shared.queue.wait().await
}

/// Accepts and plans emitted events.
async fn take_in(shared: &Shared, batch: &mut Batch<Arc<Event>>, now: &mut Timestamp) {
    loop {
        let events: Vec<_> = batch.by_ref().take(BATCH).collect();
        if events.is_empty() {
            return;
        }
        let count = events.len();
        let fresh = accept(shared, shared.offer_emitted(events)).await;
        plan_all(shared, fresh, now).await;
        shared.queue.settle(count);
        // Other tasks of the program get their turn between batches.
        tokio::task::yield_now().await;
    }
}

/// Puts offers into the store until it takes them, and gives those that are new.
async fn accept(shared: &Shared, offers: Vec<Offer>) -> Vec<Accepted> {
    let verdicts = insist(|| shared.store.accept(&offers, shared.clock.now())).await;
    let fresh = offers.into_iter().zip(verdicts).filter_map(|(offer, verdict)| match verdict {
        Acceptance::Accepted => Some(Accepted { id: offer.id, event: offer.event }),
        Acceptance::Duplicate { .. } => {
            shared.ledger.duplicate.add(1);
            None
        }
    });
    fresh.collect()
}

/// Takes accepted events through the pipeline and makes durable what came of them.
async fn plan_all(shared: &Shared, events: Vec<Accepted>, now: &mut Timestamp) {
    let mut rest = events.as_slice();
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(rest.len().min(BATCH));
        rest = later;
        let planned = process_all(shared, chunk, now);
        commit(shared, planned).await;
    }
}

/// Takes a batch through the pipeline and hands it to the in-process sinks.
fn process_all(shared: &Shared, events: &[Accepted], now: &mut Timestamp) -> Vec<Planned> {
    let wall = shared.clock.now();
    let rules = shared.pipeline.rule_set();
    let mut step = Step { rules, ledger: &shared.ledger, handover: Handover::default() };
    let plan = |accepted: &Accepted| {
        *now = if shared.event_time { accepted.event.timestamp.max(*now) } else { wall };
        // Holds and absences that came due before this event fire before it.
        let _early = step.rules.tick(*now);
        let at = Moment { now: *now, wall };
        guarded(|| shared.pipeline.process(accepted, at, &mut step), accepted.id)
    };
    let planned = events.iter().map(plan).collect();
    let Step { handover, rules, .. } = step;
    drop(rules);
    shared.pipeline.hand_over(handover);
    planned
}

/// The id of the event at this place of a batch: one random id serves a batch, its last byte tells the place.
const fn numbered(mut batch: [u8; 16], place: u8) -> EventId {
    batch[15] = place;
    EventId::from_bytes(batch)
}

/// A defect in a stage must cost one event's notifications, not the worker.
fn guarded(process: impl FnOnce() -> Planned, event: EventId) -> Planned {
    catch_unwind(AssertUnwindSafe(process)).unwrap_or_else(|_| {
        tracing::error!(%event, "a defect: planning this event panicked; it gives nothing");
        Planned { rule: RulePlan { event, firings: Vec::new(), sinks: Vec::new() }, told: Vec::new() }
    })
}

/// Makes a batch durable and books it.
async fn commit(shared: &Shared, planned: Vec<Planned>) {
    let count = planned.len() as u64;
    let (rules, told): (Vec<_>, Vec<_>) = planned.into_iter().map(|planned| (planned.rule, planned.told)).unzip();
    let outcomes = insist(|| shared.store.plan_rule(&rules, shared.clock.now())).await;
    let mut plans = Vec::new();
    for (outcome, told) in outcomes.iter().zip(told) {
        shared.book_shed(&outcome.shed);
        plans.extend(told.into_iter().filter(|told| may_fire(outcome, told)).filter_map(|told| shared.book_made(told)));
    }
    settle_users(shared, plans).await;
    shared.ledger.planned.add(count);
}

/// A cooldown that the store knew of and the rules did not overrules a firing.
fn may_fire(outcome: &RuleOutcome, told: &Told) -> bool {
    told.firing.is_none_or(|index| outcome.fires.get(index).copied().unwrap_or(true))
}

/// Makes deliveries durable and books them.
pub(crate) async fn settle_users(shared: &Shared, plans: Vec<UserPlan>) -> Vec<UserOutcome> {
    if plans.is_empty() {
        return Vec::new();
    }
    let legs: Vec<_> = plans.iter().map(|plan| plan.deliveries.len() as u64).collect();
    // Counted before they can be delivered, so that no account shows more delivered than made.
    shared.ledger.deliveries.add(legs.iter().sum());
    let outcomes = insist(|| shared.store.plan_user(&plans, shared.clock.now())).await;
    for (outcome, legs) in outcomes.iter().zip(legs) {
        match outcome {
            UserOutcome::Planned => shared.ledger.told.add(1),
            UserOutcome::Duplicate { .. } => {
                shared.ledger.repeated.add(1);
                shared.ledger.deliveries.sub(legs);
            }
        }
    }
    outcomes
}

/// Asks the store until it answers: what was taken in is not dropped because a disk is full. Where the store stays away, the
/// drain's deadline ends this.
async fn insist<'a, T>(ask: impl Fn() -> Answer<'a, T> + 'a) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => tracing::error!("{error}; trying again"),
        }
        tokio::time::sleep(STORE_PAUSE).await;
    }
}

impl Shared {
    /// Emitted events become offers. One without an id of its own is an event of its own, however much it resembles another.
    fn offer_emitted(&self, events: Vec<Arc<Event>>) -> Vec<Offer> {
        let now = self.clock.now();
        let fresh = *uuid::Uuid::now_v7().as_bytes();
        let offers = events.into_iter().zip(0..=u8::MAX).map(|(mut event, place)| {
            let repeatable = event.id.is_some();
            let id = if repeatable { event.identity(0) } else { numbered(fresh, place) };
            if let Some(event) = Arc::get_mut(&mut event) {
                self.correct_time(event, now);
            }
            Offer { id, event, repeatable }
        });
        offers.collect()
    }

    /// An event from the future would end its agent's windows: it gets our time, and keeps its claim.
    pub(crate) fn correct_time(&self, event: &mut Event, now: Timestamp) {
        if !self.event_time && event.timestamp > now + AHEAD {
            event.metadata.insert("claimed_at".to_owned(), json!(event.timestamp));
            event.timestamp = now;
            self.ledger.claimed_ahead.add(1);
            metrics::counter!("tidings_events_claimed_ahead_total").increment(1);
        }
    }

    /// Books a notification that was made; gives its plan if it is to be sent.
    pub(crate) fn book_made(&self, told: Told) -> Option<UserPlan> {
        self.ledger.made.add(1);
        match told.decision {
            Decision::Duplicate => self.ledger.repeated.add(1),
            Decision::Denied => self.ledger.denied.add(1),
            Decision::Send(plan) => return Some(plan),
        }
        None
    }
}
