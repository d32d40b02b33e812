//! Deliveries of one lane go one after another, those of different lanes do not wait for each other.

use super::{
    rig::Rig,
    samples::{HOOK, Tell, again, at, delivered, names, row},
};
use crate::{NewDelivery, Outcome, Settled, Which};

pub(super) async fn a_lane_keeps_its_order_across_a_retry(rig: &mut Rig) {
    rig.send(vec![row("a1", 1), row("a2", 1), row("b1", 2)], 0).await;
    let first = rig.claim(HOOK, 0).await;
    assert_eq!(names(&first), ["a1", "b1"]);
    assert_eq!(rig.end(&first[0], again(5), 0).await, Settled::DONE);
    assert!(rig.claim(HOOK, 4).await.is_empty(), "a2 waits for a1, a1 for its time");
    let retried = rig.claim_one(HOOK, 5).await;
    assert_eq!((names(std::slice::from_ref(&retried)), retried.attempt), (vec!["a1".to_owned()], 2));
    rig.end(&retried, delivered(), 5).await;
    assert_eq!(names(&rig.claim(HOOK, 5).await), ["a2"]);
}

pub(super) async fn a_lane_keeps_its_order_across_a_restart(rig: &mut Rig) {
    rig.send(vec![row("a1", 1), row("a2", 1), row("a3", 1)], 0).await;
    let lease = rig.claim_one(HOOK, 0).await;
    rig.end(&lease, again(5), 0).await;
    rig.reopen(1).await;
    assert!(rig.claim(HOOK, 4).await.is_empty());
    rig.claim_one(HOOK, 5).await;
    rig.reopen(6).await;
    for expected in ["a1", "a2", "a3"] {
        let lease = rig.claim_one(HOOK, 6).await;
        assert_eq!(names(std::slice::from_ref(&lease)), [expected]);
        rig.end(&lease, delivered(), 6).await;
    }
}

pub(super) async fn an_earlier_due_time_overtakes_nobody_in_its_lane(rig: &mut Rig) {
    let late = NewDelivery { due: at(50), ..row("a1", 1) };
    rig.send(vec![late, row("a2", 1)], 0).await;
    assert!(rig.claim(HOOK, 49).await.is_empty());
    assert_eq!(names(&rig.claim(HOOK, 50).await), ["a1"]);
}

pub(super) async fn whatever_ends_a_head_lets_the_next_go(rig: &mut Rig) {
    rig.send((1..=6).map(|number| row(&number.to_string(), 1)).collect(), 0).await;
    let endings = [delivered(), Outcome::Dead, Outcome::Gone, Outcome::Expired];
    for (number, outcome) in endings.into_iter().enumerate() {
        let lease = rig.claim_one(HOOK, 0).await;
        assert_eq!(names(std::slice::from_ref(&lease)), [(number + 1).to_string()]);
        rig.end(&lease, outcome, 0).await;
    }
    assert_eq!(names(&rig.claim(HOOK, 0).await), ["5"]);
    assert_eq!(rig.owed(HOOK).await, (1, 1));
}

pub(super) async fn a_lane_is_its_endpoints_own(rig: &mut Rig) {
    // One notification goes the same lane of two channels, and the next one too.
    rig.tell(&Tell::firing(1).by(&["push", "mail"])).await;
    let push = rig.claim_one("push", 0).await;
    rig.end(&push, again(100), 0).await;
    assert_eq!(rig.claim("mail", 0).await.len(), 1);
}

pub(super) async fn the_longest_due_goes_first(rig: &mut Rig) {
    let due = |name: &str, lane, seconds| NewDelivery { due: at(seconds), ..row(name, lane) };
    rig.send(vec![due("d", 1, 9), due("a", 2, 1), due("c", 3, 5), due("b", 4, 1), due("e", 5, 11)], 0).await;
    let claimed = rig.claim_as(Which::Due, HOOK, 2, 10).await;
    assert_eq!(names(&claimed.leases), ["a", "b"], "of the same time the one that was made first");
    assert_eq!(claimed.next_due, Some(at(5)), "one is due that was not given");
    assert_eq!(names(&rig.claim_as(Which::Due, HOOK, 0, 10).await.leases), [""; 0]);
    let claimed = rig.claim_as(Which::Due, HOOK, 10, 10).await;
    assert_eq!(names(&claimed.leases), ["c", "d"]);
    assert_eq!(claimed.next_due, Some(at(11)));
}
