//! A row that does not check is set aside, and everything else goes on.

use std::{sync::Arc, time::Duration};

use rusqlite::Connection;
use tidings_core::{DeliveryId, Event, EventId, Payload, Receipt, Severity};

use super::{Place, at, block_on};
use crate::{
    Acceptance, Claim, EventRange, Finish, Lease, LogFilter, NewDelivery, Note, Offer, Outcome, Page, RuleBatch,
    RulePlan, Step, Store, Which, sqlite::SqliteStore,
};

fn offer(name: &str) -> Offer {
    Offer { id: EventId::named("t", name), event: Event::new(name).at(at(0)).into(), repeatable: true }
}

fn row(offer: &Offer, lane: u64) -> NewDelivery {
    NewDelivery {
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
    }
}

/// A store with four events: the first two deliveries share a lane.
fn filled(place: &Place) {
    let store = place.open();
    block_on(async {
        let offers: Vec<_> = ["a", "b", "c", "d"].map(offer).into();
        store.accept(&offers, at(0)).await.unwrap();
        let plan =
            |(offer, lane): (&Offer, u64)| RulePlan { sinks: vec![row(offer, lane)], ..RulePlan::nothing(offer.id) };
        let plans = offers.iter().zip([1, 1, 2]).map(plan).collect();
        store.plan_rule(&RuleBatch { plans, states: vec![] }, at(0)).await.unwrap();
    });
}

fn flip(place: &Place, sql: &str) {
    assert_eq!(Connection::open(place.path()).unwrap().execute(sql, []).unwrap(), 1);
}

async fn claim(store: &SqliteStore) -> Vec<Lease> {
    let lease = Duration::from_secs(30);
    let claim = Claim { endpoint: "hook".into(), limit: 10, lease, which: Which::Due };
    store.claim(claim, at(1)).await.unwrap().leases
}

fn names(leases: &[Lease]) -> String {
    let name = |lease: &Lease| match &lease.delivery.payload {
        Payload::Event(event) => event.event_type.clone(),
        _ => String::new(),
    };
    leases.iter().map(name).collect()
}

async fn damaged(store: &SqliteStore) -> Vec<String> {
    let filter = LogFilter { steps: vec![Step::Damaged], ..LogFilter::default() };
    let entries = store.log_query(&filter, Page::After { number: 0, limit: 100 }).await.unwrap();
    entries
        .iter()
        .map(|entry| format!("{} {}", entry.detail["table"].as_str().unwrap(), entry.detail["number"]))
        .collect()
}

#[test]
fn a_damaged_delivery_does_not_hold_its_lane() {
    for column in ["lane=lane+7", "severity=9", "attempts=-1", "due=due-1", "id=x'00'", "head=0", "endpoint=99"] {
        let place = Place::new();
        filled(&place);
        let store = place.open();
        flip(&place, &format!("UPDATE delivery SET {column} WHERE number=1"));
        block_on(async {
            store.take_over(false, at(1)).await.unwrap();
            // Whoever reads the row sets it aside: a claim, or one who asks for it.
            let mut leases = claim(&store).await;
            drop(store.delivery(DeliveryId::of_event(offer("a").id, "hook")).await.unwrap());
            store.advance("none", 1).await.unwrap();
            leases.extend(claim(&store).await);
            assert_eq!(names(&leases).chars().filter(|name| *name == 'c').count(), 1, "{column}");
            if column != "head=0" && column != "endpoint=99" {
                assert_eq!(names(&leases).chars().filter(|name| *name == 'b').count(), 1, "{column}");
                assert_eq!(damaged(&store).await, ["delivery 1"], "{column}");
                let census = store.census().await.unwrap();
                assert_eq!((census.open, census.dead), (2, 1), "{column}");
                assert_eq!(store.outstanding("hook").await.unwrap().total(), 2, "{column}");
            }
        });
    }
}

#[test]
fn a_damaged_event_is_told_and_the_others_are_there() {
    let place = Place::new();
    filled(&place);
    let store = place.open();
    flip(&place, "UPDATE event SET body=x'5b5d' WHERE number=3");
    flip(&place, "UPDATE event SET received=received+1 WHERE number=4");
    block_on(async {
        store.take_over(false, at(1)).await.unwrap();
        let events = store.events(&EventRange::default(), 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(damaged(&store).await, ["event 3", "event 4"]);
        let census = store.census().await.unwrap();
        assert_eq!((census.events, census.waiting), (4, 0), "what cannot be planned does not wait");
        let again = store.accept(&["c", "d"].map(offer), at(1)).await.unwrap();
        let expected = [Acceptance::Duplicate { of: offer("c").id }, Acceptance::Accepted];
        assert_eq!(again, expected, "what had been planned is not taken in twice, what had waited is");
        let leases = claim(&store).await;
        assert_eq!(names(&leases), "a", "a delivery without its event cannot be sent");
        let lease = &leases[0];
        let outcome = Outcome::Delivered(Receipt::default());
        let (id, endpoint, fence) = (lease.delivery.id, "hook".into(), lease.fence);
        let finish =
            Finish { id, endpoint, fence, attempt: Some(1), outcome, note: Note::default(), fallbacks: vec![] };
        store.finish(vec![finish], at(2)).await.unwrap();
        assert_eq!(names(&claim(&store).await), "b");
        let census = store.census().await.unwrap();
        assert_eq!(
            census.deliveries,
            census.delivered + census.dead + census.expired + census.unwanted + census.open,
            "{census:?}"
        );
    });
}

#[test]
fn a_damaged_entry_is_left_out() {
    let place = Place::new();
    filled(&place);
    block_on(async {
        let store = place.open();
        let leases = claim(&store).await;
        assert_eq!(leases.len(), 2);
        store.release("hook", at(1)).await.unwrap();
        store.enable("hook", None, at(1)).await.unwrap();
        let late = leases.iter().map(|lease| Finish {
            id: lease.delivery.id,
            endpoint: "hook".into(),
            fence: 77,
            attempt: None,
            outcome: Outcome::Dead,
            note: Note::default(),
            fallbacks: vec![],
        });
        store.finish(late.collect(), at(1)).await.unwrap();
    });
    let store = place.open();
    flip(&place, "UPDATE delivery_log SET attempt=3 WHERE number=1");
    block_on(async {
        let all = LogFilter::default();
        let steps = |entries: Vec<crate::Entry>| entries.iter().map(|entry| entry.step.as_str()).collect::<Vec<_>>();
        let page = Page::After { number: 0, limit: 10 };
        assert_eq!(steps(store.log_query(&all, page).await.unwrap()), ["late"]);
        assert_eq!(steps(store.log_query(&all, page).await.unwrap()), ["late", "damaged"]);
    });
}
