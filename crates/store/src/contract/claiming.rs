//! A delivery is lent to one caller at a time, for a while; only the latest of them may say what came of it.

use super::{
    rig::{LEASE, Rig, get},
    samples::{HOOK, Tell, again, answer, at, delivered, event_id, names, row},
};
use crate::{Finish, NewDelivery, Outcome, Settled, Step, Which};

pub(super) async fn an_old_fence_changes_nothing(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    let old = rig.claim_one(HOOK, 0).await;
    let (held, over) = rig.lease_ends(0);
    assert!(rig.claim(HOOK, held).await.is_empty());
    let new = rig.claim_one(HOOK, over).await;
    assert_eq!((old.attempt, new.attempt), (1, 2), "the lease ran out");
    assert_ne!(old.fence, new.fence);
    assert_eq!(rig.end(&old, Outcome::Dead, over).await, Settled::Stale);
    let late = rig.steps(Step::Late).await;
    assert_eq!(late.len(), 1, "it is told");
    assert_eq!((late[0].delivery, late[0].endpoint.as_deref()), (Some(old.delivery.id), Some(HOOK)));
    assert_eq!(rig.owed(HOOK).await, (0, 1));
    assert_eq!(rig.end(&new, Outcome::Dead, over).await, Settled::DONE);
    assert_eq!(rig.owed(HOOK).await, (0, 0));
    assert_eq!(rig.end(&new, Outcome::Dead, over).await, Settled::Stale, "it is settled");
    assert_eq!(rig.steps(Step::Late).await.len(), 2);
}

pub(super) async fn an_answer_after_the_lease_counts_until_another_lease_is_given(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 2)], 0).await;
    let leases = rig.claim(HOOK, 0).await;
    let (_, over) = rig.lease_ends(0);
    assert_eq!(rig.end(&leases[0], delivered(), over + 1).await, Settled::DONE);
    assert_eq!(rig.end(&leases[1], again(over + 9), over + 1).await, Settled::DONE);
    assert!(rig.claim(HOOK, over + 8).await.is_empty(), "its next time holds, not the lease's end");
    assert_eq!(rig.claim_one(HOOK, over + 9).await.attempt, 2);
}

pub(super) async fn a_released_lease_cannot_finish(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 2), row("c", 2)], 0).await;
    let old = rig.claim(HOOK, 0).await;
    assert_eq!(get(rig.store().release(HOOK, at(1))).await, 2);
    assert_eq!(get(rig.store().release(HOOK, at(1))).await, 0);
    assert_eq!(rig.owed(HOOK).await, (3, 0));
    assert_eq!(rig.end(&old[0], Outcome::Dead, 1).await, Settled::Stale);
    assert_eq!(rig.claim(HOOK, 1).await.len(), 2, "due at once");
    assert_eq!(rig.end(&old[1], Outcome::Dead, 1).await, Settled::Stale);
}

pub(super) async fn what_waits_for_later_is_hastened(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 1), row("c", 2)], 0).await;
    let leases = rig.claim(HOOK, 0).await;
    let ids: Vec<_> = ["a", "b", "c", "z"].map(|name| row(name, 1).id).to_vec();
    assert_eq!(get(rig.store().hasten(HOOK, &ids, at(0))).await, 0, "what is lent or due already stays as it is");
    assert_eq!(rig.end(&leases[0], again(90), 1).await, Settled::DONE);
    assert_eq!(get(rig.store().hasten("nobody", &[], at(2))).await, 0);
    assert_eq!(get(rig.store().hasten(HOOK, &ids, at(2))).await, 1);
    assert_eq!(rig.end(&leases[1], delivered(), 2).await, Settled::DONE, "its lease holds");
    let found = rig.claim(HOOK, 2).await;
    assert_eq!(found.iter().map(|lease| (lease.delivery.id, lease.attempt)).collect::<Vec<_>>(), [(ids[0], 2)]);
    rig.end(&found[0], delivered(), 2).await;
    assert_eq!(rig.claim_one(HOOK, 2).await.delivery.id, ids[1], "the next of its lane");
}

