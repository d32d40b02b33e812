//! A store's life before the harm: events, some planned, deliveries of which some are sent. Everything is worked out from an event's
//! place, so that it can be planned once more and compared.

use std::{collections::HashSet, ops::Range, path::Path, sync::Arc, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tidings_core::{
    DeliveryId, Event, EventId, Notification, NotificationId, NotificationKind, Payload, Priority, Receipt, Severity,
    Timestamp, id::derive,
};
use tidings_policy::{Delay, Leg, Plan, PreferenceLayer, Quorum, Wait};
use tidings_store::{
    Acceptance, Claim, Deferrals, Fate, Finish, Handed, Lease, NewDelivery, NewEntry, Note, Offer, Outcome, Resuming,
    Resumption, RuleBatch, RulePlan, Step, Store, UserPlan, Which,
    sqlite::{Options, SqliteStore},
};

/// How many events there are.
pub(crate) const EVENTS: usize = 60;
/// How many of them are planned before the harm.
pub(crate) const PLANNED: usize = 50;
/// Where deliveries go.
pub(crate) const ENDPOINTS: [&str; 3] = ["hook", "push", "email"];

/// The parts of a store file.
pub(crate) const PARTS: [&str; 3] = ["", "-wal", "-shm"];

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + seconds)
}

pub(crate) fn event_id(place: usize) -> EventId {
    EventId::named("life", &place.to_string())
}

pub(crate) fn event(place: usize) -> Event {
    let text = "what happened ".repeat(place % 9 + usize::from(place % 20 == 7) * 600);
    Event::new(format!("event.{place}"))
        .agent(format!("agent-{}", place % 7))
        .at(at(place as i64))
        .data(json!({ "place": place, "text": text, "rate": 0.25 }))
}

pub(crate) fn place_of(event: &Event) -> usize {
    event.event_type.rsplit('.').next().and_then(|place| place.parse().ok()).expect("it is one of ours")
}

fn delivery(place: usize, endpoint: &str, payload: Payload, leg: Option<Leg>) -> NewDelivery {
    let id = match &payload {
        Payload::Notification(told) => DeliveryId::of_notification(told.notification_id, endpoint, endpoint, 0),
        _ => DeliveryId::of_event(event_id(place), endpoint),
    };
    NewDelivery {
        id,
        event: Some(event_id(place)),
        endpoint: endpoint.into(),
        lane: (place % 7) as u64,
        severity: Severity::Info,
        payload,
        leg,
        to: None,
        due: at(0),
        expires: at(100_000),
        yields: false,
    }
}

fn notification(place: usize) -> Arc<Notification> {
    Arc::new(Notification {
        notification_id: NotificationId::from_bytes(derive("life.notification", &[&place.to_le_bytes()])),
        agent_id: Some(format!("agent-{}", place % 7)),
        title: format!("notification {place}"),
        body: "see for yourself ".repeat(place),
        priority: Priority::High,
        channels: vec!["push".to_owned(), "email".to_owned()],
        user_id: format!("user-{}", place % 2),
        metadata: serde_json::Map::new(),
        created_at: at(place as i64),
        dedup_key: format!("key {place}"),
        rule: Some("rule".to_owned()),
        event: Some(event_id(place)),
        kind: NotificationKind::Firing,
        incident: None,
    })
}

/// Whether what an event tells waits for its moment.
pub(crate) const fn waits(place: usize) -> bool {
    place % 3 == 1
}

/// What an event gives: a delivery to the sink, for every third one a notification with two, and for as many one that waits.
pub(crate) fn plan(place: usize) -> RulePlan {
    let mut plan = RulePlan::nothing(event_id(place));
    plan.sinks.push(delivery(place, "hook", Payload::Event(Arc::new(event(place))), None));
    if place.is_multiple_of(3) {
        let told = notification(place);
        let legs = vec![Leg::first("push"), Leg::first("email")];
        let deliveries = legs
            .iter()
            .map(|leg| delivery(place, &leg.channel, Payload::Notification(Arc::clone(&told)), Some(leg.clone())))
            .collect();
        let user_plan = UserPlan {
            notification: told,
            plan: Plan { legs, quorum: Quorum { needed: 2 } },
            deliveries,
            wait: None,
            window: Duration::from_secs(300),
            at: at(place as i64),
        };
        plan.told.push(Handed { claim: None, plan: user_plan });
    }
    if waits(place) {
        let until = at(10_000 + place as i64);
        let wait = Wait { until, why: Delay::QuietHours, layer: PreferenceLayer::User, digest: None };
        let (window, at) = (Duration::from_secs(300), at(place as i64));
        let (notification, plan_later, deliveries) = (notification(place), Plan::default(), Vec::new());
        let later = UserPlan { notification, plan: plan_later, deliveries, wait: Some(wait), window, at };
        plan.told.push(Handed { claim: None, plan: later });
    }
    let detail = json!({ "place": place }).as_object().cloned().unwrap_or_default();
    let (rule, agent) = (Some("rule".into()), Some("agent".to_owned()));
    plan.trace.push(NewEntry { rule, agent, detail, ..NewEntry::new(Step::Fired) });
    plan
}

/// All deliveries that these events give.
pub(crate) fn deliveries_of(place: usize) -> Vec<DeliveryId> {
    let plan = plan(place);
    let told = plan.told.iter().flat_map(|handed| &handed.plan.deliveries);
    plan.sinks.iter().chain(told).map(|delivery| delivery.id).collect()
}

