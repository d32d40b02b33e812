//! Hours put together until as many are left as a person can look at. How they are drawn is left to `bars`.

use std::collections::BTreeMap;

/// So many bars stand beside one another at the most: with two in each place they are still wide enough on a phone.
const MOST: i64 = 60;
/// Hours that people think in: up to a year.
const WIDTHS: [i64; 13] = [1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 2_184, 4_368, 8_736];
/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// A stretch of time and what was before and after in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bin {
    /// Its start in Unix seconds.
    pub(super) from: i64,
    /// What was before.
    pub(super) before: u64,
    /// What is after.
    pub(super) after: u64,
}

/// Bins of one width, without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bins {
    /// Seconds of each.
    pub(super) width: i64,
    /// In the order of time.
    pub(super) all: Vec<Bin>,
}

/// The hours in bins, from the first that has any to the last, and over this range. `None` where there is nothing to show.
pub(super) fn bins(hours: &BTreeMap<i64, (u64, u64)>, range: Option<(i64, i64)>) -> Option<Bins> {
    let known = hours.keys().copied().chain(range.into_iter().flat_map(|(from, until)| [from, until.max(from)]));
    let (first, last) = known.fold(None, |span: Option<(i64, i64)>, at| {
        Some(span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
    })?;
    let width = width(first, last) * HOUR;
    let start = first.div_euclid(width) * width;
    let number = (last.saturating_sub(start)).div_euclid(width) + 1;
    let mut all: Vec<Bin> = (0..number).map(|index| Bin { from: start + index * width, before: 0, after: 0 }).collect();
    for (hour, (before, after)) in hours {
        let index = usize::try_from((hour - start).div_euclid(width)).ok();
        if let Some(bin) = index.and_then(|index| all.get_mut(index)) {
            bin.before += before;
            bin.after += after;
        }
    }
    Some(Bins { width, all })
}

/// How many hours a bin has, so that there are not too many.
fn width(first: i64, last: i64) -> i64 {
    let fits = |hours: &i64| {
        let width = hours * HOUR;
        last.div_euclid(width) - first.div_euclid(width) < MOST
    };
    let years = || (1..=1_000).map(|years| years * 8_736);
    WIDTHS.into_iter().chain(years()).find(fits).unwrap_or(8_736_000)
}

impl Bins {
    /// The width in words.
    pub(super) fn word(&self) -> String {
        match self.width / HOUR {
            1 => "an hour".to_owned(),
            hours if hours < 24 => format!("{hours} hours"),
            24 => "a day".to_owned(),
            168 => "a week".to_owned(),
            hours if hours < 672 => format!("{} days", hours / 24),
            hours => format!("{} weeks", hours / 168),
        }
    }
}
