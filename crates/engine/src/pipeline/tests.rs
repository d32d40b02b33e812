//! The pipeline on firings made by hand: what a resolve and a firing by time alone give.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Event, Notification, NotificationKind};
use tidings_store::UserPlan;

use super::*;
use crate::user::User;

fn pipeline(rules: Vec<Rule>) -> Pipeline {
    let mut users = crate::Users::default();
    users.insert("ann", User::default());
    let parts = crate::configured::Configured {
        sinks: Vec::new(),
        channels: Vec::new(),
        rules,
        given: crate::people::People { users, ..Default::default() },
        storm: None,
        window: Duration::from_secs(300),
        fallbacks: Fallbacks::default(),
        age: crate::wiring::Age { limit: Duration::from_secs(86_400), patient: false },
        room: 1,
        retention: Duration::ZERO,
        shutdown_timeout: Duration::ZERO,
    };
    parts.pipeline().unwrap().0
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn event(agent: Option<&str>, load: u32) -> Arc<Event> {
    let event = Event::new("sample").at(at(0)).data(json!({"load": load}));
    Arc::new(agent.map_or(event.clone(), |agent| event.agent(agent)))
}

fn firing(kind: FiringKind, since: i64, now: i64) -> Firing {
    Firing {
        rule: 0,
        kind,
        at: at(now),
        since: at(since),
        named_since: at(since),
        event: event(Some("a"), 1),
        origin: event(Some("a"), 9),
        timed: true,
        summary: "load > 5 (load = 1)".to_owned(),
    }
}

fn rule() -> Rule {
    Rule::new("hot", "load > 5").unwrap()
}

fn timed(pipeline: &Pipeline, firing: &Firing) -> Planned {
    pipeline.process_timed(firing, Moment { now: firing.at, wall: firing.at })
}

/// What is sent: for each notification its text, and what the store is told of it.
fn sent(planned: &Planned) -> Vec<(&UserPlan, &Notification)> {
    planned.rule.told.iter().map(|handed| (&handed.plan, &*handed.plan.notification)).collect()
}

#[test]
fn a_resolve_is_its_firing_taken_back() {
    let rule = rule().title("{{ agent_id }} at {{ data.load }}").unwrap().dedup_key("load {{ data.load }}").unwrap();
    let pipeline = pipeline(vec![rule.body("look at {{ data.load }}").unwrap()]);
    let (fires, resolves) = (
        timed(&pipeline, &Firing { event: event(Some("a"), 9), ..firing(FiringKind::Fire, 10, 10) }),
        timed(&pipeline, &firing(FiringKind::Resolve, 10, 75)),
    );
    assert_eq!((fires.rule.firings.len(), resolves.rule.firings.len()), (1, 0), "a resolve claims no cooldown");
    assert_eq!((fires.rule.told[0].claim, resolves.rule.told[0].claim), (Some(0), None));
    let ((first, fired), (last, resolved)) = (sent(&fires).remove(0), sent(&resolves).remove(0));
    assert_eq!((fired.title.as_str(), fired.body.as_str()), ("a at 9", "look at 9"));
    assert_eq!(resolved.title, "Resolved: a at 9");
    assert_eq!(resolved.body, "load > 5 (load = 1)\nOver 1m5s after it was told.");
    assert_eq!((fired.kind, resolved.kind), (NotificationKind::Firing, NotificationKind::Resolved));
    assert!(fired.incident.is_some() && fired.incident == resolved.incident && fired.dedup_key == resolved.dedup_key);
    let steps = |planned: &Planned| planned.rule.trace.iter().map(|entry| entry.step).collect::<Vec<_>>();
    assert_eq!((steps(&fires), steps(&resolves)), (vec![LogStep::Fired], vec![LogStep::Resolved]));
    assert_eq!(first.deliveries[0].lane, last.deliveries[0].lane, "it does not overtake");
    assert_ne!(first.deliveries[0].id, last.deliveries[0].id);
    assert_eq!((&resolved.metadata["kind"], &fired.metadata["kind"]), (&json!("resolved"), &json!("firing")));
    assert_eq!(resolved.metadata["incident"], fired.metadata["incident"]);
}

#[test]
fn the_default_body_is_what_the_rule_set_saw() {
    let pipeline = pipeline(vec![rule()]);
    let seen = Firing { summary: "count(5m) >= 3 (count(5m) = 4)".to_owned(), ..firing(FiringKind::Fire, 1, 1) };
    assert_eq!(sent(&timed(&pipeline, &seen))[0].1.body, seen.summary);
}

#[test]
fn the_next_incident_after_a_resolve_is_no_repeat() {
    let pipeline = pipeline(vec![rule()]);
    let tell = |kind, since, now| sent(&timed(&pipeline, &firing(kind, since, now))).len();
    assert_eq!(tell(FiringKind::Fire, 1, 1), 1);
    assert_eq!(tell(FiringKind::Fire, 2, 2), 0, "within the window");
    assert_eq!(tell(FiringKind::Resolve, 1, 3), 1);
    assert_eq!(tell(FiringKind::Fire, 4, 4), 1);
}

#[test]
fn what_time_alone_gave_has_an_id_of_its_own_and_reaches_no_sink() {
    let pipeline = pipeline(vec![rule(), Rule::new("other", "load > 5").unwrap()]);
    let first = firing(FiringKind::Fire, 10, 10);
    let others = [
        Firing { rule: 1, ..first.clone() },
        Firing { event: event(None, 9), ..first.clone() },
        Firing { event: event(Some(""), 9), ..first.clone() },
        Firing { at: at(11), ..first.clone() },
        Firing { kind: FiringKind::Resolve, ..first.clone() },
    ];
    let id = timed(&pipeline, &first).rule.event;
    assert_eq!(id, timed(&pipeline, &first).rule.event, "planned again it is the same");
    for other in &others {
        let planned = timed(&pipeline, other);
        assert!(planned.rule.sinks.is_empty());
        assert_ne!(planned.rule.event, id, "{other:?}");
    }
}

proptest! {
    /// Whatever comes in whatever order: a resolve is never taken for a repeat.
    #[test]
    fn a_resolve_is_never_swallowed(steps in prop::collection::vec((any::<bool>(), 0i64..5, 0i64..400), 1..40)) {
        let pipeline = pipeline(vec![rule()]);
        let mut now = 0;
        for (resolves, since, step) in steps {
            now += step;
            let kind = if resolves { FiringKind::Resolve } else { FiringKind::Fire };
            let told = sent(&timed(&pipeline, &firing(kind, since, now))).len();
            prop_assert!(told == 1 || !resolves);
        }
    }
}
