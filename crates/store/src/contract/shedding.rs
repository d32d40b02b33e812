//! A store that forgets at the end of the process is bounded: the lowest severity gives way, and it says what. A durable one sheds
//! nothing, and gives nothing away.

use tidings_core::Severity;

use super::{
    rig::{Rig, get},
    samples::{HOOK, Tell, again, delivered, name, names, row},
};
use crate::{NewDelivery, Step};

fn severe(name: &str, severity: Severity) -> NewDelivery {
    NewDelivery { severity, ..row(name, 1) }
}

/// Goes on with a store of so much room; `false` for a durable one, which has no such bound.
pub(super) fn bounded(rig: &mut Rig, capacity: usize) -> bool {
    let store = rig.subject.bounded(capacity);
    assert_eq!(store.is_none(), rig.subject.durable(), "what is not durable must be bounded, and nothing else");
    store.is_some_and(|store| {
        rig.replace(store);
        true
    })
}

pub(super) async fn the_lowest_severity_gives_way(rig: &mut Rig) {
    if !bounded(rig, 2) {
        return nothing_is_shed(rig).await;
    }
    let (info, error, critical) = (Severity::Info, Severity::Error, Severity::Critical);
    assert!(rig.send(vec![severe("i1", info), severe("i2", info)], 0).await.is_empty());
    assert_eq!(rig.send(vec![severe("i3", info)], 0).await, ["i3"], "an equal does not displace");
    assert_eq!(rig.send(vec![severe("c1", critical)], 0).await, ["i2"]);
    assert_eq!(rig.send(vec![severe("e1", error)], 0).await, ["i1"]);
    assert_eq!(names(&rig.claim(HOOK, 0).await), ["c1"], "the lane goes on behind a head that was shed");
    let shed = rig.steps(Step::Shed).await;
    assert_eq!(shed.len(), 3);
    assert_eq!(shed[1].delivery, Some(row("i2", 1).id));
    assert_eq!(shed[1].endpoint.as_deref(), Some(HOOK));
}

/// However much waits.
async fn nothing_is_shed(rig: &Rig) {
    for batch in 0..3 {
        let rows = (0..500).map(|number| severe(&format!("{batch} {number}"), Severity::Info)).collect();
        assert!(rig.send(rows, 0).await.is_empty());
    }
    assert_eq!(rig.owed(HOOK).await, (1_500, 0));
}

pub(super) async fn what_is_being_sent_is_never_shed(rig: &mut Rig) {
    if bounded(rig, 1) {
        rig.send(vec![severe("i1", Severity::Info)], 0).await;
        assert_eq!(rig.claim(HOOK, 0).await.len(), 1);
        assert_eq!(rig.send(vec![severe("c1", Severity::Critical)], 0).await, ["c1"]);
    } else {
        rig.store();
    }
}

pub(super) async fn a_lane_keeps_its_order_when_some_of_it_is_shed(rig: &mut Rig) {
    if !bounded(rig, 4) {
        return nothing_is_shed(rig).await;
    }
    let (info, error) = (Severity::Info, Severity::Error);
    let rows = vec![severe("1", error), severe("2", info), severe("3", error), severe("4", info)];
    rig.send(rows, 0).await;
    rig.attempt(HOOK, again(0), 0).await;
    assert_eq!(rig.send(vec![severe("5", error), severe("6", error)], 0).await, ["4", "2"]);
    for expected in ["1", "3", "5", "6"] {
        let lease = rig.claim_one(HOOK, 0).await;
        assert_eq!(name(&lease.delivery), expected);
        rig.end(&lease, delivered(), 0).await;
    }
}

pub(super) async fn what_a_person_should_be_told_is_never_shed(rig: &mut Rig) {
    if !bounded(rig, 1) {
        return nothing_is_shed(rig).await;
    }
    for number in 0..3 {
        rig.tell(&Tell::firing(number).at(100 * i64::from(number)).by(&[HOOK])).await;
    }
    let shed = rig.send(vec![severe("i", Severity::Info), severe("c", Severity::Critical)], 300).await;
    assert_eq!(shed, ["i"], "of what a sink is told, too, as much as there is room for");
    assert_eq!(rig.owed(HOOK).await, (4, 0));
}

pub(super) async fn what_would_be_lost_is_handed_out(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 1), row("c", 2)], 0).await;
    rig.tell(&Tell::firing(1)).await;
    rig.claim(HOOK, 0).await;
    let left = get(rig.store().abandon(HOOK)).await;
    if rig.subject.durable() {
        assert!(left.is_empty(), "a durable store keeps everything");
        assert_eq!(rig.owed(HOOK).await, (1, 2));
        return;
    }
    assert_eq!(left.iter().map(|row| name(row)).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(get(rig.store().abandon("push")).await.len(), 1);
    assert_eq!((rig.owed(HOOK).await, rig.owed("push").await), ((0, 0), (0, 0)));
    assert!(get(rig.store().abandon(HOOK)).await.is_empty());
}

pub(super) async fn an_endpoint_that_nobody_serves_is_named(rig: &mut Rig) {
    rig.send(vec![row("a", 1), row("b", 2)], 0).await;
    rig.tell(&Tell::firing(1)).await;
    rig.claim(HOOK, 0).await;
    rig.reopen(1).await;
    let waiting = get(rig.store().waiting()).await;
    let told: Vec<_> = waiting.iter().map(|row| (row.endpoint.as_str(), row.count)).collect();
    assert_eq!(told, [(HOOK, 2), ("push", 1)]);
}
