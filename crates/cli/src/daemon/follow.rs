//! Follows what a daemon was given until it is settled, as one who looks on: its store can be read beside it. What is settled is counted by
//! `account`.

use std::time::Duration;

use tidings::{
    clock::instant_now,
    explain::{DeliveryState, DeliveryTold, Explanation, NotificationTold, explain},
    store::Store,
};

/// How long lies between two looks, at first and at most.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LOOK: Duration = Duration::from_millis(250);

/// What became of these ids by the time that all of it is settled, or after this long.
///
/// # Errors
/// If the store cannot be read.
pub(crate) async fn follow(store: &dyn Store, ids: &[String], limit: Duration) -> anyhow::Result<Vec<Explanation>> {
    let started = instant_now();
    let mut pause = FIRST_LOOK;
    let mut was_settled = false;
    loop {
        let mut told = Vec::with_capacity(ids.len());
        for id in ids {
            told.extend(explain(store, id).await?);
        }
        let all = told.len() == ids.len() && told.iter().all(is_settled);
        let left = limit.saturating_sub(started.elapsed());
        let is_known = was_settled || !told.iter().any(is_gone);
        if (all && is_known) || left.is_zero() {
            return Ok(told);
        }
        was_settled = all;
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(LOOK);
    }
}

/// Whether a delivery was settled while it was looked at: the log is read first, and tells of it at the next look.
fn is_gone(told: &Explanation) -> bool {
    let sinks = told.sinks.iter().filter_map(|sink| sink.delivery.as_ref());
    let deliveries = told.notifications.iter().flat_map(|notification| &notification.deliveries);
    sinks.chain(deliveries).any(|delivery| delivery.state == DeliveryState::Gone)
}

/// Whether nothing more comes of it for now: what is told later waits for its moment, not for us.
fn is_settled(told: &Explanation) -> bool {
    let sinks = &told.sinks;
    !told.event.as_ref().is_some_and(|event| event.waiting)
        && sinks.iter().filter_map(|sink| sink.delivery.as_ref()).all(is_over)
        && sinks.iter().all(|sink| sink.called != Some(false))
        && told.notifications.iter().all(is_told)
}

fn is_told(notification: &NotificationTold) -> bool {
    notification.waits.is_some() || notification.deliveries.iter().all(is_over)
}

/// Whether a delivery is over.
pub(super) const fn is_over(delivery: &DeliveryTold) -> bool {
    !matches!(delivery.state, DeliveryState::Waiting { .. } | DeliveryState::Leased { .. })
}
