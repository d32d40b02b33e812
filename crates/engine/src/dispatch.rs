//! Claims what is due for one link and attempts it, so many at a time. Each link has a dispatcher of its own: a receiver that
//! hangs keeps nobody else waiting.

use std::{sync::Arc, time::Duration};

use tidings_core::{Envelope, KeepAll};
use tidings_store::{Claim, Finish, Lease, Settled};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    deliver::{Link, attempt, book, judge},
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
        let pause = start_due(&shared, &link, &mut attempts).await;
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

/// Starts what is due, as far as there is room, and says how long there is nothing more to do.
async fn start_due(shared: &Arc<Shared>, link: &Arc<Link>, attempts: &mut JoinSet<()>) -> Duration {
    while attempts.try_join_next().is_some() {}
    let room = link.concurrency.saturating_sub(attempts.len());
    if room == 0 {
        return POLL;
    }
    let now = shared.clock.now();
    let claim = Claim { endpoint: Arc::clone(&link.name), limit: room, lease: LEASE };
    let leases = match shared.store.claim(claim, now).await {
        Ok(leases) => leases,
        Err(error) => {
            tracing::error!(endpoint = %link.name, "no work could be claimed: {error}");
            return STORE_PAUSE;
        }
    };
    for lease in leases {
        attempts.spawn(deliver(Arc::clone(shared), Arc::clone(link), lease));
    }
    match shared.store.outstanding(&link.name).await {
        Ok(owed) => owed.next_due.map_or(POLL, |due| due.since(now).clamp(Duration::from_millis(1), POLL)),
        Err(_) => STORE_PAUSE,
    }
}

async fn deliver(shared: Arc<Shared>, link: Arc<Link>, lease: Lease) {
    let envelope = Envelope {
        delivery: lease.delivery.id,
        attempt: lease.attempt,
        now: shared.clock.wall(),
        payload: lease.delivery.payload.clone(),
        to: lease.delivery.to.clone(),
        scrub: Arc::new(KeepAll),
    };
    let answer = tokio::select! {
        answer = attempt(&link, &envelope) => answer,
        () = shared.ending() => return,
    };
    let verdict = judge(&link, &lease, &answer, shared.clock.now());
    let finish = Finish {
        id: lease.delivery.id,
        endpoint: Arc::clone(&link.name),
        fence: lease.fence,
        outcome: verdict.outcome(),
    };
    // An answer that is not written down would be asked for again: the receiver would be told twice.
    let settled = insist(&shared, || shared.store.finish(vec![finish.clone()], shared.clock.now())).await;
    match settled.and_then(|mut settled| settled.pop()) {
        Some(Settled::Done) => book(&link, &shared.ledger, &lease, &verdict, answer.as_ref().err()),
        Some(Settled::Freed { dedup_key, of }) => {
            shared.pipeline.dedup.release(&dedup_key, of);
            book(&link, &shared.ledger, &lease, &verdict, answer.as_ref().err());
        }
        Some(Settled::Stale) | None => {
            tracing::warn!(endpoint = %link.name, delivery = %lease.delivery.id, "a late answer was refused");
        }
    }
}
