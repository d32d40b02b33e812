//! What is kept beside events and deliveries: versions of the rules, cursors of sinks; and what a clock that was set back does.

use std::time::Duration;

use serde_json::json;
use tidings_core::Timestamp;

use super::{
    rig::{Rig, get},
    samples::{HOOK, Tell, again, at, event_id, firing_claim, offer, plan_of, row},
};
use crate::{Admission, EventRange, LogFilter, NewDelivery, RulePlan, RuleSetVersion, SetBack, StateRow, UserOutcome};

pub(super) async fn an_event_has_the_rules_that_it_was_judged_by(rig: &mut Rig) {
    let version = |from, name: &str| RuleSetVersion { from, since: at(5), content: json!({"z": name, "a": [1, 0.5]}) };
    assert_eq!(get(rig.store().rule_set(1)).await, None);
    let put = async |rig: &Rig, from, name| get(rig.store().put_rule_set(&version(from, name))).await;
    assert_eq!(put(rig, 1, "one").await, 1);
    assert_eq!(put(rig, 4, "one").await, 1, "the same content is the same version");
    assert_eq!(put(rig, 6, "two").await, 6);
    rig.reopen(6).await;
    assert_eq!(put(rig, 8, "two").await, 6, "in the next life too");
    assert_eq!(put(rig, 9, "one").await, 9, "an older content is a new version");
    assert_eq!(put(rig, 9, "three").await, 9, "no event was judged by the one before");
    for (event, expected) in [(0, None), (1, Some("one")), (5, Some("one")), (6, Some("two")), (8, Some("two"))] {
        let found = get(rig.store().rule_set(event)).await.map(|found| found.content);
        assert_eq!(found, expected.map(|name| version(0, name).content), "event {event}");
    }
    assert_eq!(get(rig.store().rule_set(u64::MAX)).await, Some(version(9, "three")));
}

/// When rules saw each event, as a range tells it and as one asked for alone does.
async fn seen(rig: &Rig, names: &[&str]) -> Vec<Option<i64>> {
    let mut alone = Vec::new();
    for name in names {
        let event = get(rig.store().event(event_id(name))).await;
        alone.push(event.and_then(|event| event.judged).map(Timestamp::as_secs));
    }
    let all = get(rig.store().events(&EventRange::default(), names.len())).await;
    assert_eq!(all.iter().map(|event| event.judged.map(Timestamp::as_secs)).collect::<Vec<_>>(), alone);
    let rest = EventRange { after: 2, ..EventRange::default() };
    let rest = get(rig.store().events(&rest, names.len())).await;
    assert!(rest.iter().map(|event| event.judged).eq(all.iter().skip(2).map(|event| event.judged)));
    alone
}

pub(super) async fn an_event_keeps_when_rules_saw_it(rig: &mut Rig) {
    let names = ["a", "b", "c", "d", "e", "f"];
    rig.accept(&names.map(offer), 1).await;
    assert_eq!(seen(rig, &names).await, [None; 6], "what waits was seen by none");
    let plan = |name, second: i64| RulePlan { judged: Some(at(second)), ..plan_of(name) };
    rig.plan_all(vec![plan("a", 3), plan("b", 3), plan("d", 3)], vec![], 5).await;
    rig.plan(plan("c", 4), 5).await;
    rig.plan_all(vec![plan_of("e"), plan("a", 9), plan("never", 9)], vec![], 6).await;
    let (three, four) = (Some(3), Some(4));
    assert_eq!(seen(rig, &names).await, [three, three, four, three, None, None], "once, and not where nobody tells");
    rig.reopen(7).await;
    assert_eq!(seen(rig, &names).await, [three, three, four, three, None, None]);
    rig.plan(plan("f", 7), 8).await;
    assert_eq!(seen(rig, &names).await.last(), Some(&Some(7)));
    assert_eq!(get(rig.store().set_backs()).await, []);
}

pub(super) async fn a_cursor_never_goes_back(rig: &mut Rig) {
    let cursor = async |rig: &Rig, sink| get(rig.store().cursor(sink)).await;
    assert_eq!(cursor(rig, "log").await, None);
    for (number, expected) in [(3, 3), (2, 3), (0, 3), (7, 7)] {
        get(rig.store().advance("log", number)).await;
        assert_eq!(cursor(rig, "log").await, Some(expected));
    }
    assert_eq!(cursor(rig, "other").await, None);
    rig.reopen(1).await;
    assert_eq!(cursor(rig, "log").await, Some(7));
}

