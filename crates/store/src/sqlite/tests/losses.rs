//! What hangs on a row that is lost: the deliveries of a name, the notification of a delivery, the numbers of events to come.

use std::{sync::Arc, time::Duration};

use rusqlite::Connection;
use serde_json::json;
use tidings_core::{
    DeliveryId, Event, EventId, Notification, NotificationId, NotificationKind, Payload, Priority, Receipt, Severity,
};
use tidings_policy::{Leg, Plan, Quorum};

use super::{Place, at, block_on};
use crate::{
    Claim, Finish, Handed, Lease, LogFilter, NewDelivery, Note, Offer, Outcome, Page, RuleBatch, RulePlan,
    RuleSetVersion, Step, Store, UserPlan, Which, sqlite::SqliteStore,
};

fn event() -> EventId {
    EventId::named("t", "a")
}

fn told() -> Arc<Notification> {
    Arc::new(Notification {
        notification_id: NotificationId::from_bytes([7; 16]),
        agent_id: None,
        title: "title".to_owned(),
        body: "body".to_owned(),
        priority: Priority::High,
        channels: vec!["push".to_owned(), "email".to_owned()],
        user_id: "ann".to_owned(),
        metadata: serde_json::Map::new(),
        created_at: at(0),
        dedup_key: "key".to_owned(),
        rule: Some("rule".to_owned()),
        event: Some(event()),
        kind: NotificationKind::Firing,
        incident: None,
    })
}

fn delivery(endpoint: &str, payload: Payload, leg: Option<Leg>) -> NewDelivery {
    let id = match &payload {
        Payload::Notification(told) => DeliveryId::of_notification(told.notification_id, endpoint, endpoint, 0),
        _ => DeliveryId::of_event(event(), endpoint),
    };
    let (due, expires) = (at(0), at(100));
    let (event, severity, endpoint) = (Some(event()), Severity::Info, endpoint.into());
    NewDelivery { id, event, endpoint, lane: 1, severity, payload, leg, to: None, due, expires, yields: false }
}

/// A store with an event for a sink, and a notification on two channels.
fn filled(place: &Place) {
    let store = place.open();
    let sent = Arc::new(Event::new("a").at(at(0)));
    let legs = vec![Leg::first("push"), Leg::first("email")];
    let of = |leg: &Leg| delivery(&leg.channel, Payload::Notification(told()), Some(leg.clone()));
    let deliveries = legs.iter().map(of).collect();
    let plan = Plan { legs, quorum: Quorum { needed: 1 } };
    let plan =
        UserPlan { notification: told(), plan, deliveries, wait: None, window: Duration::from_secs(9), at: at(0) };
    let plan = RulePlan {
        sinks: vec![delivery("hook", Payload::Event(Arc::clone(&sent)), None)],
        told: vec![Handed { claim: None, plan }],
        ..RulePlan::nothing(event())
    };
    block_on(async {
        store.accept(&[Offer { id: event(), event: sent, repeatable: true }], at(0)).await.unwrap();
        store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, at(0)).await.unwrap();
    });
}

fn change(place: &Place, sql: &str) {
    Connection::open(place.path()).unwrap().execute_batch(sql).unwrap();
}

async fn claim(store: &SqliteStore, endpoint: &str) -> Vec<Lease> {
    let lease = Duration::from_secs(30);
    let claim = Claim { endpoint: endpoint.into(), limit: 10, lease, which: Which::Due };
    store.claim(claim, at(1)).await.unwrap().leases
}

async fn deliver(store: &SqliteStore, lease: &Lease) {
    let (id, endpoint, fence) = (lease.delivery.id, Arc::clone(&lease.delivery.endpoint), lease.fence);
    let outcome = Outcome::Delivered(Receipt::default());
    let finish =
        Finish { id, endpoint, fence, attempt: Some(lease.attempt), outcome, note: Note::default(), fallbacks: vec![] };
    store.finish(vec![finish], at(2)).await.unwrap();
}

