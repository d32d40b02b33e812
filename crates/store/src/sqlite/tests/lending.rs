//! What goes wrong around a lease costs no attempt, and a count that is wrong stops nothing.

use std::{sync::Arc, time::Duration};

use rusqlite::Connection;
use tidings_core::{DeliveryId, Event, EventId, Payload, Receipt, Severity};

use super::{Place, at, block_on};
use crate::{
    Claim, Claimed, Finish, NewDelivery, Note, Offer, Outcome, Outstanding, RuleBatch, RulePlan, Settled, Store,
    StoreError, Which,
    sqlite::{SqliteStore, work::Work, writer::Label},
};

fn offer(name: &str) -> Offer {
    Offer { id: EventId::named("t", name), event: Event::new(name).at(at(0)).into(), repeatable: true }
}

fn plan(offer: &Offer, lane: u64) -> RulePlan {
    let row = NewDelivery {
        id: DeliveryId::of_event(offer.id, "hook"),
        event: Some(offer.id),
        endpoint: "hook".into(),
        lane,
        severity: Severity::Info,
        payload: Payload::Event(Arc::clone(&offer.event)),
        leg: None,
        to: None,
        due: at(0),
        expires: at(100),
        yields: false,
    };
    RulePlan { sinks: vec![row], ..RulePlan::nothing(offer.id) }
}

/// Accepts and plans events, their deliveries in lanes of their own from `lane` on.
async fn fill(store: &SqliteStore, names: &[&str], lane: u64) {
    let offers: Vec<_> = names.iter().map(|name| offer(name)).collect();
    store.accept(&offers, at(0)).await.unwrap();
    let plans = offers.iter().zip(lane..).map(|(offer, lane)| plan(offer, lane)).collect();
    store.plan_rule(&RuleBatch { plans, states: vec![] }, at(0)).await.unwrap();
}

async fn claim(store: &SqliteStore) -> Result<Claimed, StoreError> {
    let lease = Duration::from_secs(120);
    store.claim(Claim { endpoint: "hook".into(), limit: 10, lease, which: Which::Due }, at(1)).await
}

fn beside(place: &Place, sql: &str) {
    Connection::open(place.path()).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_claim_that_cannot_be_read_is_given_back() {
    let place = Place::new();
    let old = place.open();
    block_on(fill(&old, &["a", "b"], 1));
    drop(old);
    // Opened anew, nothing is in memory: payloads are read.
    let store = place.open();
    block_on(async {
        store.take_over(false, at(0)).await.unwrap();
        fill(&store, &["c"], 3).await;
        beside(&place, "ALTER TABLE event RENAME TO away");
        assert!(matches!(claim(&store).await, Err(StoreError::Unavailable(_))));
        assert_eq!(store.outstanding("hook").await.unwrap(), Outstanding { ready: 3, leased: 0, lost: 0 });
        beside(&place, "ALTER TABLE away RENAME TO event");
        let leases = claim(&store).await.unwrap().leases;
        assert_eq!(leases.iter().map(|lease| lease.attempt).collect::<Vec<_>>(), [1, 1, 1]);
    });
}

#[test]
fn a_wrong_count_stops_nothing() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        fill(&store, &["a"], 1).await;
        store.accept(&[offer("b")], at(0)).await.unwrap();
        let forget = |work: &mut Work| {
            let census = &mut work.counters.census;
            (census.waiting, census.open) = (0, 0);
            Ok(())
        };
        store.write(Label::durable(None), forget).await.unwrap();
        let batch = RuleBatch { plans: vec![RulePlan::nothing(offer("b").id)], states: vec![] };
        assert_eq!(store.plan_rule(&batch, at(1)).await.unwrap().len(), 1);
        let lease = claim(&store).await.unwrap().leases.remove(0);
        let (id, endpoint, fence) = (lease.delivery.id, "hook".into(), lease.fence);
        let outcome = Outcome::Delivered(Receipt::default());
        let finish =
            Finish { id, endpoint, fence, attempt: Some(1), outcome, note: Note::default(), fallbacks: vec![] };
        assert_eq!(store.finish(vec![finish], at(1)).await.unwrap(), [Settled::DONE]);
        let census = store.census().await.unwrap();
        assert_eq!((census.waiting, census.open, census.delivered), (0, 0, 1));
    });
}
