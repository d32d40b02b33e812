//! The promises about memory: bounds, no allocation in steady state, none in a read.

use super::{Moments, Quantiles, Reads, Series};
use crate::history::{Change, Distinct, Ends, Ewma, Marks, Run};

const READS: Reads = Reads { extremes: true, deviation: true };

fn series(span: i64) -> [Series; 8] {
    [
        Series::Moments(Moments::new(span, READS)),
        Series::Change(Change::new(span)),
        Series::Quantiles(Quantiles::new(span)),
        Series::Ends(Ends::new(span)),
        Series::Distinct(Distinct::new(span)),
        Series::Ewma(Ewma::new(span)),
        Series::Run(Run::new(512)),
        Series::Marks(Marks::new(span)),
    ]
}

fn feed(series: &mut Series, at: i64, newest: i64) {
    match series {
        Series::Distinct(distinct) => _ = distinct.add(at, newest, newest.unsigned_abs()),
        Series::Run(run) => _ = run.add(at, at % 3 > 0),
        Series::Marks(marks) => _ = marks.add(at, newest),
        _ => _ = series.add_number(at, newest, (newest % 1_000) as f64),
    }
    series.advance(newest);
}

fn read(series: &Series) -> f64 {
    match series {
        Series::Moments(moments) => {
            let extremes = moments.min().unwrap_or(0.0) + moments.max().unwrap_or(0.0);
            extremes
                + moments.per_second()
                + moments.deviation().unwrap_or(0.0)
                + moments.zscore(5.0, true).unwrap_or(0.0)
        }
        Series::Change(change) => change.increase().unwrap_or(0.0) + change.relative().unwrap_or(0.0),
        Series::Quantiles(quantiles) => quantiles.quantile(0.95).unwrap_or(0.0),
        Series::Ends(ends) => ends.last().unwrap_or(0.0) + ends.previous().unwrap_or(0.0),
        Series::Distinct(distinct) => distinct.count() as f64,
        Series::Ewma(ewma) => ewma.value().unwrap_or(0.0),
        Series::Run(run) => f64::from(run.holds()),
        Series::Marks(marks) => f64::from(marks.within(0, i64::MAX)),
    }
}

#[test]
fn no_series_grows_beyond_its_bound() {
    // Few in the window, as many as are kept exactly, more, and so many that shares are halved often.
    for gap in [100_000, 20_000, 5_000, 10] {
        for mut series in series(10_000_000) {
            let mut most = 0;
            for round in 0..20_000_i64 {
                let newest = round * gap;
                let late = if round % 5 == 0 { round * 7_919 % 15_000_000 } else { 0 };
                feed(&mut series, newest - late, newest);
                most = most.max(series.bytes());
            }
            assert!(most <= 8_192 + 256 + 512, "{most} of {series:?}");
            assert_eq!(series.account().skipped, 0);
        }
    }
}

#[test]
fn buckets_take_less_than_samples() {
    let mut moments = Moments::new(600, READS);
    let mut change = Change::new(600);
    for at in 0..513 {
        moments.add(at, at, 1.0);
        change.add(at, at, 1.0);
        let most = if at < 512 { 8_192 } else { 2_880 + 160 };
        assert!(moments.bytes() <= most && change.bytes() <= most, "{} {}", moments.bytes(), change.bytes());
    }
    assert!(size_of::<Series>() <= 208, "a series that is empty takes {}", size_of::<Series>());
}

#[test]
fn a_steady_stream_allocates_nothing_and_neither_do_reads() {
    for gap in [20_000, 1_000] {
        for mut series in series(10_000_000) {
            (0..30_000).for_each(|round| feed(&mut series, round * gap, round * gap));
            let allocations = allocation_counter::measure(|| {
                for round in 30_000..32_000 {
                    feed(&mut series, round * gap, round * gap);
                    std::hint::black_box(read(&series));
                }
            });
            assert_eq!(allocations.count_total, 0, "{series:?}");
        }
    }
}

#[test]
fn values_that_are_no_numbers_are_counted() {
    for mut series in series(1_000) {
        let numbers = !matches!(series, Series::Distinct(_) | Series::Run(_) | Series::Marks(_));
        assert!(!series.add_number(1, 1, f64::NAN));
        series.skip();
        assert_eq!(series.account().skipped, if numbers { 2 } else { 0 });
    }
}
