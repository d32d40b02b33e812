use super::*;

/// The share of the values below one, in the middle of those that equal it.
fn rank_of(values: &[f64], value: f64) -> (f64, f64) {
    let below = values.iter().filter(|other| **other < value).count() as f64;
    let up_to = values.iter().filter(|other| **other <= value).count() as f64;
    (below / values.len() as f64, up_to / values.len() as f64)
}

type Distribution = (&'static str, fn(u64) -> f64);

fn distributions() -> [Distribution; 6] {
    fn even(round: u64) -> f64 {
        (crate::history::chance::mixed(round) >> 11) as f64 / (1_u64 << 53) as f64
    }
    [
        ("even", even),
        ("a long tail", |round| (1.0 - even(round)).powi(-2)),
        ("two heaps", |round| if even(round) < 0.7 { even(!round) } else { 1_000.0 + even(!round) }),
        ("rising", |round| round as f64),
        ("a wave", |round| (round as f64 / 700.0).sin() + even(round) / 10.0),
        ("by turns", |round| (round % 2) as f64 * 50.0 + even(round)),
    ]
}

const ASKED: [f64; 5] = [0.05, 0.25, 0.5, 0.95, 0.99];

/// The root of the mean square of the rank errors, and the greatest.
fn errors(count: u64, gap: i64, each: fn(u64) -> f64) -> [(f64, f64); 5] {
    let mut squares = [(0.0, 0.0_f64); 5];
    let trials = 16;
    for trial in 0..trials {
        let mut quantiles = Quantiles::new(1_000_000_000);
        quantiles.levels = Levels::seeded(trial);
        let from = trial * 1_000_003;
        let values: Vec<f64> = (from..from + count).map(each).collect();
        let mut newest = 0;
        for (round, value) in values.iter().enumerate() {
            newest = round as i64 * gap;
            quantiles.add(newest, newest, *value);
        }
        quantiles.advance(newest);
        let inside = values.len().min((999_999_999 / gap) as usize + 1);
        let window = &values[values.len() - inside..];
        for (slot, q) in squares.iter_mut().zip(ASKED) {
            let (below, up_to) = rank_of(window, quantiles.quantile(q).unwrap());
            let error = (below - q).max(q - up_to).max(0.0);
            slot.0 += error * error / trials as f64;
            slot.1 = slot.1.max(error);
        }
    }
    squares.map(|(square, greatest)| (square.sqrt(), greatest))
}

#[test]
fn the_stated_error_holds_for_any_distribution() {
    // A burst within the window; a window that is full, and moves.
    for (count, gap) in [(600, 1), (5_000, 1), (9_000, 250_000)] {
        for (name, each) in distributions() {
            for (q, (deviation, greatest)) in ASKED.into_iter().zip(errors(count, gap, each)) {
                let stated = if (0.06..0.94).contains(&q) { 0.02 } else { 0.01 };
                assert!(deviation <= stated, "{name}, {count}: {deviation} at {q}");
                assert!(greatest <= 4.0 * stated, "{name}, {count}: {greatest} at {q}");
            }
        }
    }
}

#[test]
fn it_is_exact_again_when_the_crowd_has_gone() {
    let mut quantiles = Quantiles::new(1_000);
    (0..50_000).for_each(|at| _ = quantiles.add(at / 100, at / 100, 1.0));
    assert!(!quantiles.is_exact());
    for at in (600..4_000).step_by(10) {
        quantiles.add(at, at, 5.0);
        quantiles.advance(at);
    }
    assert!(quantiles.is_exact());
    assert_eq!((quantiles.samples.len(), quantiles.quantile(0.5)), (100, Some(5.0)));
}

#[test]
fn a_crowd_that_goes_leaves_a_window_of_the_few_that_came_after() {
    let mut quantiles = Quantiles::new(1_000);
    (0..100_000).for_each(|at| _ = quantiles.add(at / 200, at / 200, 1.0));
    let mut kept = 0;
    for at in 500..1_700 {
        quantiles.add(at, at, 2.0);
        kept = quantiles.samples.values().filter(|value| *value == 2.0).count();
    }
    assert!(kept > 150, "{kept}");
    assert_eq!(quantiles.quantile(0.01), Some(2.0));
}

#[test]
fn odd_numbers_have_quantiles() {
    let check = |values: &[f64], q: f64, expected: Option<f64>| {
        let mut quantiles = Quantiles::new(10);
        values.iter().for_each(|value| _ = quantiles.add(0, 0, *value));
        assert_eq!(quantiles.quantile(q), expected, "{q} of {values:?}");
    };
    check(&[], 0.5, None);
    check(&[1.0], 0.5, Some(1.0));
    check(&[1.0, 2.0], 0.25, Some(1.25));
    check(&[3.0, 1.0, 2.0], 1.0, Some(3.0));
    check(&[3.0, 1.0, 2.0], 0.0, Some(1.0));
    check(&[3.0, 1.0], 1.5, None);
    check(&[3.0, 1.0], -0.1, None);
    check(&[3.0, 1.0], f64::NAN, None);
    check(&[f64::MAX, f64::MIN], 0.5, Some(0.0));
    check(&[f64::INFINITY, f64::INFINITY], 0.5, Some(f64::INFINITY));
    check(&[f64::INFINITY, 1.0], 0.5, Some(f64::INFINITY));
    check(&[f64::INFINITY, f64::NEG_INFINITY], 0.5, None);
}
