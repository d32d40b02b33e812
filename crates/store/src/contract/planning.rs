//! An event is planned once: its deliveries, its entries and how far rules are come in the same step in which it stops waiting.

use super::{
    rig::{Rig, get},
    samples::{HOOK, Tell, delivered, event_id, firing_claim, name, offer, plan_of, row, trace},
};
use crate::{Admission, Handed, KeptState, LogFilter, RuleOutcome, RulePlan, StateRow, Step, UserOutcome};

/// A plan with one of everything.
fn whole(name: &str) -> RulePlan {
    RulePlan {
        firings: vec![firing_claim("x", 0)],
        sinks: vec![row(name, 1)],
        told: vec![Handed { claim: Some(0), plan: Tell::firing(1).plan() }],
        trace: vec![trace(Step::Fired, Some(0))],
        ..plan_of(name)
    }
}

pub(super) async fn a_plan_is_made_in_one_step(rig: &mut Rig) {
    rig.accept(&[offer("a"), offer("b")], 0).await;
    let outcome = rig.plan(whole("a"), 0).await;
    assert_eq!(outcome.fires, [Admission::Granted]);
    assert_eq!(outcome.told, [UserOutcome::Planned]);
    assert!(outcome.shed.is_empty());
    rig.reopen(0).await;
    assert_eq!((rig.owed(HOOK).await, rig.owed("push").await), ((1, 0), (1, 0)));
    let census = get(rig.store().census()).await;
    assert_eq!((census.events, census.waiting, census.notifications, census.open), (2, 1, 1, 2));
    let waits = get(rig.store().event(event_id("a"))).await.map(|event| event.waiting);
    assert_eq!(waits, Some(false));
    let steps: Vec<_> = rig.log(&LogFilter::default()).await.iter().map(|entry| entry.step.as_str()).collect();
    assert_eq!(steps, ["fired", "planned"]);
}

pub(super) async fn an_event_planned_twice_gives_nothing_new(rig: &mut Rig) {
    rig.accept(&[offer("a")], 0).await;
    rig.plan(whole("a"), 0).await;
    for round in 0..3 {
        let before = get(rig.store().census()).await;
        let outcome = rig.plan(whole("a"), round).await;
        assert_eq!(outcome.fires, [Admission::Granted], "as it was answered then");
        assert_eq!(outcome.told, [UserOutcome::Planned]);
        assert_eq!(get(rig.store().census()).await, before, "round {round}");
        match round {
            // Once more when all it gave is settled, and once more in the next life.
            0 => {
                rig.attempt(HOOK, delivered(), 0).await;
                rig.attempt("push", delivered(), 0).await;
            }
            _ => drop(rig.reopen(round).await),
        }
    }
    assert_eq!((rig.owed(HOOK).await, rig.owed("push").await), ((0, 0), (0, 0)));
    assert_eq!(rig.steps(Step::Fired).await.len(), 1);
}

pub(super) async fn an_event_twice_in_a_batch_is_planned_once(rig: &mut Rig) {
    rig.accept(&[offer("a")], 0).await;
    rig.plan_all(vec![whole("a"), whole("a")], vec![], 0).await;
    let census = get(rig.store().census()).await;
    assert_eq!((census.notifications, census.deliveries), (1, 2));
}

pub(super) async fn what_time_alone_gave_is_planned_once(rig: &mut Rig) {
    let timed = || RulePlan { sinks: vec![], ..whole("an hour without a word") };
    let is_planned = |outcome: RuleOutcome| matches!(*outcome.told, [UserOutcome::Planned | UserOutcome::Known]);
    rig.plan(timed(), 0).await;
    assert!(is_planned(rig.plan(timed(), 1).await));
    rig.attempt("push", delivered(), 1).await;
    rig.reopen(2).await;
    assert!(is_planned(rig.plan(timed(), 2).await));
    let census = get(rig.store().census()).await;
    assert_eq!((census.events, census.notifications, census.deliveries, census.open), (0, 1, 1, 0));
}

pub(super) async fn events_are_planned_in_any_order(rig: &mut Rig) {
    let names: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    rig.accept(&names.iter().map(|name| offer(name)).collect::<Vec<_>>(), 0).await;
    for step in 0..40 {
        let place = step * 27 % 40;
        let plan = RulePlan { sinks: vec![row(&names[place], place as u64)], ..plan_of(&names[place]) };
        rig.plan(plan, 0).await;
        assert_eq!(get(rig.store().census()).await.waiting, 39 - step as u64);
    }
    let mut sent: Vec<_> = rig.claim(HOOK, 0).await.iter().map(|lease| name(&lease.delivery)).collect();
    sent.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
    assert_eq!(sent, names);
}

pub(super) async fn states_go_with_the_plan(rig: &mut Rig) {
    let state = |rule: &str, key: &str, state: &[u8]| StateRow {
        rule: rule.to_owned(),
        key: key.to_owned(),
        state: state.to_vec(),
    };
    rig.accept(&[offer("a")], 0).await;
    let first = vec![state("r", "a", b"1"), state("r", "b", &[0, 255]), state("s", "a", b"3"), state("r", "", b"4")];
    rig.plan_all(vec![plan_of("a")], first, 0).await;
    // Time alone may change states without any plan.
    let second = vec![state("r", "a", b"5"), state("s", "a", b""), state("s", "none", b""), state("r", "b", &[7])];
    rig.plan_all(vec![], second, 1).await;
    for life in 0..2 {
        let mut kept = get(rig.store().states()).await;
        kept.sort_by(|one, other| (&one.row.rule, &one.row.key).cmp(&(&other.row.rule, &other.row.key)));
        let expected = [state("r", "", b"4"), state("r", "a", b"5"), state("r", "b", &[7])];
        assert_eq!(kept, expected.map(|row| KeptState { row, shift: 0 }), "life {life}");
        rig.reopen(2).await;
    }
}
