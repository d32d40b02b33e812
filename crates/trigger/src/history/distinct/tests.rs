use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn few_values_are_counted_exactly(sent in prop::collection::vec((0_i64..8, 0_i64..80, 0_u64..40), 1..600)) {
        let mut distinct = Distinct::new(100);
        let mut seen: HashMap<u64, i64> = HashMap::new();
        let mut newest = 0;
        for (moves, late, hash) in sent {
            newest += moves;
            let at = newest - late;
            distinct.add(at, newest, hash);
            distinct.advance(newest);
            let latest = seen.entry(hash).or_insert(at);
            *latest = at.max(*latest);
            prop_assert_eq!(distinct.count(), seen.values().filter(|at| **at > newest - 100).count() as u64);
        }
    }
}

#[test]
fn many_samples_of_few_values_stay_exact() {
    let mut distinct = Distinct::new(1_000_000);
    for at in 0..100_000 {
        distinct.add(at, at, at.unsigned_abs() % 512);
    }
    assert!(distinct.is_exact());
    assert_eq!(distinct.count(), 512);
}

/// The root of the mean square of the relative errors over some trials, and the greatest.
fn errors(values: u64, span: i64, rounds: i64) -> (f64, f64) {
    let (mut square, mut greatest) = (0.0, 0.0_f64);
    for trial in 0..40_u64 {
        let mut distinct = Distinct::new(span);
        for at in 0..rounds {
            distinct.add(at, at, (trial << 40) | (at.unsigned_abs() % values));
        }
        let wanted = values.min(span.min(rounds).unsigned_abs()) as f64;
        let error = (distinct.count() as f64 / wanted - 1.0).abs();
        square += error * error / 40.0;
        greatest = greatest.max(error);
    }
    (square.sqrt(), greatest)
}

#[test]
fn the_stated_error_holds() {
    for (values, span, rounds) in
        [(520, 10_000, 10_000), (1_000, 10_000, 10_000), (7_000, 10_000, 30_000), (u64::MAX, 3_000, 20_000)]
    {
        let (deviation, greatest) = errors(values, span, rounds);
        assert!(deviation <= 0.08, "{values}: {deviation}");
        assert!(greatest <= 4.0 * 0.08, "{values}: {greatest}");
    }
}

#[test]
fn it_is_exact_again_a_span_after_the_crowd() {
    let mut distinct = Distinct::new(1_000);
    for at in 0..900 {
        (0..20).for_each(|value| _ = distinct.add(at, at, at.unsigned_abs() * 20 + value));
    }
    assert!(!distinct.is_exact());
    for at in 900..4_000 {
        distinct.add(at, at, at.unsigned_abs() % 50);
    }
    assert!(distinct.is_exact());
    assert_eq!(distinct.count(), 50);
}

#[test]
fn a_silence_of_a_span_ends_a_crowd_at_once() {
    let mut distinct = Distinct::new(1_000);
    (0..900_u64).for_each(|value| _ = distinct.add(0, 0, value));
    assert!(!distinct.is_exact());
    distinct.advance(1_000);
    assert_eq!((distinct.is_exact(), distinct.count()), (true, 0));
    assert!(!distinct.add(0, 1_000, 1));
    assert_eq!(distinct.account().late, 1);
}

#[test]
fn odd_times_are_counted() {
    let mut distinct = Distinct::new(i64::MAX);
    for at in [i64::MIN, i64::MAX, 0, i64::MIN, i64::MAX] {
        distinct.add(at, i64::MAX, at.unsigned_abs());
    }
    assert_eq!((distinct.count(), distinct.account().late), (1, 3));
}