#[test]
fn a_name_whose_row_does_not_check_keeps_its_deliveries() {
    for harm in ["used=used-1", "crc=crc+1"] {
        for is_read_first in [false, true] {
            let place = Place::new();
            filled(&place);
            change(&place, &format!("UPDATE name SET {harm} WHERE name='hook'"));
            let store = place.open();
            block_on(async {
                if is_read_first {
                    drop(store.delivery(DeliveryId::of_event(event(), "hook")).await.unwrap());
                }
                let leases = claim(&store, "hook").await;
                assert_eq!(leases.len(), 1, "{harm} {is_read_first}");
                deliver(&store, &leases[0]).await;
                assert_eq!(store.outstanding("hook").await.unwrap().total(), 0, "{harm}");
            });
            drop(store);
            let store = place.open();
            assert_eq!(block_on(store.census()).unwrap().delivered, 1);
        }
    }
}

#[test]
fn a_notification_ends_although_the_row_of_a_delivery_is_lost() {
    for harm in ["severity=9", "id=x'00'", "notification=77", "leg=NULL", "lane=8", "attempts=-1", "recipient='x'"] {
        let place = Place::new();
        filled(&place);
        let store = place.open();
        change(
            &place,
            &format!("UPDATE delivery SET {harm} WHERE endpoint=(SELECT number FROM name WHERE name='push')"),
        );
        block_on(async {
            store.take_over(false, at(1)).await.unwrap();
            assert!(claim(&store, "push").await.is_empty(), "{harm}");
            for endpoint in ["email", "hook"] {
                let leases = claim(&store, endpoint).await;
                assert_eq!(leases.len(), 1, "{harm} {endpoint}");
                deliver(&store, &leases[0]).await;
            }
            let census = store.census().await.unwrap();
            assert_eq!((census.delivered, census.dead, census.open), (2, 1, 0), "{harm}");
            assert_eq!((census.notifications, census.complete), (1, 1), "{harm}: it is over");
            assert_eq!(store.outstanding("push").await.unwrap().lost, 1, "{harm}");
            let filter = LogFilter { steps: vec![Step::Dead], ..LogFilter::default() };
            let dead = store.log_query(&filter, Page::After { number: 0, limit: 9 }).await.unwrap();
            assert_eq!((dead.len(), &dead[0].detail["kind"]), (1, &json!("damaged")), "{harm}");
            assert_eq!(dead[0].notification, Some(told().notification_id), "{harm}");
            assert_eq!(dead[0].endpoint.as_deref(), Some("push"), "{harm}");
        });
    }
}

#[test]
fn events_to_come_are_behind_what_sinks_have_seen() {
    for kept in ["sink_cursor", "rule_set"] {
        let place = Place::new();
        filled(&place);
        block_on(async {
            let store = place.open();
            store.advance("seen", 40).await.unwrap();
            let version = RuleSetVersion { from: 41, since: at(0), content: json!({}) };
            store.put_rule_set(&version).await.unwrap();
        });
        let tables =
            ["event", "event_outbox", "delivery", "delivery_log", "notification", "meta", "sink_cursor", "rule_set"];
        let gone: String =
            tables.iter().filter(|table| **table != kept).map(|table| format!("DELETE FROM {table};")).collect();
        change(&place, &format!("PRAGMA secure_delete=ON; {gone} VACUUM;"));
        std::fs::write(format!("{}.damaged", place.path().display()), "").unwrap();
        let store = place.open();
        block_on(async {
            assert_eq!(store.take_over(false, at(1)).await.unwrap().last_event, 40, "{kept}");
            let offer = Offer { id: event(), event: Event::new("new").at(at(1)).into(), repeatable: true };
            store.accept(&[offer], at(1)).await.unwrap();
            let new = store.event(event()).await.unwrap().unwrap();
            assert_eq!(new.number, 41, "{kept}");
        });
        drop(store);
        let (_, opened) = SqliteStore::open(&place.path(), &crate::sqlite::Options::default(), at(2)).unwrap();
        assert!(opened.damage.is_empty(), "{kept}: {:?}", opened.damage);
    }
}
