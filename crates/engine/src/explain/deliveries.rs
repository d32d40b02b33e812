//! A delivery from its entries: every attempt, and where it is now.

use tidings_core::DeliveryId;
use tidings_store::{Entry, Step, Store, StoreError};

use super::{
    found::lost_until,
    notifications::muted,
    read::{number, text, time},
    told::{AttemptTold, DeliveryState, DeliveryTold},
};

/// A delivery that is to be told of, before anything is known of it.
#[derive(Debug)]
pub(super) struct Sought {
    pub(super) id: DeliveryId,
    pub(super) endpoint: String,
    pub(super) after: Vec<String>,
}

/// Tells a delivery.
pub(super) async fn tell(store: &dyn Store, entries: &[Entry], sought: Sought) -> Result<DeliveryTold, StoreError> {
    let own: Vec<_> = entries.iter().filter(|entry| entry.delivery == Some(sought.id)).collect();
    let state = match own.iter().rev().find_map(|entry| settled(entry)) {
        Some(state) => state,
        None => open(store, &own, sought.id).await?,
    };
    let attempts = own.iter().filter_map(|entry| attempt(entry)).collect();
    Ok(DeliveryTold { id: sought.id, endpoint: sought.endpoint, after: sought.after, attempts, state })
}

const fn settled(entry: &Entry) -> Option<DeliveryState> {
    Some(match entry.step {
        Step::Delivered => DeliveryState::Delivered,
        Step::Dead => DeliveryState::Dead,
        Step::Expired => DeliveryState::Expired,
        Step::Shed => DeliveryState::Shed,
        Step::Denied => DeliveryState::Withdrawn,
        _ => return None,
    })
}

async fn open(store: &dyn Store, own: &[&Entry], id: DeliveryId) -> Result<DeliveryState, StoreError> {
    let Some((lease, due)) = store.delivery(id).await? else { return Ok(DeliveryState::Gone) };
    // One that was put off without an attempt says nothing of how many there were.
    let answered = |entry: &&&Entry| entry.step == Step::Retry && entry.attempt > 0;
    let answered = own.iter().rev().find(answered).map(|entry| attempts_by(entry));
    let lent = lease.fence > 0 && lease.attempt > answered.unwrap_or_default();
    // Where the log does not reach back, the answer may be what it has lost: then it waits, as nearly all do that are so old.
    let is_lost = lent && answered.is_none() && lost_until(store).await?.is_some_and(|(_, at)| at > lease.made);
    Ok(if lent && !is_lost { DeliveryState::Leased { attempt: lease.attempt } } else { DeliveryState::Waiting { due } })
}

/// How many attempts were answered by then. One that a rate limit refused does not count.
fn attempts_by(entry: &Entry) -> u32 {
    let refused = entry.detail.get("kind") == Some(&"rate_limited".into());
    entry.attempt.saturating_sub(u32::from(refused))
}

pub(super) fn attempt(entry: &Entry) -> Option<AttemptTold> {
    let told = match entry.step {
        Step::Retry
        | Step::Delivered
        | Step::Dead
        | Step::Expired
        | Step::Late
        | Step::Shed
        | Step::Disabled
        | Step::Reported => true,
        // Of a notification as a whole they are told elsewhere.
        Step::Held | Step::Denied => entry.delivery.is_some(),
        _ => false,
    };
    let (kind, layer) = match entry.step {
        Step::Held => (text(entry, "why"), text(entry, "layer")),
        Step::Denied => {
            let denied = muted(entry).and_then(|muted| muted.into_iter().next());
            denied.map(|denied| (denied.reason, denied.layer)).unzip()
        }
        _ => (text(entry, "kind"), None),
    };
    told.then(|| AttemptTold {
        at: entry.at,
        attempt: entry.attempt,
        attempts: number(entry, "attempts"),
        outcome: entry.step.as_str(),
        kind,
        layer,
        code: number(entry, "code"),
        text: text(entry, "text"),
        took_ms: number(entry, "took_ms"),
        again: time(entry, "due").or_else(|| time(entry, "until")),
    })
}
