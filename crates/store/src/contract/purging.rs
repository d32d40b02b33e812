//! What is settled and old goes, in slices; what is still needed stays, and numbers stay what they were.

use tidings_core::Event;

use super::{
    account::{all_events, check_numbers},
    rig::{Rig, get},
    samples::{HOOK, Tell, at, delivered, event_id, firing_claim, name, offer, offer_of, plan_of, row},
};
use crate::{Admission, EventRange, LogFilter, Purged, RulePlan, StateRow, UserOutcome, UserPlan};

/// Purges until nothing goes.
pub(super) async fn purge_all(rig: &Rig, before: i64, limit: usize) -> Purged {
    let mut all = Purged::default();
    for _ in 0..100_000 {
        let purged = get(rig.store().purge(at(before), limit)).await;
        if purged.total() == 0 {
            return all;
        }
        all.events += purged.events;
        all.notifications += purged.notifications;
        all.entries += purged.entries;
        all.keys += purged.keys;
    }
    panic!("a purge without an end");
}

async fn kept(rig: &Rig) -> String {
    let events = all_events(rig.store(), &EventRange::default()).await;
    events.iter().map(|event| event.event.event_type.as_str()).collect()
}

pub(super) async fn what_is_old_and_settled_goes(rig: &mut Rig) {
    rig.purges = true;
    for (name, number, now) in [("a", 1, 0), ("b", 2, 11), ("c", 3, 22)] {
        rig.send(vec![row(name, 1)], now).await;
        rig.attempt(HOOK, delivered(), now).await;
        rig.tell(&Tell::firing(number).at(now)).await;
        rig.attempt("push", delivered(), now).await;
    }
    assert_eq!(get(rig.store().purge(at(0), 1_000)).await.total(), 0, "nothing is older than the first");
    let purged = purge_all(rig, 22, 1_000).await;
    assert_eq!((purged.events, purged.notifications, kept(rig).await), (2, 2, "c".to_owned()));
    assert_eq!(get(rig.store().notification(Tell::firing(1).id())).await, None);
    assert!(get(rig.store().notification(Tell::firing(3).id())).await.is_some());
    assert_eq!(get(rig.store().event(event_id("a"))).await, None);
    let log = rig.log(&LogFilter::default()).await;
    assert!(log.iter().all(|entry| entry.at >= at(22)));
    rig.reopen(23).await;
    rig.send(vec![row("d", 1)], 23).await;
    let numbers: Vec<_> = all_events(rig.store(), &EventRange::default()).await.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [3, 4], "numbers go on");
    rig.attempt(HOOK, delivered(), 24).await;
    let log_after = rig.log(&LogFilter::default()).await;
    check_numbers(&log_after);
    assert!(log_after.starts_with(&log), "the log goes on");
}

pub(super) async fn what_waits_or_is_open_stays(rig: &mut Rig) {
    rig.purges = true;
    rig.accept(&[offer("a"), offer("b")], 0).await;
    rig.plan(RulePlan { sinks: vec![row("a", 1)], ..plan_of("a") }, 0).await;
    rig.tell(&Tell::firing(1).by(&["push", "mail"])).await;
    rig.attempt("push", delivered(), 0).await;
    purge_all(rig, 1_000, 1_000).await;
    rig.reopen(1_000).await;
    let waiting = get(rig.store().event(event_id("b"))).await.map(|event| event.waiting);
    assert_eq!(waiting, Some(true));
    let lease = rig.claim_one(HOOK, 1_000).await;
    assert_eq!(name(&lease.delivery), "a", "its event is still needed");
    let mail = rig.claim_one("mail", 1_000).await;
    assert_eq!(name(&mail.delivery), "title 1");
    rig.end(&lease, delivered(), 1_000).await;
    rig.end(&mail, delivered(), 1_000).await;
    rig.plan(plan_of("b"), 1_000).await;
    purge_all(rig, 2_000, 1_000).await;
    assert_eq!(kept(rig).await, "");
    assert_eq!(get(rig.store().notification(Tell::firing(1).id())).await, None);
    assert_eq!(rig.log(&LogFilter::default()).await, []);
}

