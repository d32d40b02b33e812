//! What is told later: it waits through every restart, is resumed once, and closes the account whatever becomes of it.

use tidings_core::{NotificationId, Payload};
use tidings_policy::{Delay, Gathering, PreferenceLayer, Wait};

use super::{
    rig::{Rig, get},
    samples::{Tell, at, delivered, offer, plan_of},
};
use crate::{
    Deferrals, Deferred, Fate, NewEntry, Pending, Resuming, Resumption, RulePlan, Step, UserOutcome, UserPlan,
};

/// Quiet hours that end then.
pub(super) fn held(until: i64) -> Wait {
    Wait { until: at(until), why: Delay::QuietHours, layer: PreferenceLayer::User, digest: None }
}

/// A window of mail that ends then.
pub(super) fn gathered(until: i64) -> Wait {
    let digest = Some(Gathering { from: at(until - 60), channel: Some("mail".to_owned()), rule: None });
    Wait { why: Delay::Digest, digest, ..held(until) }
}

/// What becomes of one, with the entry that an engine would write.
pub(super) fn item(notification: NotificationId, until: i64, fate: Fate) -> Resuming {
    let step = match &fate {
        Fate::Sent { .. } => Step::Resumed,
        Fate::Waits(wait) if wait.digest.is_some() => Step::Digested,
        Fate::Waits(_) => Step::Held,
        Fate::Gathered { .. } => Step::Gathered,
        Fate::Dropped { untold: false } => Step::Dropped,
        Fate::Dropped { untold: true } => Step::Denied,
    };
    let entry = NewEntry { notification: Some(notification), user: Some("ann".into()), ..NewEntry::new(step) };
    Resuming { notification, until: at(until), fate, entry }
}

/// It goes out as this one would.
pub(super) fn sent(tell: &Tell) -> Fate {
    let UserPlan { plan, deliveries, .. } = tell.plan();
    Fate::Sent { plan, deliveries }
}

pub(super) async fn resume(rig: &Rig, items: Vec<Resuming>, digests: Vec<UserPlan>, now: i64) -> Vec<bool> {
    get(rig.store().resume(&Resumption { items, digests }, at(now))).await
}

async fn deferred(rig: &Rig, which: Deferrals, limit: usize) -> Vec<Deferred> {
    get(rig.store().deferred(&which, limit)).await
}

pub(super) async fn titles(rig: &Rig, which: Deferrals, limit: usize) -> Vec<String> {
    deferred(rig, which, limit).await.into_iter().map(|row| row.notification.title.clone()).collect()
}

pub(super) async fn pending(rig: &Rig) -> (u64, u64, Option<i64>) {
    let Pending { held, digested, next, lost } = get(rig.store().pending()).await;
    assert_eq!(lost, 0, "nothing is lost");
    (held, digested, next.map(|next| next.as_secs()))
}

/// How many notifications are digested, withdrawn, and not at their end.
async fn ends(rig: &Rig) -> (u64, u64, u64) {
    let census = get(rig.store().census()).await;
    let settled = census.complete + census.incomplete + census.failed + census.digested + census.withdrawn;
    (census.digested, census.withdrawn, census.notifications - settled)
}

pub(super) async fn what_is_told_later_waits_through_a_restart(rig: &mut Rig) {
    assert_eq!(pending(rig).await, (0, 0, None));
    let (night, mail) = (Tell::firing(1).waits(held(100)), Tell::firing(2).to("bob").at(3).waits(gathered(60)));
    assert_eq!([rig.tell(&night).await, rig.tell(&mail).await], [UserOutcome::Planned; 2]);
    for life in 1..3 {
        assert_eq!(pending(rig).await, (1, 1, Some(60)));
        let expected =
            |tell: &Tell, wait| Deferred { notification: tell.plan().notification, wait, since: tell.plan().at };
        let all = [expected(&mail, gathered(60)), expected(&night, held(100))];
        assert_eq!(deferred(rig, Deferrals::All, 9).await, all, "whole, in life {life}");
        assert_eq!(deferred(rig, Deferrals::Of("ann".into()), 9).await, all[1..]);
        assert_eq!(titles(rig, Deferrals::Of("nobody".into()), 9).await, [""; 0]);
        assert_eq!(titles(rig, Deferrals::Due(at(59)), 9).await, [""; 0]);
        assert_eq!(titles(rig, Deferrals::Due(at(60)), 9).await, ["title 2"], "over to the second");
        assert_eq!(titles(rig, Deferrals::Due(at(100)), 9).await, ["title 2", "title 1"]);
        rig.reopen(life).await;
    }
    let stored = get(rig.store().notification(night.id())).await.unwrap_or_else(|| panic!("it is not kept"));
    assert_eq!((stored.plan.legs.len(), stored.notification), (0, night.plan().notification));
    assert_eq!(rig.owed("push").await, (0, 0), "nothing is on its way");
    assert_eq!(ends(rig).await, (0, 0, 2));
}

