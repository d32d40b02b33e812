//! Figures 1 and 2 in small.

use tidings_tests::kept::{
    crash::{Crash, Kill, STEPS},
    protocol::Stop,
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
