//! Deliveries that are held because their user is not to be disturbed: which they are, so that his change of mind wakes them, and how long
//! each was held, since it does not age meanwhile. Whether one is held is `tell`'s to say.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tidings_core::{DeliveryId, Payload, Timestamp};
use tidings_store::{Deferrals, Entry, LogFilter, NewDelivery, Page, Step};

use crate::{settle::insist, shared::Shared, verdict::Refusal};

/// So many are remembered; others are looked at when they are due.
const MOST: usize = 100_000;
/// Entries of one delivery that are read at once.
const PAGE: usize = 1_000;

/// Those that are held, by user, each with its endpoint and what holds it.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    by_user: HashMap<String, HashMap<DeliveryId, (Arc<str>, Refusal)>>,
    count: usize,
}

impl Held {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is said to an attempt: held, or not any more.
    pub(crate) fn note(&self, delivery: &NewDelivery, refusal: Option<&Refusal>) {
        let Some(user) = user_of(delivery) else { return };
        let mut open = self.open();
        match refusal {
            Some(held @ Refusal::Held { .. }) => open.add(user, delivery, held),
            _ if open.count > 0 => open.remove(user, delivery.id),
            _ => {}
        }
    }

    /// What holds a delivery that is looked at before its time.
    pub(crate) fn holding(&self, delivery: &NewDelivery, now: Timestamp) -> Option<Refusal> {
        let open = self.open();
        let (_, held) = open.by_user.get(user_of(delivery)?)?.get(&delivery.id)?;
        matches!(held, Refusal::Held { until, .. } if now < *until).then(|| held.clone())
    }

    /// Those whose users have changed their mind, by endpoint.
    fn of(&self, which: &Deferrals) -> BTreeMap<Arc<str>, Vec<DeliveryId>> {
        let open = self.open();
        let mut found: BTreeMap<Arc<str>, Vec<DeliveryId>> = BTreeMap::new();
        let wanted = |user: &str| !matches!(which, Deferrals::Of(other) if **other != *user);
        for (_, held) in open.by_user.iter().filter(|(user, _)| wanted(user)) {
            for (id, (endpoint, _)) in held {
                found.entry(Arc::clone(endpoint)).or_default().push(*id);
            }
        }
        found
    }
}

impl Open {
    fn add(&mut self, user: &str, delivery: &NewDelivery, held: &Refusal) {
        if self.count >= MOST {
            return;
        }
        let row = (Arc::clone(&delivery.endpoint), held.clone());
        let new = self.by_user.entry(user.to_owned()).or_default().insert(delivery.id, row).is_none();
        self.count += usize::from(new);
    }

    fn remove(&mut self, user: &str, id: DeliveryId) {
        let Some(held) = self.by_user.get_mut(user) else { return };
        self.count -= usize::from(held.remove(&id).is_some());
        if held.is_empty() {
            self.by_user.remove(user);
        }
    }
}

fn user_of(delivery: &NewDelivery) -> Option<&str> {
    match &delivery.payload {
        Payload::Notification(told) => Some(&told.user_id),
        _ => None,
    }
}

/// Lets those be asked again whose users have changed something. `None` if the notifier ends first.
pub(crate) async fn wake(shared: &Shared, which: &Deferrals) -> Option<()> {
    for (endpoint, ids) in shared.held.of(which) {
        insist(shared, || shared.store.hasten(&endpoint, &ids, shared.clock.now())).await?;
    }
    Some(())
}

/// How long a delivery was held, by the log. `None` if the notifier ends first.
pub(crate) async fn span(shared: &Shared, delivery: DeliveryId, now: Timestamp) -> Option<Duration> {
    let filter = LogFilter { steps: vec![Step::Retry], delivery: Some(delivery), ..LogFilter::default() };
    let (mut number, mut entries) = (0, Vec::new());
    loop {
        let page = insist(shared, || shared.store.log_query(&filter, Page::After { number, limit: PAGE })).await?;
        let Some(last) = page.last() else { break };
        number = last.number;
        entries.extend(page.iter().map(|entry| (entry.at, held_until(entry))));
    }
    let nexts = entries.iter().skip(1).map(|(at, _)| *at).chain([now]);
    let spans = entries.iter().zip(nexts).filter_map(|((at, until), next)| Some((*until)?.min(next).since(*at)));
    Some(spans.fold(Duration::ZERO, Duration::saturating_add))
}

/// Until when this entry holds its delivery, if it does.
fn held_until(entry: &Entry) -> Option<Timestamp> {
    let kind = entry.detail.get("kind").and_then(Value::as_str);
    kind.filter(|kind| Refusal::HOLDS.contains(kind))?;
    entry.detail.get("due").and_then(Value::as_f64).and_then(Timestamp::from_secs_f64)
}
