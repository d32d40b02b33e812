//! What each rule made of an event: with the values that it read, and until when.

use serde_json::{Value, json};
use tidings_core::Timestamp;
use tidings_engine::{Rule, explain::RuleVerdict};

use super::{KINDS, Scene, assert_says, at, event, rule, seconds};

/// What is expected of a rule's last event: verdict, since, until, and what the text says.
type Expected<'a> = (RuleVerdict, Option<Timestamp>, Option<Timestamp>, &'a [&'a str]);

/// One rule sees events at these seconds; the last one is explained.
async fn check(condition: &str, cooldown: u64, events: &[(i64, Value)], expected: Expected<'_>) {
    for kind in KINDS {
        let own = Rule::new("r", condition).unwrap().cooldown(seconds(cooldown));
        let scene = Scene::open(kind, |builder| builder.rule(own)).await;
        let mut ids = Vec::new();
        for (second, data) in events {
            ids.push(scene.send(*second, event(data.clone())).await);
        }
        let told = scene.explain(ids.last().unwrap()).await;
        let found = rule(&told, "r");
        let (verdict, since, until, says) = expected;
        assert_eq!((found.verdict, found.since, found.until), (verdict, since, until), "{kind:?} {condition}: {told}");
        assert_says(&told, says);
        scene.notifier.stop().await;
    }
}

#[tokio::test]
async fn one_that_did_not_hold_is_told_with_its_values() {
    let says = ["did not hold", "load > 5 && calls >= 2 (load = 3, calls = 7)"];
    let events = [(0, json!({"load": 3, "calls": 7}))];
    check("load > 5 && calls >= 2", 60, &events, (RuleVerdict::No, None, None, &says)).await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let says = ["something is missing: ", "load", "load > 5 (load = missing)"];
    check("load > 5", 60, &[(0, json!({"lod": 9}))], (RuleVerdict::Missing, None, None, &says)).await;
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let says = ["it cannot be judged: ", r#"load > 5 (load = "high")"#];
    check("load > 5", 60, &[(0, json!({"load": "high"}))], (RuleVerdict::Error, None, None, &says)).await;
}

#[tokio::test]
async fn what_holds_not_long_enough_is_pending_until_then() {
    let events = [(0, json!({"load": 1})), (10, json!({"load": 9})), (40, json!({"load": 8}))];
    let says = ["pending until 22:15:30", "load > 5 for 2m (load = 8)"];
    check("load > 5 for 2m", 60, &events, (RuleVerdict::Pending, None, Some(at(130)), &says)).await;
}

#[tokio::test]
async fn what_fires_until_it_is_resolved_is_told_since_when() {
    let events = [(0, json!({"load": 9})), (400, json!({"load": 3}))];
    let says = ["firing since 22:13:20 and not over", "(load = 3)"];
    check("load > 5 resolve when load < 2", 60, &events, (RuleVerdict::Firing, Some(at(0)), None, &says)).await;
}

#[tokio::test]
async fn a_cooldown_is_told_from_when_to_when() {
    let events = [(0, json!({"load": 9})), (30, json!({"load": 8}))];
    let says = ["in cooldown since 22:13:20 until 22:14:20", "load > 5 (load = 8)"];
    check("load > 5", 60, &events, (RuleVerdict::Cooldown, Some(at(0)), Some(at(60)), &says)).await;
    let fresh = [(0, json!({"load": 9})), (30, json!({"load": 8})), (60, json!({"load": 7}))];
    let says = ["fired at 22:14:20; in cooldown until 22:15:20", "load > 5 (load = 7)"];
    check("load > 5", 60, &fresh, (RuleVerdict::Fired, None, Some(at(120)), &says)).await;
}

#[tokio::test]
async fn a_cooldown_after_a_hold_is_no_new_hold() {
    let events = [0, 30, 60, 90, 120].map(|second| (second, json!({"load": 9})));
    let says = ["in cooldown since 22:14:20 until 22:23:20"];
    check("load > 5 for 1m", 540, &events, (RuleVerdict::Cooldown, Some(at(60)), Some(at(600)), &says)).await;
}

#[tokio::test]
async fn a_window_is_told_as_it_was_then() {
    let events = [0, 10, 20, 200].map(|second| (second, json!({"load": 9})));
    let says = ["did not hold", "count(load > 5, 1m) >= 3", "count(load > 5, 1m) = 1"];
    check("count(load > 5, 1m) >= 3", 600, &events, (RuleVerdict::No, None, None, &says)).await;
    let two = [0, 10].map(|second| (second, json!({"load": 9})));
    let says = ["did not hold", "count(load > 5, 1m) = 2"];
    check("count(load > 5, 1m) >= 3", 600, &two, (RuleVerdict::No, None, None, &says)).await;
}

#[tokio::test]
async fn an_end_is_told_with_its_beginning_and_the_other_way_round() {
    for kind in KINDS {
        let own = Rule::new("r", "load > 5 resolve when load < 2").unwrap().cooldown(seconds(60));
        let scene = Scene::open(kind, |builder| builder.rule(own)).await;
        let begin = scene.send(0, event(json!({"load": 9}))).await;
        let end = scene.send(30, event(json!({"load": 1}))).await;
        let told = scene.explain(end).await;
        let found = rule(&told, "r");
        assert_eq!((found.verdict, found.at, found.since), (RuleVerdict::Resolved, Some(at(30)), Some(at(0))));
        assert_eq!(found.counterpart.and_then(|other| other.event), Some(begin));
        assert_says(&told, &["resolved at 22:13:50", "what it ends fired at 22:13:20 by", "Resolved: r"]);
        let told = scene.explain(begin).await;
        assert_eq!(rule(&told, "r").counterpart.map(|other| (other.at, other.event)), Some((at(30), Some(end))));
        assert_says(&told, &["fired at 22:13:20", "it was resolved at 22:13:50 by ", &end.to_string()]);
    }
}

#[tokio::test]
async fn an_older_event_is_explained_as_of_then() {
    for kind in KINDS {
        let own = Rule::new("r", "load > 5 resolve when load < 2").unwrap().cooldown(seconds(60));
        let scene = Scene::open(kind, |builder| builder.rule(own)).await;
        let quiet = scene.send(0, event(json!({"load": 3}))).await;
        scene.send(0, event(json!({"load": 9}))).await;
        let firing = scene.send(10, event(json!({"load": 8}))).await;
        scene.send(20, event(json!({"load": 1}))).await;
        let resting = scene.send(30, event(json!({"load": 7}))).await;
        let verdict = async |id| rule(&scene.explain(id).await, "r").verdict;
        assert_eq!(verdict(quiet).await, RuleVerdict::No, "{kind:?}: what fired at the same moment came after it");
        assert_eq!(verdict(firing).await, RuleVerdict::Firing, "{kind:?}");
        assert_eq!(verdict(resting).await, RuleVerdict::Cooldown, "{kind:?}");
    }
}

#[tokio::test]
async fn rules_about_other_agents_are_named_with_their_pattern() {
    for kind in KINDS {
        let of = |name: &str, agent: &str| Rule::new(name, "true").unwrap().agent(agent).unwrap();
        let scene = Scene::open(kind, |builder| builder.rule(of("own", "a*")).rule(of("other", "b*"))).await;
        let id = scene.send(0, event(json!({}))).await;
        let told = scene.explain(id).await;
        assert_eq!(rule(&told, "other").verdict, RuleVerdict::OtherAgent);
        assert_eq!(rule(&told, "own").verdict, RuleVerdict::Fired);
        assert_says(&told, &["own: fired", "about other agents: other (b*)"]);
    }
}

#[tokio::test]
async fn an_event_that_matched_nothing_is_explained() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| builder).await;
        let id = scene.send(0, event(json!({}))).await;
        let told = scene.explain(id).await;
        assert!(told.rules.is_empty() && told.sinks.is_empty() && told.unknown.is_empty(), "{told}");
        assert_says(&told, &["custom.load (info) of a", "2023-11-14 22:13:20", "there was no sink and no rule"]);
    }
}

