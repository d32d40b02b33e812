//! A user is told once: by dedup key, and of the end of what that user was told the beginning of.

use tidings_core::{NotificationId, Priority};

use super::{
    rig::{Rig, get},
    samples::{Tell, at, delivered, notification_id},
};
use crate::{Outcome, Settled, Step, UserOutcome};

const PLANNED: UserOutcome = UserOutcome::Planned;
const UNTOLD: UserOutcome = UserOutcome::Untold;

fn duplicate(of: u32) -> UserOutcome {
    UserOutcome::Duplicate { of: notification_id(of) }
}

pub(super) async fn a_dedup_key_is_held_for_its_window(rig: &mut Rig) {
    for (number, priority, now, expected) in [
        (1, Priority::Low, 0, PLANNED),
        (2, Priority::Low, 10, duplicate(1)),
        (3, Priority::High, 10, PLANNED),
        (4, Priority::High, 11, duplicate(3)),
        (5, Priority::Low, 20, duplicate(3)),
        (6, Priority::Low, 21, PLANNED),
        (7, Priority::Low, 12, PLANNED),
        (8, Priority::Critical, 12, PLANNED),
    ] {
        let tell = Tell::firing(number).priority(priority).at(now);
        assert_eq!(rig.tell(&tell).await, expected, "message {number}");
    }
    assert_eq!(rig.tell(&Tell::firing(9).to("bob").at(12)).await, PLANNED, "another key");
    rig.reopen(13).await;
    assert_eq!(rig.tell(&Tell::firing(10).at(13)).await, duplicate(8), "in the next life");
}

pub(super) async fn plans_of_one_batch_see_each_other(rig: &mut Rig) {
    let plans = vec![Tell::firing(1).plan(), Tell::firing(2).plan(), Tell::firing(1).plan()];
    let outcomes = get(rig.store().plan_user(&plans.into(), at(0))).await;
    assert_eq!(outcomes, [PLANNED, duplicate(1), PLANNED]);
    assert_eq!(rig.owed("push").await, (1, 0));
}

pub(super) async fn a_notification_is_kept_whole(rig: &mut Rig) {
    let tell = Tell::firing(1).of(4).priority(Priority::Critical).by(&["push", "mail"]).needs(2).at(3);
    rig.tell(&tell).await;
    for life in 0..2 {
        let plan = tell.plan();
        let kept = get(rig.store().notification(tell.id())).await.unwrap_or_else(|| panic!("it is gone"));
        assert_eq!((&*kept.notification, &kept.plan), (&*plan.notification, &plan.plan), "life {life}");
        assert_eq!((kept.attempts.len(), kept.planned), (0, at(3)));
        for delivery in plan.deliveries {
            let (lease, due) = get(rig.store().delivery(delivery.id)).await.unwrap_or_else(|| panic!("it is gone"));
            let found = &lease.delivery;
            assert_eq!((lease.attempt, lease.made, due), (0, at(3), at(3)));
            assert_eq!((&found.leg, &found.to, found.event), (&delivery.leg, &delivery.to, delivery.event));
            assert_eq!((found.notification(), found.lane), (Some(tell.id()), delivery.lane));
            assert_eq!((found.severity, found.expires), (delivery.severity, delivery.expires));
        }
        rig.reopen(4).await;
    }
    assert_eq!(get(rig.store().notification(notification_id(2))).await, None);
}

pub(super) async fn a_plan_again_makes_nothing_new(rig: &mut Rig) {
    let tell = Tell::firing(1);
    rig.tell(&tell).await;
    assert_eq!(rig.tell(&tell).await, PLANNED);
    assert_eq!(rig.tell(&Tell::firing(2).priority(Priority::High)).await, PLANNED);
    assert_eq!(rig.tell(&tell).await, PLANNED, "although another one holds the key by now");
    assert_eq!(rig.tell(&Tell::firing(3)).await, duplicate(2), "which it does not lose by that");
    assert_eq!(rig.steps(Step::Planned).await.len(), 2);
    for lease in rig.claim("push", 0).await {
        rig.end(&lease, Outcome::Dead, 0).await;
    }
    rig.reopen(1).await;
    assert_eq!(rig.tell(&tell).await, PLANNED, "what has failed is not begun anew");
    assert_eq!(rig.owed("push").await, (0, 0));
    assert_eq!(rig.tell(&Tell::firing(4)).await, PLANNED, "nor takes it a key");
}