pub(super) async fn the_longest_over_is_first_and_what_belongs_together_stays_so(rig: &mut Rig) {
    let waiting = [(1, "bob", 20), (2, "ann", 20), (3, "bob", 20), (4, "ann", 20), (5, "ann", 10), (6, "bob", 30)];
    for (number, user, until) in waiting {
        // Far apart, so that none repeats another.
        rig.tell(&Tell::firing(number).to(user).at(100 * i64::from(number)).waits(gathered(until))).await;
    }
    let check = async |rig: &Rig, which, limit, expected: &[u32]| {
        let expected: Vec<_> = expected.iter().map(|number| format!("title {number}")).collect();
        assert_eq!(titles(rig, which, limit).await, expected, "{limit}");
    };
    check(rig, Deferrals::All, 99, &[5, 2, 4, 1, 3, 6]).await;
    check(rig, Deferrals::All, 0, &[5]).await;
    check(rig, Deferrals::All, 1, &[5]).await;
    check(rig, Deferrals::All, 2, &[5, 2, 4]).await;
    check(rig, Deferrals::All, 3, &[5, 2, 4]).await;
    check(rig, Deferrals::Due(at(29)), 4, &[5, 2, 4, 1, 3]).await;
    check(rig, Deferrals::Due(at(30)), usize::MAX, &[5, 2, 4, 1, 3, 6]).await;
    check(rig, Deferrals::Of("bob".into()), 1, &[1, 3]).await;
    // One that waits longer keeps its place among those of its new end.
    let stood = resume(rig, vec![item(Tell::firing(1).id(), 20, Fate::Waits(held(30)))], vec![], 700).await;
    assert_eq!(stood, [true]);
    rig.reopen(701).await;
    check(rig, Deferrals::Of("bob".into()), 9, &[3, 1, 6]).await;
    assert_eq!(pending(rig).await, (1, 5, Some(10)));
}

pub(super) async fn a_wait_that_repeats_is_planned_once(rig: &mut Rig) {
    let told = Tell::firing(1).waits(held(100));
    for time in 0..3 {
        assert_eq!(rig.tell(&told.clone().at(time)).await, UserOutcome::Planned);
    }
    let repeats = rig.tell(&Tell::firing(2).at(5)).await;
    assert_eq!(repeats, UserOutcome::Duplicate { of: told.id() }, "who waits holds its key");
    assert_eq!(pending(rig).await, (1, 0, Some(100)));
    let plan = RulePlan { told: vec![crate::Handed { claim: None, plan: told.plan() }], ..plan_of("a") };
    rig.accept(&[offer("a")], 6).await;
    rig.plan(plan, 6).await;
    assert_eq!(titles(rig, Deferrals::All, 9).await, ["title 1"]);
    assert_eq!(rig.steps(Step::Held).await.len(), 1);
}

