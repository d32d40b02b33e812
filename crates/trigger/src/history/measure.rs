//! What one sample costs in steady state, the window full: `cargo test --release -p tidings-trigger --lib measure --
//! --ignored --nocapture`.

use super::{Change, Distinct, Moments, Quantiles, Reads, Run};

const ROUNDS: i64 = 2_000_000;
const PLAIN: Reads = Reads { extremes: false, deviation: false };
const EXTREMES: Reads = Reads { extremes: true, deviation: false };
const DEVIATION: Reads = Reads { extremes: false, deviation: true };

fn measure(name: &str, rounds: i64, mut each: impl FnMut(i64) -> f64) {
    (0..rounds / 4).for_each(|at| _ = std::hint::black_box(each(at)));
    let start = tidings_core::clock::instant_now();
    (rounds / 4..rounds).for_each(|at| _ = std::hint::black_box(each(at)));
    eprintln!("{name}: {:.1} ns", start.elapsed().as_nanos() as f64 / (rounds - rounds / 4) as f64);
}

fn noise(at: i64) -> f64 {
    (super::chance::mixed(at.unsigned_abs()) >> 40) as f64 / 1e3
}

/// Samples a second apart in a window of so many.
fn moments(name: &str, length: i64, reads: Reads, value: fn(i64) -> f64, read: fn(&Moments) -> f64) {
    const SECOND: i64 = 1_000_000_000;
    let mut moments = Moments::new(length * SECOND, reads);
    measure(&format!("{name}, {length} samples"), ROUNDS, |at| {
        let at = at * SECOND;
        moments.add(at, at, value(at));
        moments.advance(at);
        read(&moments)
    });
}

#[test]
#[ignore = "prints figures"]
fn measures() {
    measure("noise alone", ROUNDS, noise);
    for length in [20, 512, 600, 10_000, 100_000] {
        moments("mean", length, PLAIN, noise, |moments| moments.mean().unwrap_or(0.0));
        moments(
            "mean of decimals",
            length,
            PLAIN,
            |at| (at % 7) as f64 / 10.0,
            |moments| moments.mean().unwrap_or(0.0),
        );
        moments("deviation", length, DEVIATION, noise, |moments| moments.deviation().unwrap_or(0.0));
        moments("score", length, DEVIATION, noise, |moments| moments.zscore(3.0, true).unwrap_or(0.0));
        moments("max", length, EXTREMES, noise, |moments| moments.max().unwrap_or(0.0));
        moments("max of falling", length, EXTREMES, |at| -at as f64, |moments| moments.max().unwrap_or(0.0));
        let mut change = Change::new(length);
        measure(&format!("increase, {length} samples"), ROUNDS, |at| {
            change.add(at, at, at as f64);
            change.advance(at);
            change.increase().unwrap_or(0.0)
        });
        let mut quantiles = Quantiles::new(length);
        measure(&format!("quantile, {length} samples"), ROUNDS / 20, |at| {
            quantiles.add(at, at, noise(at));
            quantiles.quantile(0.95).unwrap_or(0.0)
        });
        let mut distinct = Distinct::new(length);
        measure(&format!("distinct, {length} samples"), ROUNDS / 4, |at| {
            distinct.add(at, at, at.unsigned_abs());
            distinct.count() as f64
        });
    }
    let mut run = Run::new(512);
    measure("run of 512", ROUNDS, |at| {
        run.add(at, at % 600 > 0);
        f64::from(run.holds())
    });
}