/// A life that ends at 1,000 s: a delivery due at 1,100, one that is leased, a cooldown and a key from 995, a state.
async fn a_life(rig: &Rig) {
    rig.send(vec![NewDelivery { due: at(1_100), ..row("later", 1) }, row("leased", 2)], 990).await;
    rig.tell(&Tell::firing(1).at(995).due(995).yields_at(1_050)).await;
    rig.attempt("push", again(1_040), 995).await;
    rig.accept(&[offer("cause of it")], 995).await;
    let plan = RulePlan { firings: vec![firing_claim("x", 995)], ..plan_of("cause of it") };
    let state = StateRow { rule: "r".to_owned(), key: "k".to_owned(), state: b"1".to_vec() };
    rig.plan_all(vec![plan], vec![state], 1_000).await;
    rig.claim_one(HOOK, 1_000).await;
}

pub(super) async fn a_clock_that_was_set_back_moves_what_is_due(rig: &mut Rig) {
    a_life(rig).await;
    let found = rig.reopen(500).await;
    if !rig.subject.durable() {
        return;
    }
    assert_eq!(found.shift, 500_000_000_000);
    assert_eq!(rig.claim_one(HOOK, 500).await.attempt, 2, "the lease of the life before is over");
    let later = get(rig.store().delivery(row("later", 1).id)).await.map(|(_, due)| due);
    assert_eq!(later, Some(at(600)));
    assert!(rig.claim("push", 539).await.is_empty());
    let lease = rig.claim_one("push", 540).await;
    assert_eq!(lease.delivery.expires, at(550), "the end of its plan moves too");
    let fires = fire_again(rig, 580).await;
    assert_eq!(fires, Admission::Granted, "rules go by a clock of their own, which ran back");
}

pub(super) async fn a_clock_that_was_set_back_moves_what_rules_hold(rig: &mut Rig) {
    a_life(rig).await;
    let found = rig.reopen_shifting(true, 500).await;
    if !rig.subject.durable() {
        return;
    }
    assert_eq!(found.shift, 500_000_000_000);
    let entry = rig.log(&LogFilter::default()).await.last().map_or(0, |entry| entry.number);
    let back = [SetBack { event: found.last_event, entry, by: Duration::from_secs(500) }];
    assert!(found.last_event > 0 && entry > 0);
    assert_eq!(found.set_backs, back);
    assert_eq!(get(rig.store().set_backs()).await, back);
    let states = get(rig.store().states()).await;
    assert_eq!(states.iter().map(|state| state.shift).collect::<Vec<_>>(), [500_000_000_000]);
    assert_eq!(fire_again(rig, 504).await, Admission::Cooling { since: at(495) });
    assert_eq!(fire_again(rig, 505).await, Admission::Granted);
    assert!(matches!(rig.tell(&Tell::firing(2).at(505)).await, UserOutcome::Duplicate { .. }));
    assert_eq!(rig.tell(&Tell::firing(3).at(506)).await, UserOutcome::Planned);
    let state = StateRow { rule: "r".to_owned(), key: "k".to_owned(), state: b"2".to_vec() };
    rig.plan_all(vec![], vec![state], 510).await;
    assert_eq!(get(rig.store().states()).await[0].shift, 0, "it was written by the clock of today");
    let found = rig.reopen_shifting(true, 511).await;
    assert_eq!(found.last_told, Some(at(510)));
    assert_eq!((found.shift, &*found.set_backs), (0, &back[..]), "which events came before is still known");
}

async fn fire_again(rig: &Rig, now: i64) -> Admission {
    let name = format!("at {now}");
    rig.accept(&[offer(&name)], now).await;
    let plan = RulePlan { firings: vec![firing_claim("x", now)], ..plan_of(&name) };
    rig.plan(plan, now).await.fires.remove(0)
}

pub(super) async fn a_clock_that_is_a_second_off_moves_nothing(rig: &mut Rig) {
    a_life(rig).await;
    assert_eq!(rig.reopen_shifting(true, 999).await.shift, 0);
    let later = get(rig.store().delivery(row("later", 1).id)).await.map(|(_, due)| due);
    assert_eq!(later, Some(at(1_100)));
    assert_eq!(rig.reopen_shifting(true, 5_000).await.shift, 0, "nor one that was set forward");
}
