//! What a purge took, or nobody ever kept, is said to be unknown: no error, and no silence.

use serde_json::json;
use tidings_core::{ErrorKind, EventId};
use tidings_engine::{
    Rule, Sink, User,
    explain::{Decision, DeliveryState, Explanation, RuleVerdict, SinkWish, Subject, explain},
};
use tidings_store::{NewEntry, Offer, RuleBatch, RulePlan, Step, Store};
use tidings_testkit::FakeClock;

use super::{AGAIN, KINDS, Kind, Scene, Scripted, assert_says, at, event, once, policy, rule, seconds, store};

const OLDER: &str = "the log does not reach back to it any more: some of what came of it may be missing";
const EVENT_GONE: &str = "the event itself is not kept any more";
const RULES_GONE: &str = "the rules and sinks of then are not known: what is told comes from the log alone";

/// Forgets all that is settled and older than this second.
async fn purge(store: &dyn Store, second: i64) {
    while store.purge(at(second), 1_000).await.unwrap().total() > 0 {}
}

fn is_unknown(told: &Explanation, what: &str) -> bool {
    told.unknown.iter().any(|unknown| unknown == what)
}

/// An event at 0 whose notification fails at first, and arrives at 100.
async fn story(kind: Kind) -> (Scene, EventId) {
    let flaky = Scripted::new([(AGAIN, ErrorKind::Status(503), "busy")]);
    let wakes = Rule::new("r", "load > 5").unwrap().channels(["push"]).cooldown(seconds(60));
    let scene = Scene::open(kind, |builder| builder.rule(wakes).channel("push", flaky, policy([100, 100]))).await;
    let id = scene.send(0, event(json!({"load": 9}))).await;
    scene.logged(Step::Retry, 1).await;
    (scene, id)
}

#[tokio::test]
async fn an_event_whose_entries_are_purged_while_something_of_it_is_under_way_says_so() {
    for kind in KINDS {
        let (scene, id) = story(kind).await;
        assert!(scene.explain(id).await.unknown.is_empty());
        let told = scene.explain(id).await;
        let (notification, delivery) = (told.notifications[0].id, told.notifications[0].deliveries[0].id);
        purge(&*scene.store, 50).await;
        let told = scene.explain(notification).await;
        let open = &told.notifications[0];
        assert_eq!((open.decision, open.user.as_deref()), (Decision::Planned, Some("ann")), "{kind:?}: {told}");
        assert_eq!(open.deliveries[0].state, DeliveryState::Waiting { due: at(100) });
        assert_eq!(told.unknown.len(), 1, "{told}");
        assert_says(
            &scene.explain(delivery).await,
            &["delivery", "to ann by rule r", "waiting, due at 22:15:00", "unknown"],
        );
        let Some(told) = scene.notifier.explain(&id.to_string()).await.unwrap() else {
            assert!(matches!(kind, Kind::Memory), "a file keeps the events of what is open");
            continue;
        };
        assert_eq!((told.subject, rule(&told, "r").verdict), (Subject::Event, RuleVerdict::Unknown));
        assert_eq!(told.unknown, [OLDER], "{told}");
        assert_says(&told, &["custom.load", "r: what it made of it is not known", "load > 5 (load = 9)", OLDER]);
    }
}

#[tokio::test]
async fn what_is_left_of_an_event_after_a_purge_is_told_and_the_rest_is_said_to_be_unknown() {
    for kind in KINDS {
        let (scene, id) = story(kind).await;
        let notification = scene.explain(id).await.notifications[0].id;
        scene.clock.set(at(100));
        scene.drain().await;
        purge(&*scene.store, 50).await;
        for asked in [id.to_string(), notification.to_string()] {
            let told = scene.explain(asked).await;
            let left = &told.notifications[0];
            assert_eq!((left.id, left.user.as_deref(), left.rule.as_deref()), (notification, Some("ann"), Some("r")));
            assert_eq!(left.deliveries[0].state, DeliveryState::Delivered, "{kind:?}: {told}");
            assert_says(&told, &["to ann by rule r", "attempt 2 of 3: delivered (200)"]);
            match kind {
                // A file keeps what its log tells of.
                Kind::File => {
                    assert_eq!((left.decision, told.event.is_some()), (Decision::Planned, true));
                    assert_says(&told, &["complete: 1 of 1", &format!("unknown: {OLDER}")]);
                }
                Kind::Memory => {
                    assert_eq!((left.decision, told.event.is_some()), (Decision::Unknown, false));
                    assert_says(&told, &["what was decided is not kept", &format!("unknown: {EVENT_GONE}")]);
                }
            }
        }
        purge(&*scene.store, 1_000).await;
        assert_eq!(scene.notifier.explain(&id.to_string()).await.unwrap(), None, "{kind:?}: nothing is left");
    }
}

