//! The store's contract, as far as it stands today, on the store in memory.

use std::{sync::Arc, time::Duration};

use tidings_core::{
    DeliveryId, Event, EventId, NotificationId, Payload, Priority, Receipt, Severity, Timestamp, id::derive,
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
    let id = |n: u8| NotificationId::from_bytes([n; 16]);
    let mut outcomes = Vec::new();
    for (number, priority, now) in [
        (1, Priority::Low, 0),
        (2, Priority::Low, 10),
        (3, Priority::High, 10),
        (4, Priority::Low, 20),
        (5, Priority::Low, 21),
    ] {
        let plan = UserPlan {
            notification: id(number),
            dedup_key: "k".into(),
            priority,
            window: Duration::from_secs(10),
            at: at(now),
            deliveries: vec![],
        };
        outcomes.push(store.plan_user(&[plan], at(now)).await.unwrap()[0]);
    }
    let duplicate = |n| UserOutcome::Duplicate { of: id(n) };
    let planned = UserOutcome::Planned;
    assert_eq!(outcomes, [planned, duplicate(1), planned, duplicate(3), planned]);
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
