//! Sends again what was given up: somebody has mended what was in the way, and asks for it. What tries by itself is `retry`'s.

use std::sync::Arc;

use serde_json::json;
use tidings_core::{DeliveryId, EventId, Notification, id::derive};
use tidings_policy::Leg;
use tidings_store::{Entry, LogFilter, NewDelivery, NewEntry, Page, RulePlan, Step, StoreError};
use tokio::sync::Mutex as AsyncMutex;

use crate::{
    emit::Notifier,
    pipeline::{Target, sink_delivery},
    planned::{Accepted, Moment},
    shared::Shared,
    tell::detail,
};

/// Two who ask for the same at once: the second sees what the first has done. Nobody asks often enough to wait for another.
static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

/// Why a delivery is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// Nothing is known of it.
    #[error("there is no delivery of this id")]
    Unknown,
    /// It was not given up.
    #[error("it is not sent again: {0}")]
    Settled(&'static str),
    /// It was sent again before.
    #[error("it was sent again before, as {0}")]
    Before(DeliveryId),
    /// What it was made of is not kept any more.
    #[error("it cannot be made anew: what it told is not kept any more")]
    Purged,
    /// Its sink or channel is not configured any more.
    #[error("it cannot be made anew: there is no sink or channel of its name any more")]
    NoEndpoint,
    /// The notifier has not been started, or has stopped.
    #[error("the notifier is not running")]
    NotRunning,
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Notifier {
    /// Sends a delivery again that was given up or became too old: anew, under an id of its own, to the address of today. The log names
    /// both, and `author`, who asked. One that waits is due at once, under its own id.
    ///
    /// # Errors
    /// Says why nothing is sent.
    pub async fn retry(&self, id: DeliveryId, author: &str) -> Result<DeliveryId, RetryError> {
        let shared = Arc::clone(&self.shared);
        let (inside, _) = shared.doorway.enter().ok_or(RetryError::NotRunning)?;
        let author = author.to_owned();
        let retrying = async move {
            let _inside = inside;
            let _turn = TURN.lock().await;
            shared.retry(id, &author).await
        };
        self.shared.to_the_end(retrying).await.ok_or(RetryError::NotRunning)?
    }
}

impl Shared {
    async fn retry(&self, id: DeliveryId, author: &str) -> Result<DeliveryId, RetryError> {
        let now = self.clock.now();
        if let Some((lease, _)) = self.store.delivery(id).await? {
            self.store.hasten(&lease.delivery.endpoint, &[id], now).await?;
            tracing::info!(delivery = %id, author, "hastened");
            return Ok(id);
        }
        let last = self.given_up(id).await?;
        let new = self.made_anew(id, &last).await?;
        let again = new.id;
        let is_told = new.leg.is_some();
        let plan = plan(id, &last, new, author);
        let batch = tidings_store::RuleBatch { plans: vec![plan], states: Vec::new() };
        let outcomes = self.store.plan_rule(&batch, now).await?;
        let sinks = batch.plans.iter().flat_map(|plan| &plan.sinks);
        if is_told {
            self.ledger.deliveries.add(1);
        } else {
            self.book_matched(sinks);
        }
        outcomes.iter().for_each(|outcome| self.book_shed(&outcome.shed));
        tracing::info!(delivery = %id, %again, author, "sent again");
        Ok(again)
    }

    /// The entry by which it was given up.
    async fn given_up(&self, id: DeliveryId) -> Result<Entry, RetryError> {
        let filter = LogFilter { delivery: Some(id), ..LogFilter::default() };
        let entries = self.store.log_query(&filter, Page::Before { number: None, limit: 1_000 }).await?;
        let before = entries.iter().find_map(|entry| entry.detail.get("again")?.as_str()?.parse().ok());
        if let Some(before) = before {
            return Err(RetryError::Before(before));
        }
        let ends = |entry: &Entry| {
            matches!(entry.step, Step::Dead | Step::Expired | Step::Shed | Step::Delivered | Step::Denied)
        };
        let last = entries.into_iter().find(ends).ok_or(RetryError::Unknown)?;
        match last.step {
            Step::Delivered => Err(RetryError::Settled("it has arrived")),
            Step::Denied => Err(RetryError::Settled("its user did not want it any more")),
            _ => Ok(last),
        }
    }

    /// The same message under another id.
    async fn made_anew(&self, id: DeliveryId, last: &Entry) -> Result<NewDelivery, RetryError> {
        let made = match last.notification {
            Some(notification) => {
                let kept = self.store.notification(notification).await?.ok_or(RetryError::Purged)?;
                let told = &kept.notification;
                let leg = kept.plan.legs.iter().find(|leg| last.endpoint.as_ref() == Some(&leg.channel));
                self.leg_anew(told, leg.ok_or(RetryError::Purged)?)?
            }
            None => {
                let event = last.event.ok_or(RetryError::Purged)?;
                let kept = self.store.event(event).await?.ok_or(RetryError::Purged)?;
                self.sink_anew(&Accepted::now(kept.id, kept.event), last)?
            }
        };
        Ok(NewDelivery { id: DeliveryId::from_bytes(derive("delivery.again", &[id.as_bytes()])), ..made })
    }

    fn leg_anew(&self, told: &Arc<Notification>, leg: &Leg) -> Result<NewDelivery, RetryError> {
        if !self.has_channel(&leg.channel) {
            return Err(RetryError::NoEndpoint);
        }
        let pipeline = self.pipeline();
        let (people, now) = (pipeline.people.now(), self.clock.now());
        let scene = (&*people, pipeline.rule_of(told));
        Ok(pipeline.delivery(scene, told, leg, Moment { now, wall: now }))
    }

    fn sink_anew(&self, accepted: &Accepted, last: &Entry) -> Result<NewDelivery, RetryError> {
        let pipeline = self.pipeline();
        let found = pipeline.sinks.iter().find_map(|sink| match &sink.target {
            Target::Network { endpoint, terms } if Some(&**endpoint) == last.endpoint.as_deref() => {
                Some((endpoint, *terms))
            }
            _ => None,
        });
        let (endpoint, terms) = found.ok_or(RetryError::NoEndpoint)?;
        Ok(sink_delivery(accepted, endpoint, terms, self.clock.now()))
    }
}

/// The delivery, with an entry for the old one and one for the new. It is planned as what no event gave: the event's own plan is done.
/// In place of an event stands what leads on to the whole story.
fn plan(id: DeliveryId, last: &Entry, new: NewDelivery, author: &str) -> RulePlan {
    let about = last.notification.map_or(*id.as_bytes(), |notification| *notification.as_bytes());
    let entry = |delivery: DeliveryId, values| NewEntry {
        event: last.event,
        notification: last.notification,
        delivery: Some(delivery),
        rule: last.rule.as_deref().map(Into::into),
        agent: last.agent.clone(),
        user: last.user.clone(),
        endpoint: Some(Arc::clone(&new.endpoint)),
        detail: detail(values),
        ..NewEntry::new(Step::Retry)
    };
    let old = json!({"kind": "asked", "text": format!("sent again as {}: {author} asked for it", new.id),
        "again": new.id, "author": author});
    let made = json!({"kind": "asked", "text": format!("in place of {id}: {author} asked for it"),
        "instead_of": id, "author": author});
    let trace = vec![entry(id, old), entry(new.id, made)];
    RulePlan { trace, sinks: vec![new], ..RulePlan::nothing(EventId::from_bytes(about)) }
}