pub(crate) async fn lease(store: &SqliteStore, endpoint: &str, limit: usize, now: Timestamp) -> Vec<Lease> {
    let claim = Claim { endpoint: endpoint.into(), limit, lease: Duration::from_secs(60), which: Which::Due };
    store.claim(claim, now).await.expect("it can be claimed").leases
}

pub(crate) fn finished(lease: &Lease, outcome: Outcome) -> Finish {
    Finish {
        id: lease.delivery.id,
        endpoint: Arc::clone(&lease.delivery.endpoint),
        fence: lease.fence,
        attempt: Some(lease.attempt),
        outcome,
        note: Note::default(),
        fallbacks: Vec::new(),
    }
}

/// What a store's files are at the moment of the harm, and what had been settled by then.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    /// The file, its log, the log's index; `None` for one that is not there.
    pub(crate) files: [Option<Vec<u8>>; 3],
    /// What stands in the file of its lock.
    pub(crate) lock: Vec<u8>,
    /// Deliveries that had arrived, or had been given up.
    pub(crate) settled: HashSet<DeliveryId>,
    /// What had waited, and was told.
    pub(crate) told: HashSet<NotificationId>,
}

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Killed, with all of it in the log.
    Killed,
    /// Killed, with the first part of it in the file, and the rest in the log.
    KilledLater,
    /// Killed while more events were accepted: their commit is not whole.
    KilledInAccept,
    /// Killed while the last events were planned: that commit is not whole.
    KilledInPlan,
    /// Closed: all of it in the file.
    Closed,
}

impl End {
    pub(crate) const ALL: [Self; 5] =
        [Self::Killed, Self::KilledLater, Self::KilledInAccept, Self::KilledInPlan, Self::Closed];
}

pub(crate) async fn live(end: End) -> Life {
    let folder = TempDir::new().expect("there is a folder");
    let path = folder.path().join("tidings.db");
    let open = || SqliteStore::open(&path, &Options::default(), at(0)).expect("it opens").0;
    let mut store = open();
    let (mut settled, mut told) = (HashSet::new(), HashSet::new());
    for first in (0..EVENTS).step_by(10) {
        accept_all(&store, first..first + 10, at(first as i64)).await;
        if first < PLANNED {
            plan_all(&store, first..first + 10, at(first as i64)).await;
        }
        send_some(&store, first as i64, &mut settled).await;
        told.extend(release(&store, 2, at(first as i64)).await);
        if end == End::KilledLater && first == 30 {
            store.close();
            store = open();
        }
    }
    let mut index = read(&path, "-shm");
    match end {
        End::Closed => store.close(),
        End::KilledInAccept => drop(accept_all(&store, EVENTS..EVENTS + 5, at(70)).await),
        End::KilledInPlan => plan_all(&store, PLANNED..EVENTS, at(70)).await,
        End::Killed | End::KilledLater => {}
    }
    let mut files = PARTS.map(|part| read(&path, part));
    if let (End::KilledInAccept | End::KilledInPlan, [_, Some(log), shared]) = (end, &mut files) {
        // All of the last transaction but the frame that commits it, and the half of that.
        log.truncate(log.len() - 2_000);
        *shared = index.take();
    }
    Life { files, lock: read(&path, ".lock").expect("there is a lock"), settled, told }
}

/// Takes events in; gives what each is answered.
pub(crate) async fn accept_all(store: &SqliteStore, places: Range<usize>, now: Timestamp) -> Vec<Acceptance> {
    let offer = |place| Offer { id: event_id(place), event: Arc::new(event(place)), repeatable: true };
    store.accept(&places.map(offer).collect::<Vec<_>>(), now).await.expect("they are accepted")
}

async fn plan_all(store: &SqliteStore, places: Range<usize>, now: Timestamp) {
    let batch = RuleBatch { plans: places.map(plan).collect(), states: Vec::new() };
    store.plan_rule(&batch, now).await.expect("they are planned");
}

async fn send_some(store: &SqliteStore, second: i64, settled: &mut HashSet<DeliveryId>) {
    for (endpoint, limit) in [("hook", 6), ("push", 2)] {
        let mut finishes = Vec::new();
        for (count, lease) in lease(store, endpoint, limit, at(second)).await.iter().enumerate() {
            let outcome = match count {
                1 => Outcome::Retry { due: at(second + 5), counts: true },
                2 => Outcome::Dead,
                _ => Outcome::Delivered(Receipt::default()),
            };
            if !matches!(outcome, Outcome::Retry { .. }) {
                settled.insert(lease.delivery.id);
            }
            finishes.push(finished(lease, outcome));
        }
        store.finish(finishes, at(second)).await.expect("they can be finished");
    }
}

/// Tells so many of those that wait, together with others; gives which.
pub(crate) async fn release(store: &SqliteStore, limit: usize, now: Timestamp) -> Vec<NotificationId> {
    let waiting = store.deferred(&Deferrals::All, limit).await.expect("they can be read");
    let told: Vec<_> = waiting.iter().map(|row| row.notification.notification_id).collect();
    let items = waiting.iter().map(|row| Resuming {
        notification: row.notification.notification_id,
        until: row.wait.until,
        fate: Fate::Dropped { untold: false },
        entry: NewEntry { notification: Some(row.notification.notification_id), ..NewEntry::new(Step::Dropped) },
    });
    let batch = Resumption { items: items.collect(), digests: Vec::new() };
    let stood = store.resume(&batch, now).await.expect("they are resumed");
    assert!(stood.iter().all(|stood| *stood), "what was read stood: {told:?}");
    told
}

fn read(path: &Path, part: &str) -> Option<Vec<u8>> {
    std::fs::read(format!("{}{part}", path.display())).ok()
}