pub(super) async fn what_waited_is_resumed_once(rig: &mut Rig) {
    let digest = Tell::firing(90).to("digest");
    let fates = [
        sent(&Tell::firing(1)),
        Fate::Waits(gathered(300)),
        Fate::Gathered { into: digest.id() },
        Fate::Dropped { untold: false },
        Fate::Dropped { untold: true },
    ];
    for (number, fate) in (1..).zip(fates) {
        rig.tell(&Tell::firing(number).at(100 * i64::from(number)).waits(held(600))).await;
        let items = |until| vec![item(Tell::firing(number).id(), until, fate.clone())];
        let batch = || vec![digest.plan()];
        assert_eq!(resume(rig, items(599), batch(), 600).await, [false], "{fate:?}: it is not as the caller saw it");
        let twice = items(600).into_iter().chain(items(600)).collect();
        assert_eq!(resume(rig, twice, batch(), 600).await, [true, false], "{fate:?}: once in a batch");
        rig.reopen(600 + i64::from(number)).await;
        assert_eq!(resume(rig, items(600), batch(), 600).await, [false], "{fate:?}: once in all lives");
    }
    assert_eq!(pending(rig).await, (0, 1, Some(300)));
    assert_eq!(ends(rig).await, (2, 1, 3), "one of those on their way is the digest");
    assert_eq!(rig.owed("push").await, (2, 0));
    rig.claim("push", 700).await;
    let unknown = item(Tell::firing(77).id(), 600, Fate::Dropped { untold: true });
    assert_eq!(resume(rig, vec![unknown], vec![], 700).await, [false]);
}

pub(super) async fn what_was_held_goes_out_like_any_other(rig: &mut Rig) {
    let told = Tell::firing(1).by(&["push", "mail"]).needs(2);
    rig.tell(&told.clone().waits(held(50))).await;
    rig.reopen(50).await;
    assert_eq!(resume(rig, vec![item(told.id(), 50, sent(&told))], vec![], 50).await, [true]);
    rig.reopen(51).await;
    let lease = rig.claim_one("push", 51).await;
    assert_eq!(lease.delivery.notification(), Some(told.id()));
    let whole = Payload::Notification(told.plan().notification);
    assert_eq!(format!("{:?}", lease.delivery.payload), format!("{whole:?}"), "its message is whole");
    rig.end(&lease, delivered(), 51).await;
    assert_eq!(ends(rig).await, (0, 0, 1));
    rig.attempt("mail", delivered(), 51).await;
    assert_eq!(get(rig.store().census()).await.complete, 1);
    let stored = get(rig.store().notification(told.id())).await.unwrap_or_else(|| panic!("it is not kept"));
    assert_eq!((stored.plan, stored.planned), (told.plan().plan, at(0)));
}

pub(super) async fn a_digest_is_made_once_and_only_of_what_stood(rig: &mut Rig) {
    // All of a user have the same key, so that the digest finds it held by its first item.
    let digest = Tell::firing(9).at(60);
    let gather = |number| item(Tell::firing(number).id(), 60, Fate::Gathered { into: digest.id() });
    for number in 1..4 {
        rig.tell(&Tell::firing(number).at(20 * i64::from(number)).waits(gathered(60))).await;
    }
    let stale = item(Tell::firing(1).id(), 61, Fate::Gathered { into: digest.id() });
    assert_eq!(resume(rig, vec![stale], vec![digest.plan()], 60).await, [false]);
    assert_eq!(get(rig.store().notification(digest.id())).await, None, "nothing went into it");
    assert_eq!(resume(rig, vec![gather(1), gather(2)], vec![digest.plan()], 60).await, [true, true]);
    rig.reopen(61).await;
    assert_eq!(resume(rig, vec![gather(1), gather(2), gather(3)], vec![digest.plan()], 61).await, [false, false, true]);
    assert_eq!(ends(rig).await, (3, 0, 1));
    let planned = rig.steps(Step::Planned).await;
    assert_eq!(planned.iter().map(|entry| entry.notification).collect::<Vec<_>>(), [Some(digest.id())]);
    rig.attempt("push", delivered(), 62).await;
    assert_eq!(rig.claim("push", 63).await.len(), 0, "it is sent once");
    // A digest may come in the night, too.
    rig.tell(&Tell::firing(4).at(100).waits(gathered(160))).await;
    let late = Tell::firing(10).at(160).waits(held(300));
    let into = item(Tell::firing(4).id(), 160, Fate::Gathered { into: late.id() });
    assert_eq!(resume(rig, vec![into], vec![late.plan()], 160).await, [true]);
    assert_eq!(pending(rig).await, (1, 0, Some(300)));
}

