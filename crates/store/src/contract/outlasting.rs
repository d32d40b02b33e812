//! What waits for its moment while others are forgotten, or while there is too little room.

use tidings_core::Priority;

use super::{
    deferring::{gathered, held, item, pending, resume, sent, titles},
    purging::purge_all,
    rig::{Rig, get},
    samples::{Tell, delivered, event_id, offer, plan_of},
    shedding::bounded,
};
use crate::{Deferrals, Fate, RulePlan, Step, UserOutcome};

pub(super) async fn what_waits_is_never_purged(rig: &mut Rig) {
    rig.purges = true;
    rig.accept(&[offer("before"), offer("cause"), offer("behind")], 0).await;
    rig.plan_all(["before", "behind"].map(plan_of).to_vec(), vec![], 0).await;
    let handed = |number, wait| crate::Handed { claim: None, plan: Tell::firing(number).waits(wait).plan() };
    rig.plan(RulePlan { told: vec![handed(1, held(900))], ..plan_of("cause") }, 0).await;
    rig.tell(&Tell::firing(2).to("bob").waits(gathered(60))).await;
    let digest = Tell::firing(9).to("digest").at(60);
    let into = item(Tell::firing(2).id(), 60, Fate::Gathered { into: digest.id() });
    resume(rig, vec![into], vec![digest.plan()], 60).await;
    rig.attempt("push", delivered(), 60).await;
    purge_all(rig, 800, 1_000).await;
    rig.reopen(801).await;
    assert_eq!(titles(rig, Deferrals::All, 9).await, ["title 1"]);
    let kept = async |rig: &Rig, name: &str| get(rig.store().event(event_id(name))).await.is_some();
    assert_eq!([kept(rig, "before").await, kept(rig, "cause").await], [false, true], "its event is still needed");
    assert_eq!(resume(rig, vec![item(Tell::firing(1).id(), 900, sent(&Tell::firing(1)))], vec![], 900).await, [true]);
    rig.attempt("push", delivered(), 900).await;
    rig.tell(&Tell::firing(3).to("cat").at(900).waits(held(901))).await;
    resume(rig, vec![item(Tell::firing(3).id(), 901, Fate::Dropped { untold: true })], vec![], 901).await;
    purge_all(rig, 2_000, 1_000).await;
    assert!(!kept(rig, "cause").await);
    for number in [1, 2, 3, 9] {
        assert_eq!(get(rig.store().notification(Tell::firing(number).id())).await, None, "{number} is over");
    }
}

pub(super) async fn what_has_no_room_to_wait_gives_way_by_its_priority(rig: &mut Rig) {
    let is_bounded = bounded(rig, 2);
    let told = |number, priority| {
        let user = ["ann", "bob", "cat", "dan", "eve"][number as usize];
        Tell::firing(number).to(user).of(i64::from(number)).priority(priority).waits(held(100))
    };
    let (low, medium, high) = (Priority::Low, Priority::Medium, Priority::High);
    for (number, priority) in [(0, medium), (1, low), (2, low), (3, high), (4, medium)] {
        assert_eq!(rig.tell(&told(number, priority)).await, UserOutcome::Planned);
    }
    if !is_bounded {
        return assert_eq!(pending(rig).await, (5, 0, Some(100)), "a durable store keeps all");
    }
    assert_eq!(titles(rig, Deferrals::All, 9).await, ["title 0", "title 3"], "an equal does not displace");
    let census = get(rig.store().census()).await;
    assert_eq!((get(rig.store().pending()).await.lost, census.failed), (3, 3));
    let shed: Vec<_> = rig.steps(Step::Shed).await.into_iter().filter_map(|entry| entry.notification).collect();
    assert_eq!(shed, [2, 1, 4].map(|number| Tell::firing(number).id()));
    assert_eq!(rig.tell(&Tell::resolve(7, 1).to("bob").at(1)).await, UserOutcome::Untold);
    assert_eq!(rig.tell(&Tell::firing(8).to("bob").at(1)).await, UserOutcome::Planned, "its key is free");
    assert_eq!(resume(rig, vec![item(Tell::firing(1).id(), 100, sent(&Tell::firing(1)))], vec![], 100).await, [false]);
}