pub(super) async fn the_next_life_takes_leases_over(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 2)], 0).await;
    let old = rig.claim(HOOK, 0).await;
    rig.end(&old[1], delivered(), 0).await;
    let found = rig.reopen(1).await;
    assert_eq!(found.leases, 1);
    assert_eq!(rig.owed(HOOK).await, (1, 0));
    assert_eq!(rig.end(&old[0], delivered(), 1).await, Settled::Stale, "its process is gone");
    let new = rig.claim_one(HOOK, 1).await;
    assert_eq!((new.attempt, new.made), (2, at(0)));
    assert_eq!(rig.end(&old[0], delivered(), 1).await, Settled::Stale);
    assert_eq!(rig.end(&new, delivered(), 1).await, Settled::DONE);
    assert_eq!(rig.reopen(2).await.leases, 0);
}

pub(super) async fn a_rate_limited_attempt_is_not_counted(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    let uncounted = |seconds| Outcome::Retry { due: at(seconds), counts: false };
    rig.attempt(HOOK, uncounted(1), 0).await;
    assert!(rig.claim(HOOK, 0).await.is_empty());
    let lease = rig.claim_one(HOOK, 1).await;
    assert_eq!(lease.attempt, 1);
    rig.end(&lease, again(2), 1).await;
    assert_eq!(rig.claim_one(HOOK, 2).await.attempt, 2);
}

pub(super) async fn what_was_not_sent_is_no_attempt(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    let unsent = |lease: &crate::Lease, outcome| Finish { attempt: None, ..answer(lease, outcome) };
    let yields = Outcome::YieldOr { due: at(2), counts: true };
    for (now, outcome) in [(0, again(1)), (1, yields), (2, Outcome::Retry { due: at(3), counts: false })] {
        let lease = rig.claim_one(HOOK, now).await;
        assert_eq!(lease.attempt, 1);
        assert_eq!(rig.finish(unsent(&lease, outcome), now).await, Settled::DONE);
    }
    rig.attempt(HOOK, again(4), 3).await;
    let lease = rig.claim_one(HOOK, 4).await;
    assert_eq!(lease.attempt, 2);
    rig.finish(unsent(&lease, Outcome::Dead), 4).await;
    let told = [rig.steps(Step::Retry).await, rig.steps(Step::Dead).await].concat();
    let attempts: Vec<_> = told.iter().map(|entry| entry.attempt).collect();
    assert_eq!(attempts.iter().sum::<u32>(), 1, "only one of them is one: {attempts:?}");
}

pub(super) async fn a_lease_that_was_renewed_is_one_attempt(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    let begun = rig.claim_one(HOOK, 0).await;
    let (_, over) = rig.lease_ends(0);
    let renewed = rig.claim_one(HOOK, over).await;
    assert_eq!((begun.attempt, renewed.attempt), (1, 2));
    let finish = Finish { attempt: Some(begun.attempt), ..answer(&renewed, again(over + 1)) };
    assert_eq!(rig.finish(finish, over).await, Settled::DONE);
    assert_eq!(rig.steps(Step::Retry).await[0].attempt, 1);
    assert_eq!(rig.claim_one(HOOK, over + 1).await.attempt, 2, "no try is gone");
}

pub(super) async fn a_lease_is_finished_once(rig: &mut Rig) {
    rig.send(vec![row("a", 1)], 0).await;
    let lease = rig.claim_one(HOOK, 0).await;
    let uncounted = || Outcome::Retry { due: at(1), counts: false };
    assert_eq!(rig.end(&lease, uncounted(), 0).await, Settled::DONE);
    assert_eq!(rig.end(&lease, uncounted(), 0).await, Settled::Stale);
    assert_eq!(rig.end(&lease, Outcome::Dead, 0).await, Settled::Stale);
    let lease = rig.claim_one(HOOK, 1).await;
    assert_eq!(lease.attempt, 1);
    let twice = vec![answer(&lease, delivered()), answer(&lease, delivered())];
    let settled = get(rig.store().finish(twice, at(1))).await;
    assert_eq!(settled, [Settled::DONE, Settled::Stale], "within one batch too");
    assert_eq!(get(rig.store().census()).await.delivered, 1);
}

