//! A daemon that is killed or told to stop under load, by the same means as `cargo bench -p tidings-cli --bench daemon -- kills`, a little
//! of it: nothing that was acknowledged is lost, and what comes again comes under its id.

use std::time::Duration;

use crate::killed::{End, Outcome, case};

const EVENTS: u64 = 1_500;

fn check(end: End, after: Duration) -> Outcome {
    let outcome = case(EVENTS, end, after);
    assert_eq!((outcome.lost, outcome.renamed), (0, 0), "{end:?}: {outcome:?}");
    // What is in flight at a kill may come again, and nothing else: 16 attempts at a time.
    assert!(outcome.twice <= 2 * 16, "{end:?}: {outcome:?}");
    outcome
}

#[test]
fn a_killed_daemon_loses_nothing_that_it_acknowledged() {
    let outcomes = [60, 330, 600].map(|after| check(End::Killed, Duration::from_millis(after)));
    // On a machine that has much to do the first one may come before anything was acknowledged.
    assert!(outcomes.iter().any(|outcome| outcome.acknowledged > 0), "{outcomes:?}");
}

#[test]
fn what_is_resent_after_a_kill_is_told_once() {
    let outcome = check(End::KilledAndResent, Duration::from_millis(400));
    assert_eq!(outcome.acknowledged, EVENTS, "{outcome:?}");
}

#[test]
fn a_daemon_that_is_told_to_stop_loses_nothing() {
    let outcome = check(End::Told, Duration::from_millis(400));
    assert_eq!(outcome.twice, 0, "{outcome:?}");
    assert!(outcome.acknowledged > 0, "{outcome:?}");
    // It drains for at most 10 s, and ends.
    assert!(outcome.stopped_in.is_some_and(|took| took < Duration::from_secs(30)), "{outcome:?}");
}
