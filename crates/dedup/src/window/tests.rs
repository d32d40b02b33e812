use proptest::prelude::*;
use tidings_core::{EventId, IncidentId, Priority};

use super::*;

const WINDOW: Duration = Duration::from_secs(300);

fn id(number: u8) -> NotificationId {
    NotificationId::from_bytes([number; 16])
}

fn notification(number: u8, key: &str, priority: Priority) -> Notification {
    Notification {
        notification_id: id(number),
        agent_id: None,
        title: String::new(),
        body: String::new(),
        priority,
        channels: Vec::new(),
        user_id: "ann".into(),
        metadata: serde_json::Map::new(),
        created_at: Timestamp::EPOCH,
        dedup_key: key.into(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

/// One step: at this second a message of this number and priority is told this.
fn check(steps: &[(i64, u8, Priority, Admit)]) {
    let dedup = Dedup::new(WINDOW, 10);
    for (second, number, priority, expected) in steps {
        let verdict = dedup.admit(&notification(*number, "k", *priority), Timestamp::from_secs(*second));
        assert_eq!(verdict, *expected, "message {number} at {second}");
    }
}

const fn first(suppressed: u32) -> Admit {
    Admit::First { suppressed }
}

fn duplicate(of: u8) -> Admit {
    Admit::Duplicate { of: id(of) }
}

#[test]
fn the_window_runs_from_the_first_and_is_not_renewed() {
    check(&[
        (1000, 1, Priority::Low, first(0)),
        (1001, 2, Priority::Low, duplicate(1)),
        (1299, 3, Priority::Low, duplicate(1)),
        (1300, 4, Priority::Low, duplicate(1)),
        (1301, 5, Priority::Low, first(3)),
        (1302, 6, Priority::Low, duplicate(5)),
    ]);
}

#[test]
fn what_was_suppressed_is_told_however_late() {
    check(&[
        (0, 1, Priority::Low, first(0)),
        (1, 2, Priority::Low, duplicate(1)),
        (1_000_000, 3, Priority::Low, first(1)),
        (2_000_000, 4, Priority::Low, first(0)),
    ]);
}

#[test]
fn a_higher_priority_passes_and_becomes_the_first() {
    check(&[
        (0, 1, Priority::Medium, first(0)),
        (10, 2, Priority::Medium, duplicate(1)),
        (20, 3, Priority::High, first(1)),
        (30, 4, Priority::High, duplicate(3)),
        (31, 5, Priority::Low, duplicate(3)),
        (320, 6, Priority::Medium, duplicate(3)),
        (321, 7, Priority::Low, first(3)),
    ]);
}

#[test]
fn a_clock_set_back_blocks_for_one_window_at_most() {
    check(&[
        (10_000, 1, Priority::Low, first(0)),
        (10_100, 2, Priority::Low, duplicate(1)),
        (6_000, 3, Priority::Low, duplicate(1)),
        (6_300, 4, Priority::Low, duplicate(1)),
        (6_301, 5, Priority::Low, first(3)),
    ]);
}

#[test]
fn a_released_key_is_free_and_keeps_its_account() {
    let dedup = Dedup::new(WINDOW, 10);
    let now = Timestamp::from_secs(5);
    assert_eq!(dedup.admit(&notification(1, "k", Priority::Low), now), first(0));
    assert_eq!(dedup.admit(&notification(2, "k", Priority::Low), now), duplicate(1));
    dedup.release("k", id(9));
    assert_eq!(dedup.admit(&notification(3, "k", Priority::Low), now), duplicate(1));
    dedup.release("k", id(1));
    assert_eq!(dedup.admit(&notification(4, "k", Priority::Low), now), first(2));
    dedup.release("k", id(4));
    assert_eq!(dedup.admit(&notification(5, "k", Priority::Low), now), first(2), "message 4 told it to nobody");
    dedup.release("unknown", id(1));
}

fn of_incident(number: u8, kind: NotificationKind, incident: i64) -> Notification {
    let incident = Some(IncidentId::derived("r", None, Timestamp::from_secs(incident), EventId::named("test", "1")));
    Notification { kind, incident, ..notification(number, "k", Priority::Low) }
}

#[test]
fn a_resolve_passes_and_frees_the_key_of_its_own_incident_alone() {
    let dedup = Dedup::new(WINDOW, 10);
    let now = Timestamp::from_secs(5);
    let tell = |number, kind, incident| dedup.admit(&of_incident(number, kind, incident), now);
    let (firing, resolved) = (NotificationKind::Firing, NotificationKind::Resolved);
    assert_eq!(tell(1, firing, 1), first(0));
    assert_eq!(tell(2, resolved, 7), first(0), "another incident's end is told as well");
    assert_eq!(tell(3, firing, 2), duplicate(1), "but it frees nothing");
    assert_eq!(tell(4, resolved, 1), first(0));
    assert_eq!(tell(5, firing, 3), first(1), "the next incident is told although the window runs");
    assert_eq!(tell(6, resolved, 3), first(0));
    assert_eq!(tell(7, firing, 4), first(0), "what the firing before told of is not told again");
}

#[test]
fn of_many_threads_exactly_one_is_first() {
    for _ in 0..20 {
        let dedup = Dedup::new(WINDOW, 10);
        let start = std::sync::Barrier::new(64);
        let firsts = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for number in 0..64 {
                let (dedup, start, firsts) = (&dedup, &start, &firsts);
                scope.spawn(move || {
                    start.wait();
                    let verdict = dedup.admit(&notification(number, "k", Priority::Low), Timestamp::EPOCH);
                    firsts.fetch_add(u64::from(verdict == first(0)), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(firsts.into_inner(), 1);
        let later = Timestamp::EPOCH + WINDOW + Duration::from_nanos(1);
        assert_eq!(dedup.admit(&notification(70, "k", Priority::Low), later), first(63));
    }
}

#[test]
fn memory_is_bounded_and_a_live_eviction_is_counted() {
    let dedup = Dedup::new(WINDOW, 8);
    for number in 0..200 {
        assert_eq!(dedup.admit(&notification(1, &format!("live {number}"), Priority::Low), Timestamp::EPOCH), first(0));
    }
    assert_eq!(dedup.live_evictions(), 192);
    assert_eq!(dedup.seen.entry_count(), 8);
    let later = Timestamp::from_secs(301);
    for number in 0..8 {
        assert_eq!(dedup.admit(&notification(1, &format!("late {number}"), Priority::Low), later), first(0));
    }
    assert_eq!(dedup.live_evictions(), 192, "closed windows went, which hurts nobody");
}

#[test]
fn the_extremes_of_time_are_harmless() {
    let dedup = Dedup::new(Duration::MAX, 0);
    assert_eq!(dedup.admit(&notification(1, "k", Priority::Low), Timestamp::EPOCH), first(0));
    assert_eq!(dedup.admit(&notification(2, "k", Priority::Low), Timestamp::MAX), duplicate(1));
}

proptest! {
    #[test]
    fn no_two_of_one_priority_pass_within_a_window(steps in prop::collection::vec(0i64..200, 1..60)) {
        let dedup = Dedup::new(WINDOW, 10);
        let mut now = 0;
        let (mut last_first, mut swallowed, mut told) = (None, 0, 0);
        for step in steps {
            now += step;
            match dedup.admit(&notification(1, "k", Priority::Low), Timestamp::from_secs(now)) {
                Admit::First { suppressed } => {
                    prop_assert!(last_first.is_none_or(|last| now - last > 300));
                    last_first = Some(now);
                    told += suppressed;
                    prop_assert_eq!(told, swallowed);
                }
                Admit::Duplicate { .. } => {
                    prop_assert!(last_first.is_some_and(|last| now - last <= 300));
                    swallowed += 1;
                }
            }
        }
    }
}
