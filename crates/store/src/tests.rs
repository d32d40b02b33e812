//! The store's contract, as far as it stands today, on the store in memory.

use std::{sync::Arc, time::Duration};

use tidings_core::{
    DeliveryId, Event, EventId, IncidentId, NotificationId, NotificationKind, Payload, Priority, Receipt, Severity,
    Timestamp, id::derive,
};

use crate::{
    Acceptance, Claim, Finish, FiringClaim, Lease, MemoryStore, NewDelivery, Offer, Outcome, RulePlan, Settled, Store,
    UserOutcome, UserPlan,
};

const LEASE: Duration = Duration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn delivery(name: &str, lane: u64, severity: Severity) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::from_bytes(derive("test", &[name.as_bytes()])),
        endpoint: "hook".into(),
        lane,
        severity,
        payload: Payload::Event(Arc::new(Event::new(name).at(at(0)))),
        to: None,
        due: at(0),
    }
}

fn name(delivery: &NewDelivery) -> String {
    match &delivery.payload {
        Payload::Event(event) => event.event_type.clone(),
        other => format!("{other:?}"),
    }
}

async fn plan(store: &MemoryStore, rows: Vec<NewDelivery>) -> Vec<String> {
    let plan = RulePlan { event: EventId::named("", "e"), firings: vec![], sinks: rows };
    let outcomes = store.plan_rule(&[plan], at(0)).await.unwrap();
    outcomes[0].shed.iter().map(|row| name(row)).collect()
}

async fn claim(store: &MemoryStore, now: i64) -> Vec<Lease> {
    store.claim(Claim { endpoint: "hook".into(), limit: 10, lease: LEASE }, at(now)).await.unwrap()
}

async fn finish(store: &MemoryStore, lease: &Lease, outcome: Outcome) -> Settled {
    let finish = Finish { id: lease.delivery.id, endpoint: "hook".into(), fence: lease.fence, outcome };
    store.finish(vec![finish], at(0)).await.unwrap().remove(0)
}

fn names(leases: &[Lease]) -> Vec<String> {
    leases.iter().map(|lease| name(&lease.delivery)).collect()
}

#[tokio::test]
async fn the_same_event_is_accepted_once() {
    let store = MemoryStore::new(10);
    let id = EventId::named("agents", "1");
    let offer = || vec![Offer { id, event: Arc::new(Event::new("a")), repeatable: true }];
    assert_eq!(store.accept(&offer(), at(0)).await.unwrap(), [Acceptance::Accepted]);
    assert_eq!(store.accept(&offer(), at(0)).await.unwrap(), [Acceptance::Duplicate { of: id }]);
}

#[tokio::test]
async fn a_lane_keeps_its_order_across_a_retry() {
    let store = MemoryStore::new(10);
    let info = Severity::Info;
    plan(&store, vec![delivery("a1", 1, info), delivery("a2", 1, info), delivery("b1", 2, info)]).await;
    let first = claim(&store, 0).await;
    assert_eq!(names(&first), ["a1", "b1"]);
    assert_eq!(finish(&store, &first[0], Outcome::Retry { due: at(5), counts: true }).await, Settled::Done);
    assert!(claim(&store, 4).await.is_empty(), "a2 waits for a1, a1 for its time");
    let again = claim(&store, 5).await;
    assert_eq!((names(&again), again[0].attempt), (vec!["a1".to_owned()], 2));
    finish(&store, &again[0], Outcome::Delivered(Receipt::default())).await;
    assert_eq!(names(&claim(&store, 5).await), ["a2"]);
}

#[tokio::test]
async fn an_old_fence_changes_nothing() {
    let store = MemoryStore::new(10);
    plan(&store, vec![delivery("a", 1, Severity::Info)]).await;
    let old = claim(&store, 0).await;
    assert!(claim(&store, 29).await.is_empty());
    let new = claim(&store, 30).await;
    assert_eq!(new.len(), 1, "the lease ran out");
    assert_eq!(finish(&store, &old[0], Outcome::Dead).await, Settled::Stale);
    assert_eq!(finish(&store, &new[0], Outcome::Dead).await, Settled::Done);
    assert_eq!(store.outstanding("hook").await.unwrap().total(), 0);
}

#[tokio::test]
async fn a_released_lease_cannot_finish() {
    let store = MemoryStore::new(10);
    plan(&store, vec![delivery("a", 1, Severity::Info)]).await;
    let old = claim(&store, 0).await;
    assert_eq!(store.release("hook", at(1)).await.unwrap(), 1);
    assert_eq!(finish(&store, &old[0], Outcome::Dead).await, Settled::Stale);
    assert_eq!(claim(&store, 1).await.len(), 1);
}