pub(super) async fn what_was_never_lent_cannot_be_finished(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 1)], 0).await;
    let head = rig.claim_one(HOOK, 0).await;
    let waiting = row("b", 1).id;
    let forged = [
        (waiting, HOOK, 0),
        (waiting, HOOK, head.fence),
        (waiting, HOOK, u64::MAX),
        (row("none", 1).id, HOOK, head.fence),
        (head.delivery.id, "elsewhere", head.fence),
        (head.delivery.id, HOOK, head.fence + 1),
    ];
    for (id, endpoint, fence) in forged {
        let finish = Finish { id, endpoint: endpoint.into(), fence, ..answer(&head, delivered()) };
        assert_eq!(rig.finish(finish, 0).await, Settled::Stale, "{id} of {endpoint}, fence {fence}");
    }
    assert_eq!(rig.owed(HOOK).await, (1, 1));
    assert_eq!(rig.steps(Step::Late).await.len(), forged.len(), "each of them is told");
    assert_eq!(rig.end(&head, delivered(), 0).await, Settled::DONE);
}

pub(super) async fn a_lease_tells_the_delivery_as_it_was_made(rig: &mut Rig) {
    let made = NewDelivery { expires: at(77), severity: tidings_core::Severity::Error, ..row("a", u64::MAX) };
    rig.send(vec![made.clone()], 3).await;
    rig.reopen(4).await;
    let lease = rig.claim_one(HOOK, 5).await;
    let found = &lease.delivery;
    assert_eq!((found.id, found.event, &*found.endpoint), (made.id, Some(event_id("a")), HOOK));
    assert_eq!((found.lane, found.severity, found.expires, found.yields), (u64::MAX, made.severity, at(77), false));
    assert_eq!((&found.leg, &found.to, lease.made, lease.attempt), (&None, &None, at(3), 1));
    assert_eq!(names(std::slice::from_ref(&lease)), ["a"]);
    let looked = get(rig.store().delivery(made.id)).await.map(|(look, _)| (look.attempt, look.fence));
    assert_eq!(looked, Some((1, lease.fence)), "whoever looks sees the same");
    rig.end(&lease, delivered(), 5).await;
    assert!(get(rig.store().delivery(made.id)).await.is_none(), "it is settled");
}

pub(super) async fn the_next_due_time_is_told(rig: &mut Rig) {
    let due = |which, now| rig.claim_as(which, HOOK, 10, now);
    assert_eq!(due(Which::Due, 0).await.next_due, None);
    rig.send(vec![NewDelivery { due: at(7), ..row("a", 1) }, NewDelivery { due: at(3), ..row("b", 1) }], 0).await;
    assert_eq!(due(Which::Due, 0).await.next_due, Some(at(7)), "b waits for a");
    let claimed = due(Which::Due, 7).await;
    let skew = rig.subject.lease_skew();
    let ends = claimed.next_due.unwrap_or_default();
    let expected = at(7) + LEASE;
    assert!(ends + skew >= expected && ends <= expected + skew, "the lease ends at {ends:?}");
    rig.end(&claimed.leases[0], again(20), 7).await;
    assert_eq!(due(Which::Due, 8).await.next_due, Some(at(20)));
    let claimed = due(Which::Due, 20).await;
    rig.end(&claimed.leases[0], delivered(), 20).await;
    rig.attempt(HOOK, delivered(), 20).await;
    assert_eq!(due(Which::Due, 21).await.next_due, None);
}

