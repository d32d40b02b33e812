//! Every figure of the table once for each kind of store. What each run checks stands beside it.

use std::time::Duration;

use proptest::prelude::*;
use tidings::Severity;
use tidings_tests::reliability::{
    Size, callbacks, clocks, day, lab::Backend, neighbours, receivers, redirects, retry_after, shedding, single, storm,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figure_4_a_good_sink_beside_a_bad_one_gets_everything() {
    for backend in Backend::ALL {
        neighbours::run(Size::Quick, backend).await;
    }
}

#[tokio::test]
async fn figure_6_an_outage_of_a_day_is_bridged_as_planned() {
    for backend in Backend::ALL {
        day::run(backend).await;
    }
}

#[tokio::test]
async fn figure_7_ten_minutes_of_outage_lose_nothing() {
    for backend in Backend::DURABLE {
        storm::run(Size::Quick, backend).await;
    }
}

#[tokio::test(start_paused = true)]
async fn figure_7_nobody_spins_while_an_endpoint_is_down() {
    storm::idle(60).await;
}

#[tokio::test]
async fn figure_8_a_wish_for_later_is_kept_within_bounds() {
    for backend in Backend::ALL {
        retry_after::run(backend).await;
        retry_after::limited_without_end(backend).await;
    }
}

#[tokio::test]
async fn figure_9_nobody_follows_a_redirect() {
    for backend in Backend::ALL {
        redirects::run(backend).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figure_10_whatever_a_receiver_answers_an_attempt_ends() {
    receivers::run(Backend::Memory).await;
}

#[tokio::test]
async fn figure_10_a_reset_after_the_body_is_asked_again_with_the_same_id() {
    for backend in Backend::ALL {
        receivers::reset_after_the_body(backend).await;
    }
}

#[tokio::test]
async fn figure_14_a_clock_that_is_set_harms_nothing() {
    for backend in Backend::ALL {
        clocks::run(backend).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figure_15_a_single_event_waits_for_no_other() {
    for backend in Backend::ALL {
        single::run(single::Rounds { count: 100, with_thread: true, bound: None }, backend).await;
    }
}

#[tokio::test(start_paused = true)]
async fn figure_15_no_wake_up_is_lost_to_be_found_by_a_poll() {
    // Events gather for a millisecond under load; a poll would come after two hundred and fifty.
    let bound = Some(Duration::from_millis(10));
    for backend in [Backend::Memory, Backend::Durable] {
        single::run(single::Rounds { count: 2_000, with_thread: false, bound }, backend).await;
    }
}

#[tokio::test]
async fn figure_16_the_least_severe_go_first_and_all_are_counted() {
    for backend in Backend::ALL {
        shedding::run(backend).await;
    }
}

fn severities() -> impl Strategy<Value = Vec<Severity>> {
    proptest::collection::vec(proptest::sample::select(Severity::ALL.to_vec()), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn figure_16_in_whatever_order_they_come(severities in severities(), room in 1u64..40) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for backend in [Backend::Memory, Backend::Durable] {
                shedding::at_the_door(&severities, room, backend).await;
                shedding::before_a_callback(&severities, room, backend).await;
            }
            shedding::before_a_receiver(&severities, room).await;
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figure_17_a_callback_harms_only_itself() {
    for backend in Backend::ALL {
        callbacks::run(backend).await;
    }
}
