//! A purge takes nothing that somebody still waits for, whatever happens beside it.

use std::{sync::Arc, time::Duration};

use tidings_core::{DeliveryId, Event, EventId, Payload, Severity};

use super::{Place, at, block_on};
use crate::{
    Claim, EventRange, NewDelivery, Offer, RuleBatch, RulePlan, Store, Which,
    sqlite::{
        SqliteStore,
        purge::{self, Ceilings},
        work::Work,
        writer::Label,
    },
};

const DAY: i64 = 86_400;

fn offer(name: &str) -> Offer {
    Offer { id: EventId::named("t", name), event: Event::new(name).at(at(0)).into(), repeatable: true }
}

async fn take(store: &SqliteStore, name: &str, now: i64) {
    store.accept(&[offer(name)], at(now)).await.unwrap();
    let plans = vec![RulePlan::nothing(offer(name).id)];
    store.plan_rule(&RuleBatch { plans, states: vec![] }, at(now)).await.unwrap();
}

async fn kept(store: &SqliteStore) -> usize {
    store.events(&EventRange::default(), 100).await.unwrap().len()
}

#[test]
fn what_a_delivery_needs_that_was_made_meanwhile_stays() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        take(&store, "a", 0).await;
        let ceilings = store.read(|reader| Ok(Ceilings::look(&reader.connection, (1, 0))?)).await.unwrap();
        let of_a = offer("a");
        let row = NewDelivery {
            id: DeliveryId::of_event(of_a.id, "hook"),
            event: Some(of_a.id),
            endpoint: "hook".into(),
            lane: 1,
            severity: Severity::Info,
            payload: Payload::Event(Arc::clone(&of_a.event)),
            leg: None,
            to: None,
            due: at(0),
            expires: at(100),
            yields: false,
        };
        let plan = RulePlan { sinks: vec![row], ..RulePlan::nothing(EventId::named("t", "by time alone")) };
        store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, at(1)).await.unwrap();
        let run = move |work: &mut Work| purge::purge(work, at(DAY), 100, ceilings);
        assert_eq!(store.write(Label::durable(None), run).await.unwrap().events, 0);
        let lease = Duration::from_secs(30);
        let claim = Claim { endpoint: "hook".into(), limit: 1, lease, which: Which::Due };
        assert_eq!(store.claim(claim, at(1)).await.unwrap().leases.len(), 1);
    });
}

#[test]
fn what_a_sink_was_not_called_with_outlives_a_long_sleep() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        take(&store, "a", 0).await;
        store.advance("log", 1).await.unwrap();
        take(&store, "b", 1).await;
    });
    drop(store);
    for life in 1..=3 {
        let store = place.open();
        let now = life * 30 * DAY;
        block_on(async {
            store.take_over(false, at(now)).await.unwrap();
            store.purge(at(now), 100).await.unwrap();
            assert_eq!(kept(&store).await, 1, "life {life}: the sink has not seen b");
        });
    }
    let store = place.open();
    block_on(async {
        store.take_over(false, at(90 * DAY)).await.unwrap();
        take(&store, "c", 99 * DAY).await;
        store.purge(at(99 * DAY), 100).await.unwrap();
        assert_eq!(kept(&store).await, 1, "it was open for long, and the sink is gone: only c is new");
    });
}
