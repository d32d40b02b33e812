//! Claims what is due for one link and attempts it, so many at a time. Each link has a dispatcher of its own: a receiver that
//! hangs keeps nobody else waiting. What an answer means stands in `deliver`, what is booked for it in `outcome`.

use std::{sync::Arc, time::Duration};

use tidings_core::{Envelope, KeepAll, Receipt, SendError, clock::instant_now};
use tidings_store::{Claim, Claimed, Finish, Lease, Note, Outcome, StoreError, Which};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    breaker::Gate,
    deliver::{Link, Refusal, attempt, judge, note},
    settle::insist,
    shared::Shared,
};

/// A lease outlasts any attempt: layers end one after 15 s, and a rate limit may add its wait.
const LEASE: Duration = Duration::from_secs(120);
/// The longest sleep between two looks at the store: hints may be missed, and a clock may be set.
const POLL: Duration = Duration::from_millis(250);
/// The pause after the store could not be asked.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Delivers what the link is owed until it is told to stop; then lets go of what is in flight, once what has been answered is
/// written down.
pub(crate) async fn run(shared: Arc<Shared>, link: Arc<Link>, mut stop: watch::Receiver<bool>) {
    let mut attempts = JoinSet::new();
    while !*stop.borrow_and_update() {
        let pause = start_due(&shared, &link, &mut attempts).await.unwrap_or_else(|error| {
            tracing::error!(endpoint = %link.name, "no work could be claimed: {error}");
            STORE_PAUSE
        });
        let full = attempts.len() >= link.concurrency;
        tokio::select! {
            _ = stop.changed() => {}
            Some(_) = attempts.join_next(), if !attempts.is_empty() => {}
            () = shared.store.wait_for_work(&link.name, pause), if !full => {}
        }
    }
    while attempts.join_next().await.is_some() {}
    if let Err(error) = shared.store.release(&link.name, shared.clock.now()).await {
        tracing::error!(endpoint = %link.name, "leases could not be released: {error}");
    }
}

/// Starts what is due, as far as there is room and the breaker lets it, and says how long there is nothing more to do.
async fn start_due(shared: &Arc<Shared>, link: &Arc<Link>, attempts: &mut JoinSet<()>) -> Result<Duration, StoreError> {
    while attempts.try_join_next().is_some() {}
    let room = link.concurrency.saturating_sub(attempts.len());
    if room == 0 {
        return Ok(POLL);
    }
    let now = shared.clock.now();
    let gate = link.breaker().gate(now);
    let (limit, which) = match gate {
        Gate::Closed => (room, Which::Due),
        Gate::Probe => (1, Which::Due),
        Gate::Open { .. } => (room, Which::Overdue),
    };
    let claimed = claim(shared, link, limit, which).await?;
    let none = claimed.leases.is_empty();
    for lease in claimed.leases {
        let refusal = if which == Which::Overdue { Some(Refusal::Down) } else { link.refusal(&lease, now) };
        if gate == Gate::Probe && refusal.is_none() {
            link.breaker().probe(now);
        }
        attempts.spawn(deliver(Arc::clone(shared), Arc::clone(link), lease, refusal));
    }
    Ok(match gate {
        Gate::Closed => claimed.next_due.map_or(POLL, |due| due.since(now).clamp(Duration::from_millis(1), POLL)),
        _ if none => POLL,
        _ => Duration::from_millis(1),
    })
}

async fn claim(shared: &Shared, link: &Link, limit: usize, which: Which) -> Result<Claimed, StoreError> {
    let claim = Claim { endpoint: Arc::clone(&link.name), limit, lease: LEASE, which };
    shared.store.claim(claim, shared.clock.now()).await
}

/// Attempts a delivery, or settles it without an attempt, and writes down what came of it.
async fn deliver(shared: Arc<Shared>, link: Arc<Link>, lease: Lease, refusal: Option<Refusal>) {
    let Some((outcome, note)) = (match refusal {
        Some(refusal) => Some((refusal.outcome(link.terms, shared.clock.now()), refusal.note())),
        None => try_once(&shared, &link, &lease).await,
    }) else {
        return;
    };
    let fallbacks = match outcome {
        Outcome::Dead | Outcome::Gone | Outcome::YieldOr { .. } => {
            shared.pipeline.fallbacks(&lease.delivery, shared.clock.now())
        }
        _ => Vec::new(),
    };
    let (id, endpoint) = (lease.delivery.id, Arc::clone(&link.name));
    let finish = Finish { id, endpoint, fence: lease.fence, outcome, note, fallbacks };
    // An answer that is not written down would be asked for again: the receiver would be told twice.
    let settled = insist(&shared, || shared.store.finish(vec![finish.clone()], shared.clock.now())).await;
    if let Some(settled) = settled.and_then(|mut settled| settled.pop()) {
        shared.book_finish(&link, &lease, &finish, settled);
    }
}

/// One attempt, and what follows from it; `None` if the notifier ends first.
async fn try_once(shared: &Shared, link: &Link, lease: &Lease) -> Option<(Outcome, Note)> {
    let envelope = Envelope {
        delivery: lease.delivery.id,
        attempt: lease.attempt,
        now: shared.clock.wall(),
        payload: lease.delivery.payload.clone(),
        to: lease.delivery.to.clone(),
        scrub: Arc::new(KeepAll),
    };
    let started = instant_now();
    let answer = tokio::select! {
        answer = attempt(link, &envelope) => answer,
        () = shared.ending() => return None,
    };
    let now = shared.clock.now();
    record(link, &answer, now);
    let outcome = judge(link, lease, &answer, now);
    Some((outcome, note(link, &answer, started.elapsed())))
}

/// Tells the breaker of an answer.
fn record(link: &Link, answer: &Result<Receipt, SendError>, now: tidings_core::Timestamp) {
    let changed = link.breaker().record(answer.as_ref().map(drop), now);
    if let Some(health) = changed {
        metrics::counter!("tidings_breaker_changes_total", "endpoint" => link.name.to_string()).increment(1);
        tracing::warn!(endpoint = %link.name, ?health, "the endpoint's health has changed");
    }
}