#[tokio::test]
async fn a_rate_limited_attempt_is_not_counted() {
    let store = MemoryStore::new(10);
    plan(&store, vec![delivery("a", 1, Severity::Info)]).await;
    let first = claim(&store, 0).await;
    finish(&store, &first[0], Outcome::Retry { due: at(1), counts: false }).await;
    assert_eq!(claim(&store, 1).await[0].attempt, 1);
}

#[tokio::test]
async fn a_lease_is_finished_once() {
    let store = MemoryStore::new(10);
    plan(&store, vec![delivery("a", 1, Severity::Info)]).await;
    let lease = claim(&store, 0).await;
    let again = || Outcome::Retry { due: at(1), counts: false };
    assert_eq!(finish(&store, &lease[0], again()).await, Settled::Done);
    assert_eq!(finish(&store, &lease[0], again()).await, Settled::Stale);
    assert_eq!(finish(&store, &lease[0], Outcome::Dead).await, Settled::Stale);
    assert_eq!(claim(&store, 1).await[0].attempt, 1);
}

#[tokio::test]
async fn cooldowns_are_bounded_however_many_agents_fire() {
    let store = MemoryStore::new(10);
    let started = tidings_core::clock::instant_now();
    for agent in 0..150_000 {
        let agent = agent.to_string();
        let claim = FiringClaim { rule: "r".into(), agent, at: at(0), cooldown: Duration::from_secs(10) };
        let plan = RulePlan { event: EventId::named("", "e"), firings: vec![claim], sinks: vec![] };
        assert!(store.plan_rule(&[plan], at(0)).await.unwrap()[0].fires[0]);
    }
    assert!(started.elapsed() < Duration::from_secs(60), "no look at all of them for each new one");
}

#[tokio::test]
async fn the_lowest_severity_gives_way() {
    let store = MemoryStore::new(2);
    let rows = vec![delivery("i1", 1, Severity::Info), delivery("i2", 1, Severity::Info)];
    assert!(plan(&store, rows).await.is_empty());
    assert_eq!(plan(&store, vec![delivery("i3", 1, Severity::Info)]).await, ["i3"], "an equal does not displace");
    assert_eq!(plan(&store, vec![delivery("c1", 1, Severity::Critical)]).await, ["i2"]);
    assert_eq!(plan(&store, vec![delivery("e1", 1, Severity::Error)]).await, ["i1"]);
    assert_eq!(names(&claim(&store, 0).await), ["c1"], "the lane goes on behind a head that was shed");
}

#[tokio::test]
async fn what_is_being_sent_is_never_shed() {
    let store = MemoryStore::new(1);
    plan(&store, vec![delivery("i1", 1, Severity::Info)]).await;
    assert_eq!(claim(&store, 0).await.len(), 1);
    assert_eq!(plan(&store, vec![delivery("c1", 1, Severity::Critical)]).await, ["c1"]);
}

#[tokio::test]
async fn a_cooldown_is_given_once() {
    let store = MemoryStore::new(10);
    let mut fired = Vec::new();
    for (rule, agent, now) in
        [("r", "a", 0), ("r", "a", 9), ("r", "b", 9), ("s", "a", 9), ("r", "a", 10), ("r", "a", 4)]
    {
        let claim =
            FiringClaim { rule: rule.into(), agent: agent.into(), at: at(now), cooldown: Duration::from_secs(10) };
        let plan = RulePlan { event: EventId::named("", "e"), firings: vec![claim], sinks: vec![] };
        fired.push(store.plan_rule(&[plan], at(now)).await.unwrap()[0].fires[0]);
    }
    assert_eq!(fired, [true, false, true, true, true, true], "a clock that ran back does not block");
}

#[tokio::test]
async fn a_dedup_key_is_held_for_its_window() {
    let store = MemoryStore::new(10);
    let mut outcomes = Vec::new();
    for (number, priority, now) in [
        (1, Priority::Low, 0),
        (2, Priority::Low, 10),
        (3, Priority::High, 10),
        (4, Priority::Low, 20),
        (5, Priority::Low, 21),
    ] {
        let plan = UserPlan { priority, ..told(number, "ann", NotificationKind::Firing, None, now) };
        outcomes.push(store.plan_user(&[plan], at(now)).await.unwrap()[0]);
    }
    let planned = UserOutcome::Planned;
    assert_eq!(outcomes, [planned, duplicate(1), planned, duplicate(3), planned]);
}