pub(super) async fn what_a_sink_has_not_read_stays(rig: &mut Rig) {
    rig.purges = true;
    let names = ["a", "b", "c", "d"];
    rig.accept(&names.map(offer), 0).await;
    rig.plan_all(names.map(plan_of).to_vec(), vec![], 50).await;
    get(rig.store().advance("log", 2)).await;
    get(rig.store().advance("callback", 3)).await;
    purge_all(rig, 10, 1_000).await;
    assert_eq!(kept(rig).await, "cd");
    get(rig.store().advance("log", 4)).await;
    purge_all(rig, 10, 1_000).await;
    assert_eq!(kept(rig).await, "d");
    get(rig.store().advance("callback", 4)).await;
    purge_all(rig, 10, 1_000).await;
    assert_eq!(kept(rig).await, "");
    assert_eq!(get(rig.store().cursor("log")).await, Some(4));
}

pub(super) async fn a_purge_goes_in_slices(rig: &mut Rig) {
    rig.purges = true;
    let names: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    rig.accept(&names.iter().map(|name| offer(name)).collect::<Vec<_>>(), 0).await;
    rig.plan_all(names.iter().map(|name| plan_of(name)).collect(), vec![], 0).await;
    let first = get(rig.store().purge(at(9), 10)).await;
    assert!((1..=20).contains(&first.total()), "about ten: {first:?}");
    let rest = purge_all(rig, 9, 10).await;
    assert_eq!(first.events + rest.events, 100);
    assert_eq!(kept(rig).await, "");
}

pub(super) async fn an_event_accepted_late_in_an_old_hour_is_judged_by_its_acceptance(rig: &mut Rig) {
    rig.purges = true;
    let old = offer_of("a", Event::new("a").at(at(-5_000)));
    rig.accept(&[old], 100).await;
    rig.plan(plan_of("a"), 100).await;
    purge_all(rig, 100, 1_000).await;
    assert_eq!(kept(rig).await, "a");
}

pub(super) async fn what_rules_hold_is_judged_by_when_it_was_written(rig: &mut Rig) {
    rig.purges = true;
    // Rules that go by the time of past events: what they hold is years old by the wall clock, and yet of today.
    rig.accept(&[offer("a"), offer("b")], 1_000_000).await;
    let plan = |name, seconds| RulePlan { firings: vec![firing_claim("x", seconds)], ..plan_of(name) };
    rig.plan(plan("a", 100), 1_000_000).await;
    let tell = |number, seconds| UserPlan { at: at(seconds), ..Tell::firing(number).of(1).plan() };
    get(rig.store().plan_user(&vec![tell(1, 100)].into(), at(1_000_000))).await;
    purge_all(rig, 900_000, 1_000).await;
    let outcome = rig.plan(plan("b", 105), 1_000_001).await;
    assert_eq!(outcome.fires, [Admission::Cooling { since: at(100) }]);
    let outcomes = get(rig.store().plan_user(&vec![tell(2, 105)].into(), at(1_000_001))).await;
    assert!(matches!(outcomes[0], UserOutcome::Duplicate { .. }));
    let resolve = UserPlan { at: at(200), ..Tell::resolve(3, 1).plan() };
    let outcomes = get(rig.store().plan_user(&vec![resolve].into(), at(1_000_002))).await;
    assert_eq!(outcomes, [UserOutcome::Planned]);
}

pub(super) async fn an_incident_that_has_not_ended_stays_however_old_it_is(rig: &mut Rig) {
    rig.purges = true;
    let state = StateRow { rule: "rule".to_owned(), key: "agent".to_owned(), state: b"firing".to_vec() };
    rig.plan_all(vec![], vec![state.clone()], 0).await;
    for (number, user) in [(1, "ann"), (2, "bob")] {
        rig.tell(&Tell::firing(number).of(i64::from(number)).to(user)).await;
        rig.attempt("push", delivered(), 0).await;
    }
    rig.tell(&Tell::resolve(3, 2).to("bob").at(1)).await;
    rig.attempt("push", delivered(), 1).await;
    purge_all(rig, 1_000_000, 1_000).await;
    rig.reopen(1_000_000).await;
    let states = get(rig.store().states()).await;
    assert_eq!(states.into_iter().map(|kept| kept.row).collect::<Vec<_>>(), [state], "it would fire again without it");
    let outcome = rig.tell(&Tell::resolve(4, 2).to("bob").at(1_000_000)).await;
    assert_eq!(outcome, UserOutcome::Untold, "what ended is forgotten");
    let outcome = rig.tell(&Tell::resolve(5, 1).at(1_000_000)).await;
    assert_eq!(outcome, UserOutcome::Planned, "its end is told");
    rig.attempt("push", delivered(), 1_000_000).await;
    purge_all(rig, 2_000_000, 1_000).await;
    let outcome = rig.tell(&Tell::resolve(6, 1).at(2_000_000)).await;
    assert_eq!(outcome, UserOutcome::Untold);
}
