//! Windows of more than 512 samples, against a model that keeps them all.

use proptest::prelude::*;

use super::{close, exact_sum, increase, normal};
use crate::history::{Change, Moments, Reads};

const SPAN: i64 = 6_000;
const WIDTH: i64 = SPAN / 60;
const READS: Reads = Reads { extremes: true, deviation: true };

/// All samples, and the greatest time.
struct Past {
    samples: Vec<(i64, f64)>,
    newest: i64,
}

impl Past {
    fn add(&mut self, at: i64, value: f64) {
        self.newest = self.newest.max(at);
        let place = self.samples.partition_point(|(time, _)| *time <= at);
        self.samples.insert(place, (at, value));
    }

    /// The samples of the window, or of those buckets of the grid that lie in it.
    fn values(&self, exact: bool) -> Vec<f64> {
        let first = (self.newest.div_euclid(WIDTH) - 59) * WIDTH;
        let from = if exact { self.newest - SPAN + 1 } else { first };
        self.samples.iter().filter(|(at, _)| *at >= from).map(|(_, value)| *value).collect()
    }
}

fn sent() -> impl Strategy<Value = Vec<(i64, i64, f64)>> {
    let moves = prop_oneof![40 => 0_i64..4, 4 => 5_i64..300, 1 => 3_000_i64..20_000];
    let late = prop_oneof![30 => Just(0_i64), 2 => 1_i64..50, 1 => 50_i64..5_000];
    let value = prop_oneof![4 => -100.0..100.0, 1 => Just(1e12), 4 => 1e6..1.000_001e6];
    prop::collection::vec((moves, late, value), 500..2_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn buckets_hold_what_their_stretch_of_time_holds(sent in sent(), start in prop::sample::select(vec![0, -7, 1_700_000_000_000_000_000])) {
        let (mut moments, mut change) = (Moments::new(SPAN, READS), Change::new(SPAN));
        let mut past = Past { samples: Vec::new(), newest: start };
        let mut newest = start;
        for (round, (moves, late, value)) in sent.into_iter().enumerate() {
            newest += moves;
            let at = newest - late;
            let exact = moments.is_exact();
            let taken = moments.add(at, newest, value);
            change.add(at, newest, value);
            moments.advance(newest);
            change.advance(newest);
            past.newest = newest;
            past.add(at, value);
            prop_assert!(taken || late > 0);
            if round % 7 == 0 || exact != moments.is_exact() {
                check(&moments, &change, &past, value);
            }
        }
    }
}

fn check(moments: &Moments, change: &Change, past: &Past, current: f64) {
    let values = past.values(moments.is_exact());
    assert_eq!(moments.count(), values.len() as u64);
    assert!(close(Some(moments.sum()), Some(exact_sum(&values)), 1e-15));
    assert_eq!(moments.min(), values.iter().copied().min_by(f64::total_cmp));
    assert_eq!(moments.max(), values.iter().copied().max_by(f64::total_cmp));
    let wanted = normal(&values);
    assert!(close(moments.deviation(), wanted.map(|(_, deviation)| deviation), 1e-10));
    let score = wanted.filter(|_| values.len() >= 8).filter(|(_, deviation)| *deviation > 0.0);
    let (got, wanted) = (moments.zscore(current, false), score.map(|(mean, deviation)| (current - mean) / deviation));
    assert_eq!(got.is_some(), wanted.is_some());
    assert!(got.zip(wanted).is_none_or(|(got, wanted)| (got - wanted).abs() <= 1e-6));
    let delta = (values.len() >= 2).then(|| values[values.len() - 1] - values[0]);
    assert_eq!(change.delta(), delta);
}

#[test]
fn a_counter_that_was_set_back_has_its_increase() {
    let mut change = Change::new(SPAN);
    let mut all = Vec::new();
    for at in 0..5_000_i64 {
        let value = (at % 700) as f64;
        // Each pair comes in the wrong order: where it spans two buckets or not, no step is lost.
        all.push(value);
        let at = at ^ 1;
        change.add(at, at.max(all.len() as i64), (at % 700) as f64);
    }
    change.advance(4_999);
    assert!(!change.is_exact());
    let got = change.increase().unwrap();
    let wanted = increase(&all).unwrap();
    assert!((got - wanted).abs() <= wanted * 0.002, "{got} for {wanted}");
}

#[test]
fn a_score_is_against_the_others_however_far_away_the_sample_is() {
    for count in [100, 5_000] {
        let mut moments = Moments::new(SPAN * 1_000, READS);
        for at in 0..count {
            moments.add(at, at, (at % 2) as f64);
        }
        for current in [1e6, 1e12, 1e200, f64::MAX] {
            assert!(moments.add(count, count, current));
            moments.advance(count);
            let score = moments.zscore(current, true).unwrap();
            assert!(
                (score / ((current - 0.5) / 0.5) - 1.0).abs() < 1e-9 || score.is_infinite(),
                "{score} of {current}"
            );
            // It goes before the next one comes.
            moments = Moments::new(SPAN * 1_000, READS);
            (0..count).for_each(|at| _ = moments.add(at, at, (at % 2) as f64));
        }
    }
}

#[test]
fn a_baseline_without_deviation_has_no_score() {
    for count in [8, 100, 5_000] {
        let mut moments = Moments::new(SPAN * 1_000, READS);
        (0..count).for_each(|at| _ = moments.add(at, at, 0.1));
        moments.advance(count);
        assert_eq!((moments.deviation(), moments.zscore(3.0, false)), (Some(0.0), None));
        moments.add(count, count, 3.0);
        moments.advance(count);
        assert_eq!(moments.zscore(3.0, true), None, "{count}");
        assert!(moments.zscore(3.0, false).is_some());
    }
}

#[test]
fn what_is_not_finite_leaves_without_a_trace() {
    for count in [20_i64, 3_000] {
        for odd in [vec![1e300], vec![f64::INFINITY], vec![f64::NEG_INFINITY, f64::INFINITY], vec![f64::MAX; 3]] {
            let (mut moments, mut change) = (Moments::new(SPAN, READS), Change::new(SPAN));
            let all = odd.iter().copied().chain(std::iter::repeat_n(1.0, count as usize));
            for (at, value) in all.enumerate() {
                moments.add(at as i64, at as i64, value);
                change.add(at as i64, at as i64, value);
            }
            moments.advance(0);
            let sum = exact_sum(&odd) + count as f64;
            assert!(close(Some(moments.sum()), Some(sum), 1e-15) || sum.is_nan() && moments.mean().is_none());
            // In buckets the squares of such numbers are beyond the range.
            assert_eq!(moments.deviation().is_some(), count == 20 && odd.iter().all(|odd| odd.is_finite()));
            let gone = SPAN + WIDTH + odd.len() as i64;
            moments.advance(gone);
            change.advance(gone);
            let left = moments.count();
            assert!(left > 0 && left <= count as u64 || count == 20);
            if left > 0 {
                assert_eq!((moments.sum(), moments.mean()), (left as f64, Some(1.0)));
                assert_eq!((moments.min(), moments.max(), moments.deviation()), (Some(1.0), Some(1.0), Some(0.0)));
                assert_eq!((change.increase(), change.relative()), (Some(0.0), Some(0.0)));
            }
        }
    }
}

#[test]
fn a_window_that_ran_empty_is_exact_again() {
    let mut moments = Moments::new(SPAN, READS);
    (0..2_000).for_each(|at| _ = moments.add(at, at, 1.0));
    assert!(!moments.is_exact());
    moments.advance(2_000 + SPAN + WIDTH);
    assert!(moments.is_exact());
    assert_eq!((moments.count(), moments.sum(), moments.mean(), moments.min()), (0, 0.0, None, None));
}

#[test]
fn no_time_and_no_span_is_too_odd() {
    let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for span in [i64::MIN, 0, 1, 59, 61, 3_600, i64::MAX] {
        for newest in times {
            let (mut moments, mut change) = (Moments::new(span, READS), Change::new(span));
            for at in times.into_iter().cycle().take(4_000) {
                moments.add(at, newest, 1.0);
                change.add(at, newest, 1.0);
            }
            moments.advance(i64::MAX);
            change.advance(i64::MAX);
            assert!(moments.count() > 0);
            assert_eq!((moments.sum(), moments.mean()), (moments.count() as f64, Some(1.0)));
            assert!(change.increase().is_none_or(|increase| increase == 0.0));
        }
    }
}
