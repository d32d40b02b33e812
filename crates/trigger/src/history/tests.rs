//! Every read against a model that keeps all samples and begins from scratch each time.

mod coarse;
mod memory;

use proptest::prelude::*;

use super::{Change, Ends, Moments, Quantiles, Reads, Series, accumulator::Accumulator};

/// What an agent sends: how far its time moves, how late the sample is, its value.
#[derive(Clone, Debug)]
struct Sent {
    moves: i64,
    late: i64,
    value: f64,
}

/// All samples inside of a window, in the order of their times.
#[derive(Default)]
struct Model {
    samples: Vec<(i64, f64)>,
    late: u64,
}

impl Model {
    fn add(&mut self, at: i64, newest: i64, span: i64, value: f64) {
        if i128::from(at) <= i128::from(newest) - i128::from(span) {
            self.late += 1;
        } else {
            self.samples.push((at, value));
            self.samples.sort_by_key(|(at, _)| *at);
        }
        self.samples.retain(|(at, _)| i128::from(*at) > i128::from(newest) - i128::from(span));
    }

    fn values(&self) -> Vec<f64> {
        self.samples.iter().map(|(_, value)| *value).collect()
    }

    fn ends(&self) -> Option<(f64, f64)> {
        let values = self.values();
        (values.len() >= 2).then(|| (values[0], values[values.len() - 1]))
    }
}

fn exact_sum(values: &[f64]) -> f64 {
    if !values.iter().all(|value| value.is_finite()) {
        return values.iter().sum();
    }
    let mut accumulator = Accumulator::new();
    values.iter().for_each(|value| accumulator.add(*value));
    accumulator.rounded()
}

/// Mean and deviation from the distances to the mean, in units of the largest of them.
fn normal(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mean = exact_sum(values) / values.len() as f64;
    if values.iter().all(|value| *value == values[0]) {
        return Some((mean, 0.0));
    }
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max((value - mean).abs()));
    let squares: Vec<f64> = values.iter().map(|value| ((value - mean) / largest).powi(2)).collect();
    Some((mean, (exact_sum(&squares) / values.len() as f64).sqrt() * largest))
}

fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = q * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    Some(if low == high { low } else { low * (1.0 - rank.fract()) + high * rank.fract() })
}

fn increase(values: &[f64]) -> Option<f64> {
    let step = |pair: &[f64]| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] };
    (values.len() >= 2).then(|| exact_sum(&values.windows(2).map(step).collect::<Vec<_>>()))
}

fn close(got: Option<f64>, wanted: Option<f64>, tolerance: f64) -> bool {
    match (got, wanted) {
        (Some(got), Some(wanted)) => got == wanted || (got - wanted).abs() <= tolerance * wanted.abs().max(1e-300),
        (got, wanted) => got.is_none() && wanted.is_none(),
    }
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-20_i32..20).prop_map(f64::from),
        3 => prop::sample::select(vec![0.1, 0.2, 0.3, 1e9 + 0.25, 1e9 + 0.5]),
        3 => -1.0..1.0,
        1 => prop::sample::select(vec![1e300, -1e300, 1e160, 1e-170, 5e-324, f64::MAX / 1e4]),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let moves = prop_oneof![3 => Just(0_i64), 8 => 1_i64..20, 1 => 80_i64..300];
    let late = prop_oneof![6 => Just(0_i64), 3 => 1_i64..60, 1 => 90_i64..200];
    (moves, late, value()).prop_map(|(moves, late, value)| Sent { moves, late, value })
}

/// Streams the samples by a start and a span; calls back with the times of each.
fn stream(sent: &[Sent], start: i64, mut each: impl FnMut(i64, i64, f64)) {
    let mut newest = start;
    for Sent { moves, late, value } in sent {
        newest = newest.saturating_add(*moves);
        each(newest.saturating_sub(*late), newest, *value);
    }
}

fn starts() -> impl Strategy<Value = i64> {
    prop::sample::select(vec![0, 1_700_000_000_000_000_000, -150, i64::MIN, i64::MAX - 900])
}

const SPAN: i64 = 100;

