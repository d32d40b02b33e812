//! Books what became of a delivery by the store's word on it: counts, names of what was given up, how its notification stands.

use std::sync::Arc;

use tidings_policy::Status;
use tidings_store::{Finish, Lease, Outcome, Settled};

use crate::{
    deliver::{Link, what},
    ledger::Undelivered,
    shared::Shared,
};

/// What followed from a delivery's end for its notification, as [`Settled::Done`] tells it.
#[derive(Debug)]
pub(crate) struct Follows {
    pub(crate) fallback: Option<Arc<str>>,
    pub(crate) status: Option<Status>,
    pub(crate) freed: Option<String>,
}

impl Shared {
    /// Books an answer that was written down, or refused as too late.
    pub(crate) fn book_finish(&self, link: &Link, lease: &Lease, finish: &Finish, settled: Settled) {
        let Settled::Done { fallback, status, freed } = settled else {
            link.suspects().forget(finish.id);
            return tracing::warn!(endpoint = %link.name, delivery = %finish.id, "a late answer was refused");
        };
        let yielded = matches!(finish.outcome, Outcome::YieldOr { .. }) && status.is_some();
        self.book_outcome(link, lease, finish, yielded);
        self.book_follows(lease, Follows { fallback, status, freed });
    }

    /// Books what followed for the notification of a delivery.
    pub(crate) fn book_follows(&self, lease: &Lease, follows: Follows) {
        if let Some(endpoint) = follows.fallback {
            self.ledger.deliveries.add(1);
            let from = lease.delivery.endpoint.to_string();
            metrics::counter!("tidings_fallbacks_total", "from" => from, "to" => endpoint.to_string()).increment(1);
        }
        if let (Some(key), Some(of)) = (follows.freed, lease.delivery.notification()) {
            self.pipeline().dedup.release(&key, of);
        }
        if let Some(status) = follows.status {
            book_status(lease, status);
        }
    }

    fn book_outcome(&self, link: &Link, lease: &Lease, finish: &Finish, yielded: bool) {
        let (endpoint, delivery, attempt) = (&*link.name, finish.id, finish.attempt.unwrap_or_default());
        let word = match &finish.outcome {
            Outcome::Delivered(_) => "delivered",
            Outcome::Expired => "expired",
            Outcome::Withdrawn(_) => "withdrawn",
            Outcome::Dead | Outcome::Gone => "dead",
            Outcome::YieldOr { .. } if yielded => "dead",
            Outcome::Retry { .. } | Outcome::YieldOr { .. } => "retry",
        };
        if attempt > 0 {
            let endpoint = link.name.to_string();
            metrics::histogram!("tidings_attempt_seconds", "endpoint" => endpoint.clone()).record(finish.note.took);
            metrics::counter!("tidings_attempts_total", "endpoint" => endpoint, "outcome" => word).increment(1);
        }
        if word != "retry" {
            link.suspects().forget(delivery);
        }
        let reason = finish.note.text.as_deref().unwrap_or_default();
        match word {
            "delivered" => return link.owner.delivered().add(1),
            "withdrawn" => {
                self.ledger.withdrawn.add(1);
                return tracing::info!(endpoint, %delivery, "not sent any more: {reason}");
            }
            "retry" => return tracing::info!(endpoint, %delivery, attempt, "again later: {reason}"),
            "expired" => link.owner.expired().add(1),
            _ => link.owner.dead().add(1),
        }
        if finish.outcome == Outcome::Gone {
            link.disable(lease.delivery.to.clone());
            tracing::error!(endpoint, "the receiver says that the address is gone: nothing is sent there any more");
        }
        tracing::warn!(endpoint, %delivery, attempt, "given up: {reason}");
        self.ledger.name_undelivered(Undelivered {
            endpoint: endpoint.to_owned(),
            delivery: Some(delivery),
            what: what(&lease.delivery.payload),
            reason: if attempt > 0 { format!("{reason} (attempt {attempt})") } else { reason.to_owned() },
        });
    }
}

/// Tells the metrics, and the operator, of a notification that too few channels have taken.
fn book_status(lease: &Lease, status: Status) {
    let (needed, reached) = match status {
        Status::Pending | Status::Complete => return,
        Status::Incomplete { needed, reached } => (needed, reached),
        Status::Failed => (1, 0),
    };
    let word = if reached == 0 { "failed" } else { "incomplete" };
    metrics::counter!("tidings_notifications_unmet_total", "status" => word).increment(1);
    let notification = lease.delivery.notification().map(|id| id.to_string()).unwrap_or_default();
    tracing::error!(notification, needed, reached, "a notification is {word}: too few channels have taken it");
}