fn id(number: u8) -> NotificationId {
    NotificationId::from_bytes([number; 16])
}

fn duplicate(of: u8) -> UserOutcome {
    UserOutcome::Duplicate { of: id(of) }
}

/// A notification about an incident of a rule, without deliveries; all of them have one key for each user.
fn told(number: u8, user: &str, kind: NotificationKind, incident: Option<i64>, now: i64) -> UserPlan {
    UserPlan {
        notification: id(number),
        user: user.into(),
        kind,
        incident: incident.map(|since| IncidentId::derived("r", Some("a"), at(since), EventId::named("test", "1"))),
        dedup_key: format!("k of {user}"),
        priority: Priority::Low,
        window: Duration::from_secs(10),
        at: at(now),
        deliveries: vec![],
    }
}

#[tokio::test]
async fn a_resolve_is_told_once_to_whom_the_incident_was_told_and_frees_the_key() {
    let store = MemoryStore::new(10);
    let (firing, resolved) = (NotificationKind::Firing, NotificationKind::Resolved);
    let (planned, untold) = (UserOutcome::Planned, UserOutcome::Untold);
    for (number, user, kind, incident, expected) in [
        (1, "ann", resolved, Some(1), untold),
        (2, "ann", firing, Some(1), planned),
        (3, "bob", resolved, Some(1), untold),
        (4, "ann", firing, Some(2), duplicate(2)),
        (5, "ann", resolved, Some(2), untold),
        (6, "ann", resolved, None, untold),
        (7, "ann", resolved, Some(1), planned),
        (7, "ann", resolved, Some(1), planned),
        (8, "ann", resolved, Some(1), duplicate(7)),
        (9, "ann", firing, Some(3), planned),
        (10, "ann", resolved, Some(1), duplicate(7)),
        (11, "ann", firing, Some(4), duplicate(9)),
    ] {
        let outcomes = store.plan_user(&[told(number, user, kind, incident, 5)], at(5)).await.unwrap();
        assert_eq!(outcomes, [expected], "message {number}");
    }
}

#[tokio::test]
async fn an_incident_that_reached_nobody_has_no_end_and_takes_no_key_from_the_next() {
    let store = MemoryStore::new(10);
    let row = |plan: UserPlan, lane| {
        let payload = Payload::Notification(Arc::new(notification(plan.notification)));
        let id = DeliveryId::of_notification(plan.notification, "hook", "hook", 0);
        let row = NewDelivery { id, payload, ..delivery("", lane, Severity::Info) };
        UserPlan { deliveries: vec![row], ..plan }
    };
    let (firing, resolved) = (NotificationKind::Firing, NotificationKind::Resolved);
    let plan = async |plan: UserPlan| store.plan_user(&[plan], at(5)).await.unwrap()[0];
    let (planned, untold) = (UserOutcome::Planned, UserOutcome::Untold);

    assert_eq!(plan(row(told(1, "ann", firing, Some(1), 0), 1)).await, planned);
    let first = claim(&store, 0).await;
    let freed = Settled::Freed { dedup_key: "k of ann".into(), of: id(1) };
    assert_eq!(finish(&store, &first[0], Outcome::Dead).await, freed);
    assert_eq!(plan(told(2, "ann", resolved, Some(1), 1)).await, untold, "nobody heard of it");

    assert_eq!(plan(row(told(3, "ann", firing, Some(2), 2), 1)).await, planned);
    let slow = claim(&store, 2).await;
    assert_eq!(plan(told(4, "ann", resolved, Some(2), 3)).await, planned);
    assert_eq!(plan(told(5, "ann", firing, Some(3), 4)).await, planned);
    assert_eq!(finish(&store, &slow[0], Outcome::Dead).await, Settled::Done);
    assert_eq!(plan(told(6, "ann", firing, Some(4), 5)).await, duplicate(5), "the key is the next incident's by now");
}

fn notification(id: NotificationId) -> tidings_core::Notification {
    let json = serde_json::json!({
        "notification_id": id, "agent_id": "a", "title": "", "body": "", "priority": "low", "channels": [],
        "user_id": "ann", "metadata": {}, "created_at": 0.0, "dedup_key": "",
    });
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn planning_twice_makes_one_delivery() {
    let store = MemoryStore::new(10);
    for _ in 0..2 {
        plan(&store, vec![delivery("a", 1, Severity::Info)]).await;
    }
    assert_eq!(store.outstanding("hook").await.unwrap().total(), 1);
    assert_eq!(store.abandon("hook").await.unwrap().len(), 1);
    assert_eq!(store.outstanding("hook").await.unwrap().total(), 0);
}
