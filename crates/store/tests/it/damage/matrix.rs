//! The matrix: kinds of harm against ends of a life.

use super::{
    harm::{Harm, kinds},
    life::{EVENTS, End, live},
    trial,
};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there is a runtime").block_on(future)
}

async fn matrix(end: End, count: usize) {
    let life = live(end).await;
    let sound = trial::run(&life, &[]).await;
    assert!(sound.damage.is_none(), "{end:?}: {:?}", sound.damage);
    for harm in kinds(&life, count) {
        let trial = trial::run(&life, &[harm]).await;
        let lost = EVENTS - trial.events_kept;
        assert!(lost <= 1 || !matches!(harm, Harm::Flip(..)), "{harm:?}: one bit took {lost} events along");
    }
}

#[test]
fn a_store_that_was_killed_starts_whatever_happened_to_its_files() {
    block_on(matrix(End::Killed, 6));
}

#[test]
fn a_commit_that_was_not_whole_gives_nothing_whatever_happened_to_the_files() {
    block_on(async {
        matrix(End::KilledInAccept, 3).await;
        matrix(End::KilledInPlan, 3).await;
    });
}

#[test]
fn a_store_that_was_killed_later_starts_whatever_happened_to_its_files() {
    block_on(matrix(End::KilledLater, 6));
}

#[test]
fn a_store_that_was_closed_starts_whatever_happened_to_its_file() {
    block_on(matrix(End::Closed, 12));
}

#[test]
fn two_kinds_of_harm_at_once_are_no_worse() {
    block_on(async {
        for end in End::ALL {
            let life = live(end).await;
            let harms = kinds(&life, 3);
            for (place, harm) in harms.iter().enumerate().step_by(3) {
                let other: Harm = harms[(place * 5 + 2) % harms.len()];
                trial::run(&life, &[*harm, other]).await;
            }
        }
    });
}