proptest! {
    #[test]
    fn moments_are_those_of_the_samples(sent in prop::collection::vec(sent(), 1..250), start in starts(), reads in any::<(bool, bool)>()) {
        let mut moments = Moments::new(SPAN, Reads { extremes: reads.0, deviation: reads.1 });
        let mut model = Model::default();
        stream(&sent, start, |at, newest, value| {
            let before = model.late;
            let taken = moments.add(at, newest, value);
            moments.advance(newest);
            model.add(at, newest, SPAN, value);
            assert_eq!(taken, model.late == before);
            check_moments(&moments, &model, value, taken);
        });
    }

    #[test]
    fn changes_are_those_of_the_samples(sent in prop::collection::vec(sent(), 1..250), start in starts()) {
        let (mut change, mut ends) = (Change::new(SPAN), Ends::new(SPAN));
        let mut model = Model::default();
        stream(&sent, start, |at, newest, value| {
            change.add(at, newest, value);
            ends.add(at, newest, value);
            change.advance(newest);
            model.add(at, newest, SPAN, value);
            let (values, pair) = (model.values(), model.ends());
            assert_eq!(change.delta(), pair.map(|(first, last)| last - first));
            let relative = pair.filter(|(first, _)| *first != 0.0).map(|(first, last)| (last - first) / first);
            assert_eq!(change.relative(), relative);
            assert!(close(change.increase(), increase(&values), 1e-15), "{:?} of {values:?}", change.increase());
            assert_eq!((ends.last(), ends.previous()), (values.last().copied(), values.iter().rev().nth(1).copied()));
            assert_eq!((change.account().late, ends.account().late), (model.late, model.late));
        });
    }

    #[test]
    fn quantiles_are_those_of_the_samples(sent in prop::collection::vec(sent(), 1..250), start in starts(), q in 0.0..=1.0) {
        let mut quantiles = Quantiles::new(SPAN);
        let mut model = Model::default();
        stream(&sent, start, |at, newest, value| {
            quantiles.add(at, newest, value);
            quantiles.advance(newest);
            model.add(at, newest, SPAN, value);
            let values = model.values();
            let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
            for q in [q, 0.0, 0.5, 0.95, 1.0] {
                let (got, wanted) = (quantiles.quantile(q), quantile(&values, q));
                let near = got.zip(wanted).is_none_or(|(got, wanted)| got == wanted || (got - wanted).abs() <= size * 1e-13);
                assert!(near && got.is_some() == wanted.is_some(), "{q} of {values:?}: {got:?}, not {wanted:?}");
            }
        });
    }
}

fn check_moments(moments: &Moments, model: &Model, current: f64, taken: bool) {
    let values = model.values();
    assert_eq!(moments.count(), values.len() as u64);
    assert_eq!(moments.account().late, model.late);
    let sum = exact_sum(&values);
    assert!(close(Some(moments.sum()), Some(sum), f64::EPSILON), "sum {} of {values:?}", moments.sum());
    let mean = (!values.is_empty()).then(|| sum / values.len() as f64);
    assert!(close(moments.mean(), mean, 2.0 * f64::EPSILON));
    assert_eq!(moments.min(), values.iter().copied().min_by(f64::total_cmp));
    assert_eq!(moments.max(), values.iter().copied().max_by(f64::total_cmp));
    let deviation = normal(&values).map(|(_, deviation)| deviation);
    assert!(close(moments.deviation(), deviation, 1e-12), "deviation {:?} of {values:?}", moments.deviation());
    let mut baseline = values;
    if taken {
        let place = baseline.iter().position(|value| *value == current).unwrap();
        baseline.remove(place);
    }
    let wanted = normal(&baseline)
        .filter(|(_, deviation)| baseline.len() >= 8 && *deviation > 0.0)
        .map(|(mean, deviation)| (current - mean) / deviation);
    let got = moments.zscore(current, taken);
    assert!(close_score(got, wanted), "zscore {got:?}, not {wanted:?}, of {current} to {baseline:?}");
}

/// A score near 0 is the difference of near numbers: there its distance counts.
fn close_score(got: Option<f64>, wanted: Option<f64>) -> bool {
    let near = got.zip(wanted).is_some_and(|(got, wanted)| (got - wanted).abs() <= 1e-6);
    near || close(got, wanted, 1e-9)
}
