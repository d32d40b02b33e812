//! Figures 1, 2 and 3 of reliability through HTTP: killed at random points, killed and resent, told to stop under load.

use std::time::Duration;

use fastrand::Rng;

use crate::killed::{EVENTS, End, Outcome, case};

/// Makes every run the same, as far as the machine lets it.
const SEED: u64 = 7;

pub(crate) fn run(quick: bool) {
    let (events, random, resent, told) = if quick { (1_000, 2, 1, 1) } else { (EVENTS, 50, 10, 10) };
    let mut rng = Rng::with_seed(SEED);
    let whole = events / 2;
    let mut after = || Duration::from_millis(rng.u64(50..whole));
    tell(
        "killed at random, never resent",
        &(0..random).map(|_| case(events, End::Killed, after())).collect::<Vec<_>>(),
    );
    tell(
        "killed, then all is resent",
        &(0..resent).map(|_| case(events, End::KilledAndResent, after())).collect::<Vec<_>>(),
    );
    let stops: Vec<_> = (0..told).map(|_| case(events, End::Told, after())).collect();
    tell("told to stop under load", &stops);
    let mut took: Vec<_> = stops.iter().filter_map(|outcome| outcome.stopped_in).collect();
    took.sort_unstable();
    let refused: u64 = stops.iter().map(|outcome| outcome.refused).sum();
    println!(
        "  stopped after {:.0?} to {:.0?}; {refused} requests were answered with 503",
        took.first().unwrap(),
        took.last().unwrap()
    );
}

fn tell(name: &str, outcomes: &[Outcome]) {
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let most = outcomes.iter().map(|outcome| outcome.twice).max().unwrap_or_default();
    println!(
        "  {name}, {} times: {} lost of {} acknowledged; {} told twice, at most {most} in a case; {} under another id",
        outcomes.len(),
        sum(|of| of.lost),
        sum(|of| of.acknowledged),
        sum(|of| of.twice),
        sum(|of| of.renamed)
    );
}
