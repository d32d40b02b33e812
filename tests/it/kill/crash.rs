//! Figures 1 and 2 in small.

use tidings_tests::kept::{
    crash::{Crash, GIVE_UP, Kill, STEPS},
    outdated::outdated,
    protocol::Stop,
    source::Source,
};

use super::PROGRAM;

const EVENTS: usize = 400;

async fn check(crash: Crash) {
    if let Err(problem) = crash.run(PROGRAM).await {
        panic!("{problem}\nthe case: {crash:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_random_points_nothing_acknowledged_is_lost() {
    for seed in 1..=6 {
        check(Crash::random(seed, EVENTS, 2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_resends_everything_makes_nothing_new() {
    for seed in 11..=13 {
        check(Crash { resends: true, ..Crash::random(seed, EVENTS, 1) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_any_two_steps_nothing_acknowledged_is_lost() {
    for (step, seed) in STEPS.into_iter().zip(21..) {
        let at = |nth| Kill::At(Stop { step: step.to_owned(), nth });
        check(Crash { kills: vec![at(3), at(1)], ..Crash::random(seed, EVENTS, 1) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_expires_once_wherever_the_process_dies() {
    for (step, seed) in GIVE_UP.into_iter().zip(41..) {
        let source = Source { seed, count: 120, doors: 1, timed: false };
        let report = outdated(PROGRAM, Stop { step: step.to_owned(), nth: 1 }, &source).await;
        report.unwrap_or_else(|problem| panic!("{step}, seed {seed}: {problem}"));
    }
}
