use std::collections::BTreeMap;

use tidings_core::{
    Clock, DeliveryId, EventId, Notification, NotificationId, NotificationKind, Payload, Priority, Severity,
};
use tidings_policy::{Fallbacks, Leg, Plan, Quorum};
use tidings_store::{MemoryStore, NewDelivery, Store, UserPlan};
use tidings_testkit::FakeClock;

use super::*;
use crate::{emit::Notifier, retry::RetryPolicy, user::User};

/// More than are looked at in one step.
const MANY: u64 = 250;

fn notification(number: u64) -> Notification {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_le_bytes());
    Notification {
        notification_id: NotificationId::from_bytes(id),
        agent_id: None,
        title: "hot".into(),
        body: String::new(),
        priority: Priority::High,
        channels: vec!["push".into()],
        user_id: "ann".into(),
        metadata: serde_json::Map::new(),
        created_at: Timestamp::EPOCH,
        dedup_key: number.to_string(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

/// A message by push; all of them go one after another.
fn by_push(number: u64, now: Timestamp) -> UserPlan {
    let (notification, leg) = (Arc::new(notification(number)), Leg::first("push"));
    let delivery = NewDelivery {
        id: DeliveryId::of_notification(notification.notification_id, "push", "push", 0),
        event: Some(EventId::named("test", "1")),
        endpoint: "push".into(),
        lane: 1,
        severity: Severity::Info,
        payload: Payload::Notification(Arc::clone(&notification)),
        leg: Some(leg.clone()),
        to: None,
        due: now,
        expires: now,
        yields: true,
    };
    let plan = Plan { legs: vec![leg], quorum: Quorum::default() };
    UserPlan { notification, plan, deliveries: vec![delivery], wait: None, window: Duration::from_secs(1), at: now }
}

/// A notifier that knows no channel called push, and a store in which much waits for it.
async fn orphans(fallbacks: &[&str]) -> (Notifier, Arc<MemoryStore>, FakeClock) {
    let (store, clock) = (Arc::new(MemoryStore::new(1_000)), FakeClock::at(Timestamp::from_secs(1_000_000)));
    let plans: Vec<_> = (0..MANY).map(|number| by_push(number, clock.now())).collect();
    store.plan_user(&plans.into(), clock.now()).await.unwrap();
    let list = fallbacks.iter().map(|name| (*name).to_owned()).collect();
    let by_channel = BTreeMap::from([("push".to_owned(), list)]);
    let builder = Notifier::builder().channel("email", Arc::new(Nobody), RetryPolicy::user());
    let builder = builder.user("ann", User::default()).fallbacks(Fallbacks { by_channel, ..Fallbacks::default() });
    let notifier = builder.store(store.clone()).clock(Arc::new(clock.clone())).build().unwrap();
    (notifier, store, clock)
}

struct Nobody;

impl tidings_core::Channel for Nobody {
    async fn send(&self, _: &tidings_core::Envelope) -> Result<tidings_core::Receipt, tidings_core::SendError> {
        Ok(tidings_core::Receipt::default())
    }
}

async fn owed(store: &MemoryStore) -> Vec<(String, u64)> {
    store.waiting().await.unwrap().into_iter().map(|waiting| (waiting.endpoint, waiting.count)).collect()
}

#[tokio::test]
async fn all_that_a_channel_left_behind_takes_its_fallback_in_one_round() {
    let (notifier, store, _) = orphans(&["email"]).await;
    keep(&notifier.shared).await.unwrap();
    assert_eq!(owed(&store).await, [("email".to_owned(), MANY)]);
    assert_eq!(notifier.shared.ledger.deliveries.get(), MANY, "each of them is booked");
}

#[tokio::test]
async fn what_has_no_fallback_waits_for_its_channel_until_it_is_too_old() {
    let (notifier, store, clock) = orphans(&[]).await;
    keep(&notifier.shared).await.unwrap();
    assert_eq!(owed(&store).await, [("push".to_owned(), MANY)]);
    clock.advance(Duration::from_secs(25 * 3_600));
    keep(&notifier.shared).await.unwrap();
    assert_eq!(owed(&store).await, []);
    assert_eq!(store.census().await.unwrap().failed, MANY);
}