#[tokio::test]
async fn events_without_an_agent_have_a_past_of_their_own() {
    for kind in KINDS {
        let own = Rule::new("r", "load > 5").unwrap().cooldown(seconds(60));
        let scene = Scene::open(kind, |builder| builder.rule(own)).await;
        let nameless = || tidings_core::Event::new("custom.load").data(json!({"load": 9}));
        scene.send(0, event(json!({"load": 9}))).await;
        scene.send(10, nameless()).await;
        let id = scene.send(30, nameless()).await;
        let told = scene.explain(id).await;
        let found = rule(&told, "r");
        assert_eq!((found.verdict, found.until), (RuleVerdict::Cooldown, Some(at(70))), "{kind:?}");
    }
}

#[tokio::test]
async fn an_event_is_explained_as_of_when_it_was_judged_and_not_of_when_it_was_accepted() {
    for kind in KINDS {
        let held = Rule::new("held", "load > 5 for 1m").unwrap();
        let scene = Scene::open(kind, |builder| builder.rule(held)).await;
        let milliseconds = |count: i64| at(0) + std::time::Duration::from_millis(count.unsigned_abs());
        let id = scene.send(0, event(json!({"load": 1}))).await;
        assert_eq!(scene.store.event(id).await.unwrap().unwrap().judged, Some(at(0)), "the engine says when");
        // Accepted at once, and judged half a second later; the next one is judged at once.
        for (name, accepted, judged) in [("first", 0, 500), ("second", 60_200, 60_300)] {
            let event = event(json!({"load": 9})).id(name).at(milliseconds(accepted));
            let offer = tidings_store::Offer { id: event.identity(0), event: event.into(), repeatable: true };
            scene.store.accept(std::slice::from_ref(&offer), milliseconds(accepted)).await.unwrap();
            let plan = tidings_store::RulePlan {
                judged: Some(milliseconds(judged)),
                ..tidings_store::RulePlan::nothing(offer.id)
            };
            let batch = tidings_store::RuleBatch { plans: vec![plan], states: vec![] };
            scene.store.plan_rule(&batch, milliseconds(judged)).await.unwrap();
        }
        let told = scene.explain("second").await;
        let held = rule(&told, "held");
        assert_eq!((held.verdict, held.until), (RuleVerdict::Pending, Some(milliseconds(60_500))), "{told}");
    }
}