pub(super) async fn the_next_overdue_time_is_told(rig: &mut Rig) {
    let next = async |limit, now| rig.claim_as(Which::Overdue, "push", limit, now).await.next_due;
    assert_eq!(next(10, 0).await, None);
    rig.tell(&Tell::firing(1).to("a")).await;
    assert_eq!(next(10, 0).await, None, "what is due and does not yield is not asked for");
    rig.tell(&Tell::firing(2).to("b").yields_at(60)).await;
    assert_eq!(next(10, 0).await, Some(at(60)), "it is due, and not overdue before its plan is over");
    rig.tell(&Tell::firing(3).to("c").yields_at(40).due(70)).await;
    assert_eq!(next(10, 0).await, Some(at(60)), "nor one whose plan is over before it is due");
    rig.tell(&Tell::firing(4).to("d").yields_at(50).due(55)).await;
    assert_eq!(next(10, 0).await, Some(at(55)));
    assert_eq!(next(0, 56).await, Some(at(55)), "it was not given");
    let lease = rig.claim_as(Which::Overdue, "push", 10, 56).await.leases.remove(0);
    assert_eq!(next(10, 56).await, Some(at(60)), "that is before the lease ends");
    rig.end(&lease, delivered(), 56).await;
    let first = rig.claim("push", 56).await;
    assert_eq!(names(&first), ["title 1", "title 2"]);
    rig.end(&first[1], delivered(), 56).await;
    assert_eq!(next(10, 56).await, Some(at(70)));
    rig.end(&first[0], delivered(), 56).await;
    assert_eq!(next(10, 70).await.map(|ends| ends > at(70)), Some(true), "all are given: a lease ends");
}

pub(super) async fn only_what_yields_and_whose_plan_is_over_is_overdue(rig: &mut Rig) {
    let plans = [
        Tell::firing(1).to("a").yields_at(50),
        Tell::firing(2).to("b").yields_at(60),
        Tell::firing(3).to("c"),
        Tell::firing(4).to("d").yields_at(40).due(70),
        Tell::firing(5).to("e").yields_at(45).due(20),
    ];
    for plan in &plans {
        rig.tell(plan).await;
    }
    let overdue = async |now| rig.claim_as(Which::Overdue, "push", 10, now).await;
    assert_eq!(names(&overdue(44).await.leases), [""; 0]);
    assert_eq!(rig.claim_as(Which::Overdue, "push", 0, 50).await.leases.len(), 0);
    assert_eq!(names(&overdue(50).await.leases), ["title 1", "title 5"], "the longest due first");
    assert_eq!(names(&overdue(69).await.leases), ["title 2"], "it is not due before its time");
    assert_eq!(names(&overdue(70).await.leases), ["title 4"]);
    assert_eq!(names(&rig.claim("push", 70).await), ["title 3"], "what is not overdue is left to others");
}

pub(super) async fn what_is_overdue_waits_for_its_turn(rig: &mut Rig) {
    let lane = |tell: Tell| {
        let mut plan = tell.plan();
        plan.deliveries.iter_mut().for_each(|row| row.lane = 7);
        plan
    };
    let plans = vec![lane(Tell::firing(1).to("a").yields_at(90)), lane(Tell::firing(2).to("b").yields_at(40))];
    get(rig.store().plan_user(&plans.into(), at(0))).await;
    assert!(rig.claim_as(Which::Overdue, "push", 10, 50).await.leases.is_empty(), "it is not the head of its lane");
    rig.attempt("push", delivered(), 50).await;
    let overdue = rig.claim_as(Which::Overdue, "push", 10, 50).await.leases;
    assert_eq!(names(&overdue), ["title 2"]);
    rig.end(&overdue[0], again(60), 50).await;
    assert!(rig.claim_as(Which::Overdue, "push", 10, 59).await.leases.is_empty());
    assert_eq!(rig.claim_as(Which::Overdue, "push", 10, 60).await.leases[0].attempt, 2);
}
