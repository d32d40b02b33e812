//! What a provider tells of a delivery after it took it: noted in the log. It changes no state: the delivery was settled when the provider took
//! it. Whether the provider is who it says, its callback's route has made sure of.

use serde_json::json;
use tidings_core::DeliveryId;
use tidings_store::{Entry, LogFilter, NewEntry, Page, Step, StoreError, UserBatch};

use crate::{emit::Notifier, shared::Shared};

impl Notifier {
    /// Notes a provider's word on a delivery, such as `delivered`, and what it says beside. Says whether anything was noted: what repeats the
    /// last word, and what is about a delivery that the log does not know, is not. `is_over` says of the last word that no other follows it.
    ///
    /// # Errors
    /// If the store cannot note it.
    pub async fn note_report(
        &self,
        delivery: DeliveryId,
        (word, text): (&str, &str),
        is_over: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        let shared = &self.shared;
        let Some(known) = last(shared, delivery, Vec::new()).await? else { return Ok(false) };
        let reported = last(shared, delivery, vec![Step::Reported]).await?;
        let before = reported.as_ref().and_then(|entry| entry.detail.get("kind")?.as_str());
        if before.is_some_and(|before| before == word || is_over(before)) {
            return Ok(false);
        }
        let trace = vec![entry(known, (word, text))];
        shared.store.plan_user(&UserBatch { plans: Vec::new(), trace }, shared.clock.now()).await?;
        Ok(true)
    }
}

/// The last entry of a delivery, of these steps.
async fn last(shared: &Shared, delivery: DeliveryId, steps: Vec<Step>) -> Result<Option<Entry>, StoreError> {
    let filter = LogFilter { delivery: Some(delivery), steps, ..LogFilter::default() };
    Ok(shared.store.log_query(&filter, Page::Before { number: None, limit: 1 }).await?.pop())
}

fn entry(known: Entry, (word, text): (&str, &str)) -> NewEntry {
    let detail = json!({"kind": word, "text": text});
    NewEntry {
        event: known.event,
        notification: known.notification,
        delivery: known.delivery,
        rule: known.rule.map(Into::into),
        agent: known.agent,
        user: known.user,
        endpoint: known.endpoint.map(Into::into),
        detail: detail.as_object().cloned().unwrap_or_default(),
        ..NewEntry::new(Step::Reported)
    }
}
