//! Figures 3, 5, 12, 13 and 18 in small, and two processes on one file.

use std::time::Duration;

use tidings_tests::kept::{
    Disk,
    damaged::{Harm, damaged},
    full::full,
    incident::Story,
    polite::{polite, second},
    queued::queued,
    source::Source,
    unwritable::unwritable,
};

use super::PROGRAM;

fn source(seed: u64, count: usize) -> Source {
    Source { seed, count, doors: 2, timed: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_stop_under_load_loses_nothing() {
    for seed in 31..=33 {
        let stop = polite(PROGRAM, &source(seed, 600), 3_000.0, Duration::from_millis(30 * (seed - 30))).await;
        println!("{:?}", stop.unwrap_or_else(|problem| panic!("seed {seed}: {problem}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_hears_a_clear_error_and_disturbs_nobody() {
    let (told, _) = second(PROGRAM, &source(41, 400)).await.unwrap();
    assert!(told.contains("is in use by process ") && told.contains("tidings.db"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_while_a_receiver_is_down_arrives_once() {
    println!("{:?}", queued(PROGRAM, 1_500).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_nothing_is_told_and_nothing_is_forgotten() {
    for (disk, seed) in Disk::all().into_iter().zip(51..) {
        let full = full(PROGRAM, disk, &source(seed, 900)).await;
        let full = full.unwrap_or_else(|problem| panic!("{disk:?}, seed {seed}: {problem}"));
        assert!(full.told.contains("the store takes nothing now") && full.told.contains("tidings.db"), "{full:?}");
        println!("{full:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happened_to_its_files_a_notifier_starts_and_its_account_closes() {
    for (harm, seed) in Harm::ALL.into_iter().zip(81..) {
        let report = damaged(PROGRAM, harm, &source(seed, 300)).await;
        let report = report.unwrap_or_else(|problem| panic!("{harm:?}, seed {seed}: {problem}"));
        println!("{harm:?}: {} of 300 events kept", report.events.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_can_only_be_read_is_told_and_nothing_in_it_is_lost() {
    if let Some((told, counts)) = unwritable(PROGRAM, &source(56, 400)).await.unwrap() {
        assert!(told.contains("tidings.db") && told.contains("Read-only file system"), "{told}");
        println!("{counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing_that_is_said() {
    for seed in 61..=64 {
        let story = Story { seed, beats: 60, set_back: 0 };
        println!("{:?}", story.run(PROGRAM).await.unwrap_or_else(|problem| panic!("{story:?}: {problem}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_between_two_lives_changes_nothing_that_is_said() {
    for (seed, set_back) in (71..).zip([3_600, 86_400, 600]) {
        let story = Story { seed, beats: 40, set_back };
        println!("{:?}", story.run(PROGRAM).await.unwrap_or_else(|problem| panic!("{story:?}: {problem}")));
    }
}
