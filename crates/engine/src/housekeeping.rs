//! What a store needs from time to time: it forgets what is settled and old, and nothing waits for ever for a sink or channel that is
//! not configured any more.

use std::{sync::Arc, time::Duration};

use tidings_core::Timestamp;
use tidings_store::{Claim, Claimed, Finish, Lease, Note, Outcome, Settled, StoreError, Which};
use tokio::sync::watch;

use crate::{deliver::Link, outcome::Follows, shared::Shared, verdict::Refusal};

/// How long after a start, and then how often.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows of a purge that hold up nobody.
const SLICE: usize = 1_000;
/// Deliveries without a channel that are looked at in one step.
const ORPHANS: usize = 100;
/// How long one of them is lent for that.
const LEASE: Duration = Duration::from_secs(60);

/// Runs until it is told to stop.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let keeping = async {
        tokio::time::sleep(FIRST).await;
        loop {
            if let Err(error) = keep(&shared).await {
                tracing::error!("the store could not be tidied: {error}");
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        () = keeping => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// One round. Each of its parts is worth doing without the other.
pub(crate) async fn keep(shared: &Shared) -> Result<(), StoreError> {
    settle_orphans(shared).await.and(purge(shared).await)
}

async fn purge(shared: &Shared) -> Result<(), StoreError> {
    let before = shared.clock.now() - shared.pipeline().retention;
    let mut total = 0;
    loop {
        let taken = shared.store.purge(before, SLICE).await?.total();
        total += taken;
        if taken == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    if total > 0 {
        tracing::info!(rows = total, "forgot what is settled and older than the retention");
    }
    Ok(())
}

/// Deliveries whose channel is not there any more take their fallback; the others wait for it until they are too old.
pub(crate) async fn settle_orphans(shared: &Shared) -> Result<(), StoreError> {
    for waiting in shared.store.waiting().await? {
        let pipeline = shared.pipeline();
        let is_served = |link: &Arc<Link>| *link.name == *waiting.endpoint && !link.service.is_over();
        if !pipeline.links.iter().chain(&pipeline.former.links).any(is_served) {
            settle_all(shared, &waiting.endpoint.into()).await?;
        }
    }
    Ok(())
}

/// Goes through an endpoint until nothing of it is due: behind each that is settled the next of its lane may come.
async fn settle_all(shared: &Shared, endpoint: &Arc<str>) -> Result<(), StoreError> {
    // One moment for all of it: what is put off stays so, though the clock is set forward meanwhile.
    let now = shared.clock.now();
    loop {
        let claim = Claim { endpoint: Arc::clone(endpoint), limit: ORPHANS, lease: LEASE, which: Which::Due };
        let Claimed { leases, .. } = shared.store.claim(claim, now).await?;
        if leases.is_empty() {
            return Ok(());
        }
        let finishes: Vec<_> = leases.iter().map(|lease| settled(shared, lease, now)).collect();
        let all = shared.store.finish(finishes.clone(), now).await?;
        // What was configured in this life is on its account; the rest was on that of a life before.
        let pipeline = shared.pipeline();
        let former = pipeline.former.links.iter().find(|link| link.name == *endpoint);
        for ((lease, finish), settled) in leases.iter().zip(&finishes).zip(all) {
            match (former, settled) {
                (Some(link), settled) => shared.book_finish(link, lease, finish, settled),
                (None, Settled::Done { fallback, status, freed }) => {
                    shared.book_follows(lease, Follows { fallback, status, freed });
                }
                (None, _) => {}
            }
        }
        tokio::task::yield_now().await;
    }
}

fn settled(shared: &Shared, lease: &Lease, now: Timestamp) -> Finish {
    let delivery = &lease.delivery;
    let is_old = now >= shared.pipeline().terms_of(&delivery.endpoint).too_old(lease.made, u32::MAX);
    let outcome = match shared.pipeline().objection(delivery, now) {
        Some(Refusal::Unwanted(muted)) if !shared.event_time => Outcome::Withdrawn(muted),
        _ if is_old => Outcome::Expired,
        // Nobody tries it meanwhile; where its channel comes back, it goes soon.
        _ => Outcome::YieldOr { due: now + LEASE, counts: true },
    };
    let text = "there is no sink or channel of this name any more";
    Finish {
        id: delivery.id,
        endpoint: Arc::clone(&delivery.endpoint),
        fence: lease.fence,
        attempt: None,
        outcome,
        note: Note { kind: Some("no_channel"), text: Some(text.to_owned()), ..Note::default() },
        fallbacks: shared.pipeline().fallbacks(delivery, now),
    }
}

#[cfg(test)]
mod tests;
