//! What the store is given to do: events as agents send them, plans, deliveries; and filling a store that is left behind as by a kill.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use serde_json::{Map, json};
use tidings_core::{DeliveryId, Event, EventId, NotificationId, Payload, Receipt, Severity, Timestamp};
use tidings_store::{
    Claim, Finish, Lease, NewDelivery, NewEntry, Note, Offer, Outcome, RuleBatch, RulePlan, Step, Store, Which,
    sqlite::{Options, SqliteStore},
};

pub(crate) const HOOK: &str = "hook";

/// The time of everything: the store does not look at the clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_secs(1_800_000_000)
}

pub(crate) fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &Options::default(), now()).unwrap().0
}

/// The event of this number, some 150 bytes as JSON, under an id of its own at random.
pub(crate) fn offer(number: u64) -> Offer {
    let data = json!({"tool": "search", "duration_ms": number % 1_000, "ok": false});
    let event = Event::new("tool.error").agent(format!("agent-{}", number % 50)).at(now()).data(data);
    let id = EventId::named("bench", &number.to_string());
    Offer { id, event: Arc::new(event), repeatable: true }
}

pub(crate) fn delivery(offer: &Offer, lane: u64) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::of_event(offer.id, HOOK),
        event: Some(offer.id),
        endpoint: HOOK.into(),
        lane,
        severity: Severity::Error,
        payload: Payload::Event(Arc::clone(&offer.event)),
        leg: None,
        to: None,
        due: now(),
        expires: now() + Duration::from_secs(3_600),
        yields: false,
    }
}

/// The plans of events: one delivery each, in a lane of its own.
pub(crate) fn plans(offers: &[Offer], first: u64) -> RuleBatch {
    let plan =
        |(offer, lane): (&Offer, u64)| RulePlan { sinks: vec![delivery(offer, lane)], ..RulePlan::nothing(offer.id) };
    RuleBatch { plans: offers.iter().zip(first..).map(plan).collect(), states: Vec::new() }
}

pub(crate) fn claim(limit: usize) -> Claim {
    Claim { endpoint: HOOK.into(), limit, lease: Duration::from_secs(60), which: Which::Due }
}

pub(crate) fn delivered(lease: &Lease) -> Finish {
    Finish {
        id: lease.delivery.id,
        endpoint: Arc::clone(&lease.delivery.endpoint),
        fence: lease.fence,
        attempt: Some(lease.attempt),
        outcome: Outcome::Delivered(Receipt::default()),
        note: Note { code: Some(200), took: Duration::from_millis(12), ..Note::default() },
        fallbacks: Vec::new(),
    }
}

/// A whole life for each of `count` events from `first` on.
pub(crate) async fn live(store: &SqliteStore, first: u64, count: u64) {
    let offers: Vec<_> = (first..first + count).map(offer).collect();
    store.accept(&offers, now()).await.unwrap();
    store.plan_rule(&plans(&offers, first), now()).await.unwrap();
    let mut left = offers.len();
    while left > 0 {
        let leases = store.claim(claim(left), now()).await.unwrap().leases;
        if leases.is_empty() {
            // Another life took ours; its own are for us.
            return;
        }
        left -= leases.len().min(left);
        store.finish(leases.iter().map(delivered).collect(), now()).await.unwrap();
    }
}

/// Writes entries of decisions until the log has so many.
pub(crate) async fn fill_log(store: &SqliteStore, entries: u64) {
    let mut number = 1_000_000;
    while store.census().await.unwrap().entries < entries {
        let offers: Vec<_> = (number..number + 500).map(offer).collect();
        number += 500;
        store.accept(&offers, now()).await.unwrap();
        let plan = |offer: &Offer| RulePlan { trace: trace(offer), ..RulePlan::nothing(offer.id) };
        let batch = RuleBatch { plans: offers.iter().map(plan).collect(), states: Vec::new() };
        let later = now() + Duration::from_millis(number / 10);
        store.plan_rule(&batch, later).await.unwrap();
    }
}

fn trace(offer: &Offer) -> Vec<NewEntry> {
    let random = u64::from_le_bytes(*offer.id.as_bytes().first_chunk().unwrap());
    let entry = |(step, place): (Step, u64)| NewEntry {
        notification: Some(NotificationId::derived(offer.id, "rule", &place.to_string())),
        rule: Some(format!("rule-{}", (random >> place) % 40).into()),
        agent: offer.event.agent_id.clone(),
        user: Some(format!("user-{}", (random >> (8 + place)) % 200)),
        detail: Map::from_iter([("muted".to_owned(), json!(["sms"]))]),
        ..NewEntry::new(step)
    };
    [Step::Fired, Step::Resolved, Step::Denied, Step::Muted].into_iter().zip(0..).map(entry).collect()
}

/// Fills a store with deliveries that wait, and ends the process without closing it.
pub(crate) fn fill_and_die(arguments: &[String]) -> ExitCode {
    let [path, count] = arguments else { return ExitCode::FAILURE };
    let count: u64 = count.parse().unwrap();
    let store = open(Path::new(path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for first in (0..count).step_by(500) {
            let offers: Vec<_> = (first..first + 500).map(offer).collect();
            store.accept(&offers, now()).await.unwrap();
            store.plan_rule(&plans(&offers, first), now()).await.unwrap();
        }
        store.claim(claim(100), now()).await.unwrap();
    });
    std::process::abort();
}
