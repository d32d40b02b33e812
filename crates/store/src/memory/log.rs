//! The last entries of the log in memory, and pages of them. What an entry says is `record`'s.

use std::collections::VecDeque;

use tidings_core::Timestamp;

use super::record::Record;
use crate::model::{Entry, LogFilter, Page};

/// How many entries are kept; the oldest go first.
const KEPT: usize = 10_000;
/// The longest page.
const PAGE: usize = 1_000;

/// Entries with numbers that have no gap.
#[derive(Debug, Default)]
pub(super) struct Log {
    records: VecDeque<Record>,
    /// How many have gone: the number of the last of them.
    gone: u64,
}

impl Log {
    pub(super) fn write(&mut self, record: Record) {
        self.records.push_back(record);
        if self.records.len() > KEPT {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if self.records.pop_front().is_some() {
            self.gone += 1;
        }
    }

    /// How many were ever written.
    pub(super) fn written(&self) -> u64 {
        self.gone + self.records.len() as u64
    }

    pub(super) fn query(&self, filter: &LogFilter, page: Page) -> Vec<Entry> {
        match page {
            Page::Before { number, limit } => {
                let below = self.place(number.unwrap_or(u64::MAX).saturating_sub(1));
                self.page((0..below).rev(), filter, limit)
            }
            Page::After { number, limit } => self.page(self.place(number)..self.records.len(), filter, limit),
        }
    }

    /// The place behind the entry of this number.
    fn place(&self, number: u64) -> usize {
        usize::try_from(number.saturating_sub(self.gone)).unwrap_or(usize::MAX).min(self.records.len())
    }

    fn page(&self, places: impl Iterator<Item = usize>, filter: &LogFilter, limit: usize) -> Vec<Entry> {
        let records = places.filter_map(|place| Some((place, self.records.get(place)?)));
        let wanted = records.filter(|(_, record)| fits(filter, record)).take(limit.clamp(1, PAGE));
        wanted.map(|(place, record)| record.entry(self.gone + place as u64 + 1)).collect()
    }

    /// Forgets the oldest that were written before this, at most so many; says how many.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> u64 {
        let mut purged = 0;
        while purged < limit && self.records.front().is_some_and(|record| record.at < before) {
            self.drop_oldest();
            purged += 1;
        }
        purged as u64
    }
}

fn fits(filter: &LogFilter, record: &Record) -> bool {
    let same = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
    let about = &record.about;
    (filter.steps.is_empty() || filter.steps.contains(&record.step))
        && filter.since.is_none_or(|since| record.at >= since)
        && filter.until.is_none_or(|until| record.at < until)
        && (filter.event.is_none() || filter.event == about.event())
        && (filter.notification.is_none() || filter.notification == about.notification())
        && (filter.delivery.is_none() || filter.delivery == about.delivery())
        && same(&filter.rule, about.rule())
        && same(&filter.agent, about.agent())
        && same(&filter.user, about.user())
        && same(&filter.endpoint, about.endpoint())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Step;

    #[test]
    fn the_oldest_go_and_numbers_stay() {
        let mut log = Log::default();
        let count = KEPT as u64 + 10;
        for second in 0..count {
            let about = super::super::record::About::Endpoint("hook".to_owned());
            log.write(Record::new(Step::Enabled, about, Timestamp::from_secs(second.cast_signed())));
        }
        let numbers = |page| {
            let entries = log.query(&LogFilter::default(), page);
            entries.iter().map(|entry| (entry.number, entry.at.as_secs() + 1)).collect::<Vec<_>>()
        };
        assert_eq!(log.written(), count);
        assert_eq!(numbers(Page::After { number: 3, limit: 2 }), [(11, 11), (12, 12)], "the first that are left");
        assert_eq!(numbers(Page::After { number: 12, limit: 1 }), [(13, 13)]);
        assert_eq!(numbers(Page::Before { number: Some(13), limit: 5 }), [(12, 12), (11, 11)]);
        assert_eq!(numbers(Page::Before { number: None, limit: 1 })[0].0, count);
        assert_eq!(log.purge(Timestamp::from_secs(12), usize::MAX), 2);
        assert_eq!(log.query(&LogFilter::default(), Page::After { number: 0, limit: 1 })[0].number, 13);
    }
}
