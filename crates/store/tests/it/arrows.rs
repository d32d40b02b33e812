//! Each arrow of the state diagram is told before, in and after its transaction, so that a test can stop the process there.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use tempfile::tempdir;
use tidings_core::{DeliveryId, Event, EventId, Payload, Severity, Timestamp};
use tidings_store::{
    Claim, Finish, NewDelivery, Note, Offer, Outcome, RuleBatch, RulePlan, Store, Which,
    sqlite::{Options, SqliteStore},
};
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Hears the steps.
struct Ear(Arc<Mutex<Vec<String>>>);

impl Visit for Ear {
    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tidings::arrow"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Self(Arc::clone(&self.0)));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// A life from acceptance to receipt.
async fn live(store: &SqliteStore, now: Timestamp) {
    let event = Arc::new(Event::new("t").at(now));
    let id = EventId::named("test", "arrows");
    store.accept(&[Offer { id, event: Arc::clone(&event), repeatable: true }], now).await.unwrap();
    let row = NewDelivery {
        id: DeliveryId::of_event(id, "hook"),
        event: Some(id),
        endpoint: "hook".into(),
        lane: 1,
        severity: Severity::Info,
        payload: Payload::Event(event),
        leg: None,
        to: None,
        due: now,
        expires: now,
        yields: false,
    };
    let plans = vec![RulePlan { sinks: vec![row], ..RulePlan::nothing(id) }];
    store.plan_rule(&RuleBatch { plans, states: vec![] }, now).await.unwrap();
    let claim = Claim { endpoint: "hook".into(), limit: 1, lease: Duration::from_secs(9), which: Which::Due };
    let lease = store.claim(claim, now).await.unwrap().leases.remove(0);
    let (id, endpoint, fence) = (lease.delivery.id, "hook".into(), lease.fence);
    let (attempt, note, fallbacks) = (Some(1), Note::default(), vec![]);
    let finish = Finish { id, endpoint, fence, attempt, outcome: Outcome::Dead, note, fallbacks };
    store.finish(vec![finish], now).await.unwrap();
}

#[tokio::test]
async fn every_arrow_is_told() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    tracing::subscriber::set_global_default(Ear(Arc::clone(&heard))).unwrap();
    let folder = tempdir().unwrap();
    let now = Timestamp::from_secs(1);
    let (store, _) = SqliteStore::open(&folder.path().join("tidings.db"), &Options::default(), now).unwrap();
    live(&store, now).await;
    store.close();
    let heard = heard.lock().unwrap();
    for arrow in ["accept", "plan", "claim", "finish", "give_up"] {
        let place = |moment: &str| heard.iter().position(|step| *step == format!("{arrow}.{moment}"));
        let places = [place("begin"), place("commit"), place("committed")];
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{arrow}: {places:?} in {heard:?}");
    }
}
