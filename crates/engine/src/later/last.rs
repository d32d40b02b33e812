//! What a stop makes of what waits, where the process that ends keeps nothing. A durable store keeps it for the next start.

use std::sync::{Arc, atomic::Ordering::SeqCst};

use tidings_core::{Payload, Timestamp};
use tidings_store::Deferrals;

use super::{MANY, moment, pieces, settle};
use crate::{
    deliver::what,
    ledger::{NAMED, Undelivered},
    resumption::Looking,
    settle::insist,
    shared::Shared,
    verdict::told as moment_told,
};

/// At the end of a process that keeps nothing: what waits only to be told together is told now. What its user does not want to hear now
/// is named.
pub(crate) async fn close(shared: &Shared, now: Timestamp) {
    if !shared.store.durable() && !shared.is_ending() {
        let at = moment(shared, now);
        let waiting = insist(shared, || shared.store.deferred(&Deferrals::All, MANY)).await.unwrap_or_default();
        for piece in pieces(&waiting) {
            if settle(shared, piece, Looking { at, is_last: true }).await.is_none() {
                break;
            }
        }
    }
    shared.later.closed.store(true, SeqCst);
}

/// Names what waits still where the process that ends keeps nothing, as long as there is room for names.
pub(crate) async fn name_lost(shared: &Shared) {
    if shared.store.durable() || shared.later.named.swap(true, SeqCst) {
        return;
    }
    let waiting = shared.store.deferred(&Deferrals::All, NAMED).await.unwrap_or_default();
    for deferred in waiting.iter().take(NAMED) {
        let (told, wait) = (&deferred.notification, &deferred.wait);
        let (word, by) = match &wait.digest {
            Some(digest) => ("in a digest until", digest.channel.clone()),
            None => ("held until", None),
        };
        shared.ledger.name_waiting(Undelivered {
            endpoint: by.unwrap_or_else(|| told.channels.join(", ")),
            delivery: None,
            what: what(&Payload::Notification(Arc::clone(told))),
            reason: format!("{word} {}; gone with the store in memory", moment_told(wait.until)),
        });
    }
}