pub(super) async fn a_resolve_is_told_once_to_whom_the_incident_was_told_and_frees_the_key(rig: &mut Rig) {
    let (firing, resolve) = (Tell::firing, Tell::resolve);
    for (tell, expected) in [
        (resolve(1, 1), UNTOLD),
        (firing(2).of(1), PLANNED),
        (resolve(3, 1).to("bob"), UNTOLD),
        (firing(4).of(2), duplicate(2)),
        (resolve(5, 2), UNTOLD),
        (resolve(7, 1), PLANNED),
        (resolve(7, 1), PLANNED),
        (resolve(8, 1), duplicate(7)),
        (firing(9).of(3), PLANNED),
        (resolve(10, 1), duplicate(7)),
        (firing(11).of(4), duplicate(9)),
    ] {
        assert_eq!(rig.tell(&tell.clone().at(5)).await, expected, "{tell:?}");
    }
    rig.reopen(6).await;
    assert_eq!(rig.tell(&resolve(12, 1).at(6)).await, duplicate(7), "in the next life");
    assert_eq!(rig.tell(&resolve(13, 3).at(6)).await, PLANNED);
    assert_eq!(rig.tell(&firing(14).of(5).at(6)).await, PLANNED);
}

pub(super) async fn a_resolve_frees_no_key_of_another_incident(rig: &mut Rig) {
    rig.tell(&Tell::firing(1).of(1)).await;
    assert_eq!(rig.tell(&Tell::firing(2).of(2).priority(Priority::High)).await, PLANNED);
    assert_eq!(rig.tell(&Tell::resolve(3, 1)).await, PLANNED, "it was told");
    assert_eq!(rig.tell(&Tell::firing(4)).await, duplicate(2));
}

pub(super) async fn an_incident_that_reached_nobody_has_no_end_and_takes_no_key_from_the_next(rig: &mut Rig) {
    rig.tell(&Tell::firing(1).of(1)).await;
    let settled = rig.attempt("push", Outcome::Dead, 0).await;
    assert_eq!(freed(&settled), Some("key of ann"));
    assert_eq!(rig.tell(&Tell::resolve(2, 1).at(1)).await, UNTOLD, "nobody heard of it");

    assert_eq!(rig.tell(&Tell::firing(3).of(2).at(2)).await, PLANNED);
    let slow = rig.claim_one("push", 2).await;
    assert_eq!(rig.tell(&Tell::resolve(4, 2).at(3)).await, PLANNED);
    assert_eq!(rig.tell(&Tell::firing(5).of(3).at(4)).await, PLANNED);
    let settled = rig.end(&slow, Outcome::Dead, 4).await;
    assert_eq!(freed(&settled), None, "the key is the next incident's by now");
    assert_eq!(rig.tell(&Tell::firing(6).of(4).at(5)).await, duplicate(5));
}

fn freed(settled: &Settled) -> Option<&str> {
    match settled {
        Settled::Done { freed, .. } => freed.as_deref(),
        Settled::Stale => panic!("refused"),
    }
}

pub(super) async fn a_key_is_free_when_every_channel_has_failed_and_not_before(rig: &mut Rig) {
    rig.tell(&Tell::firing(1).by(&["push", "mail"])).await;
    assert_eq!(freed(&rig.attempt("push", Outcome::Dead, 1).await), None);
    assert_eq!(rig.tell(&Tell::firing(2).at(1)).await, duplicate(1));
    assert_eq!(freed(&rig.attempt("mail", Outcome::Expired, 2).await), Some("key of ann"));
    assert_eq!(rig.tell(&Tell::firing(3).at(2)).await, PLANNED);
    rig.attempt("push", delivered(), 2).await;
    assert_eq!(rig.tell(&Tell::firing(4).at(3)).await, duplicate(3), "what arrived keeps its key");
}

pub(super) async fn what_is_not_told_stands_in_the_log(rig: &mut Rig) {
    rig.tell(&Tell::firing(1)).await;
    rig.tell(&Tell::firing(2)).await;
    rig.tell(&Tell::resolve(3, 9)).await;
    let of = |id: NotificationId| Some(serde_json::Value::String(id.to_string()));
    let repeats = rig.steps(Step::Duplicate).await;
    assert_eq!(repeats.len(), 1);
    assert_eq!(repeats[0].notification, Some(notification_id(2)));
    assert_eq!(repeats[0].detail.get("of").cloned(), of(notification_id(1)));
    let untold = rig.steps(Step::Untold).await;
    assert_eq!(untold.iter().map(|entry| entry.notification).collect::<Vec<_>>(), [Some(notification_id(3))]);
    assert_eq!(untold[0].user.as_deref(), Some("ann"));
}