pub(super) async fn a_key_is_free_if_nobody_was_told_and_not_else(rig: &mut Rig) {
    let digest = Tell::firing(90).to("digest");
    let fates = [
        (Fate::Dropped { untold: true }, UserOutcome::Planned, UserOutcome::Untold),
        (Fate::Dropped { untold: false }, UserOutcome::Duplicate { of: Tell::firing(20).id() }, UserOutcome::Planned),
        (
            Fate::Gathered { into: digest.id() },
            UserOutcome::Duplicate { of: Tell::firing(30).id() },
            UserOutcome::Planned,
        ),
    ];
    for (number, (fate, again, end)) in (1..).zip(fates) {
        let (first, user) = (10 * number, ["", "ann", "bob", "cat"][number as usize]);
        let told = Tell::firing(first).to(user).of(i64::from(number));
        rig.tell(&told.clone().waits(held(5))).await;
        resume(rig, vec![item(told.id(), 5, fate.clone())], vec![digest.plan()], 5).await;
        rig.reopen(6).await;
        let resolve = Tell::resolve(first + 1, i64::from(number)).to(user).at(7);
        if again == UserOutcome::Planned {
            assert_eq!(rig.tell(&resolve).await, end, "{fate:?}: there is nothing to take back");
        }
        assert_eq!(rig.tell(&Tell::firing(first + 2).to(user).at(7)).await, again, "{fate:?}");
        if again != UserOutcome::Planned {
            assert_eq!(rig.tell(&resolve).await, end, "{fate:?}: its end is told");
        }
    }
}

pub(super) async fn what_becomes_of_what_waits_stands_in_the_log(rig: &mut Rig) {
    let (night, mail) = (Tell::firing(1).waits(held(100)), Tell::firing(2).to("bob").waits(gathered(60)));
    rig.tell(&night).await;
    rig.tell(&mail).await;
    let digest = Tell::firing(9).to("digest");
    let fates = [(&mail, 60, Fate::Gathered { into: digest.id() }), (&night, 100, Fate::Waits(gathered(120)))];
    for (tell, until, fate) in fates {
        resume(rig, vec![item(tell.id(), until, fate)], vec![digest.plan()], 101).await;
    }
    for (until, fate) in [(120, Fate::Waits(held(130))), (130, sent(&Tell::firing(1)))] {
        resume(rig, vec![item(night.id(), until, fate)], vec![], 131).await;
    }
    let log = rig.log(&crate::LogFilter::default()).await;
    let told: Vec<_> = log.iter().map(|entry| (entry.step, entry.notification)).collect();
    let (night, mail) = (Some(night.id()), Some(mail.id()));
    let expected = [
        (Step::Held, night),
        (Step::Digested, mail),
        (Step::Gathered, mail),
        (Step::Planned, Some(digest.id())),
        (Step::Digested, night),
        (Step::Held, night),
        (Step::Resumed, night),
    ];
    assert_eq!(told, expected);
    let first = &log[0];
    assert_eq!((first.user.as_deref(), &first.detail["why"]), (Some("ann"), &serde_json::json!("quiet_hours")));
    assert!(first.detail.contains_key("until") && first.detail["layer"] == "user", "{:?}", first.detail);
    assert_eq!(log[1].detail["channel"], "mail");
}

pub(super) async fn a_clock_that_was_set_back_moves_no_calendar(rig: &mut Rig) {
    rig.tell(&Tell::firing(1).at(10_000).waits(held(12_000))).await;
    let found = rig.reopen_shifting(true, 5_000).await;
    assert_eq!(found.shift > 0, rig.subject.durable(), "{found:?}");
    assert_eq!(pending(rig).await, (1, 0, Some(12_000)), "seven o'clock is seven o'clock");
    let waits = deferred(rig, Deferrals::Due(at(12_000)), 9).await;
    assert_eq!(waits.iter().map(|row| (row.wait.until, row.since)).collect::<Vec<_>>(), [(at(12_000), at(10_000))]);
    assert_eq!(titles(rig, Deferrals::Due(at(11_999)), 9).await, [""; 0]);
}