#[tokio::test]
async fn an_event_after_what_was_purged_is_told_as_a_whole() {
    for kind in KINDS {
        let (scene, _) = story(kind).await;
        scene.clock.set(at(100));
        scene.drain().await;
        let early = scene.send(200, event(json!({"load": 9}))).await;
        scene.drain().await;
        let late = scene.send(300, event(json!({"load": 9}))).await;
        scene.drain().await;
        purge(&*scene.store, 150).await;
        for (id, verdict) in [(early, RuleVerdict::Fired), (late, RuleVerdict::Fired)] {
            let told = scene.explain(id).await;
            assert_eq!((rule(&told, "r").verdict, told.unknown.len()), (verdict, 0), "{kind:?}: {told}");
        }
    }
}

#[tokio::test]
async fn a_log_that_was_purged_as_a_whole_is_missed() {
    for kind in KINDS {
        let slow = Scripted::new([(AGAIN, ErrorKind::Status(503), "busy")]);
        let scene = Scene::open(kind, |builder| builder.sink(Sink::channel("hook", slow, policy([100]), 1))).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.logged(Step::Retry, 1).await;
        let delivery = scene.explain(id).await.sinks[0].delivery.as_ref().unwrap().id;
        purge(&*scene.store, 50).await;
        let told = scene.explain(delivery).await;
        assert!(!told.unknown.is_empty(), "{kind:?}: {told}");
        if matches!(kind, Kind::File) {
            assert!(is_unknown(&scene.explain(id).await, OLDER));
            assert_says(&told, &["hook: wanted", "waiting, due at 22:15:00", OLDER]);
        }
    }
}

#[tokio::test]
async fn what_was_judged_by_rules_that_nobody_kept_is_told_from_the_log_alone() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let store = store(kind, folder.path(), &FakeClock::at(at(0)));
        let event = event(json!({"load": 9})).id("7").at(at(0));
        let offer = Offer { id: event.identity(0), event: event.into(), repeatable: true };
        store.accept(std::slice::from_ref(&offer), at(0)).await.unwrap();
        let detail = json!({"at": at(0), "condition": "load > 5 (load = 9)"}).as_object().cloned().unwrap();
        let fired =
            NewEntry { rule: Some("r".into()), agent: Some("a".to_owned()), detail, ..NewEntry::new(Step::Fired) };
        let called = NewEntry {
            delivery: Some(tidings_core::DeliveryId::of_event(offer.id, "hook")),
            endpoint: Some("hook".into()),
            ..NewEntry::new(Step::Dead)
        };
        let plan = RulePlan { trace: vec![fired, called], ..RulePlan::nothing(offer.id) };
        store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, at(0)).await.unwrap();
        let told = explain(&*store, "7").await.unwrap().unwrap();
        assert_eq!(told.unknown, [RULES_GONE], "{kind:?}");
        assert_eq!((rule(&told, "r").verdict, rule(&told, "r").agent.as_deref()), (RuleVerdict::Fired, None));
        assert_eq!((told.sinks.len(), &told.sinks[0].wish), (1, &SinkWish::Wanted));
        assert_says(&told, &["hook: wanted", "given up", "r: fired at 22:13:20", "load > 5 (load = 9)", RULES_GONE]);
    }
}

#[tokio::test]
async fn what_tells_more_people_than_can_be_listed_says_that_it_is_cut() {
    let scene = Scene::open(Kind::Memory, |builder| {
        let crowd = |builder: tidings_engine::Builder, number| builder.user(&format!("user {number}"), User::default());
        let wakes = Rule::new("r", "true").unwrap().channels(["push"]);
        (0..1_000).fold(builder.rule(wakes).channel("push", Scripted::new([]), once()), crowd)
    })
    .await;
    let id = scene.send(0, event(json!({}))).await;
    scene.drain().await;
    let told = scene.explain(id).await;
    assert_eq!((told.notifications.len(), rule(&told, "r").verdict), (1_000, RuleVerdict::Fired));
    assert_eq!(told.unknown, ["it gave more than is told here: see the log"]);
    assert!(told.to_string().ends_with("unknown: it gave more than is told here: see the log"));
}
