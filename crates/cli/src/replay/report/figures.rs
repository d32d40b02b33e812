//! From the numbers of replays to what a page shows. How they are counted is the tally's, how they look the page's.

use std::{collections::BTreeMap, path::Path};

use tidings::{
    Timestamp,
    replay::{Counts, Moment, NAMED, Only, OnlyTold, Tally},
};

use super::{Difference, Pair, Report, Side};

impl Report {
    /// The report of one replay, or of two over the same events.
    pub(crate) fn of(events: &Path, tallies: &[Tally], only: &Only) -> Self {
        let mut sides = tallies.iter().map(Side::of);
        let (first, against) = (sides.next().unwrap_or_default(), sides.next());
        let (differences, different) = match against {
            Some(_) => (differences(only), only.count(0) + only.count(1)),
            None => (Vec::new(), 0),
        };
        let tally = tallies.first();
        Self {
            source: source(events),
            events: tally.map_or(0, |tally| tally.events.replayed),
            range: tally.and_then(|tally| Some((time(tally.from?), time(tally.until?)))),
            first,
            against,
            differences,
            different,
        }
    }
}

impl Report {
    /// The same with the second first.
    pub(crate) fn turned(mut self) -> Self {
        if let Some(second) = &mut self.against {
            std::mem::swap(&mut self.first, second);
        }
        self.differences.iter_mut().for_each(|difference| difference.is_new = !difference.is_new);
        self
    }
}

/// The file's name; what stands before it is nobody's business.
fn source(events: &Path) -> String {
    match events.file_name() {
        Some(name) if name != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".to_owned(),
    }
}

fn time(at: Moment) -> Timestamp {
    Timestamp::from_secs(at.0)
}

/// What only one of them tells, in the order of time.
fn differences(only: &Only) -> Vec<Difference> {
    let of = |side: usize| only.first(side).into_iter().map(move |told| (told, side == 1));
    let mut all: Vec<(&OnlyTold, bool)> = of(0).chain(of(1)).collect();
    all.sort_by_key(|(told, is_new)| (told.at, *is_new));
    let shown = all.into_iter().take(NAMED).map(|(told, is_new)| Difference {
        at: time(told.at),
        user: told.user.clone(),
        rule: told.rule.clone(),
        title: told.title.clone(),
        is_new,
    });
    shown.collect()
}

impl Side {
    fn of(tally: &Tally) -> Self {
        let critical = &tally.critical_told;
        Self {
            config: tally.config.clone(),
            made: made(&tally.total),
            messages: tally.total.messages,
            critical_made: critical.made,
            critical_lost: critical.lost(),
            critical_told: critical.alone + critical.together,
            hours: tally.hours.iter().map(|(hour, counts)| (hour.0, Pair::of(counts))).collect(),
            rules: pairs(&tally.rules),
            users: pairs(&tally.users),
            suppressed: suppressed(&tally.total),
        }
    }
}

impl Pair {
    const fn of(counts: &Counts) -> Self {
        Self { made: made(counts), sent: counts.messages }
    }
}

/// Notifications of firings and ends: all but digests.
const fn made(counts: &Counts) -> u64 {
    counts.made.saturating_sub(counts.digests)
}

fn pairs(counts: &BTreeMap<String, Counts>) -> BTreeMap<String, Pair> {
    counts.iter().map(|(name, counts)| (name.clone(), Pair::of(counts))).collect()
}

fn suppressed(total: &Counts) -> Vec<(&'static str, u64)> {
    let out = &total.suppressed;
    vec![
        ("cooldown", out.cooldown),
        ("duplicate", out.duplicate),
        ("silenced", out.silenced),
        ("not wanted", out.denied()),
        ("held for later", total.held),
        ("in digests", total.digested),
        ("summed up in a storm", total.summed_up),
        ("over or withdrawn by then", out.dropped + out.withdrawn),
        ("end of what was not told", out.untold),
    ]
}
