//! When rules saw events: a row for those in a row that they saw at one time, such as a batch of them. Which time that is, and what
//! comes of it, is the engine's.
//!
//! An event's own row is not touched again: that would write its body twice. A batch costs one short row, and an event alone, whose
//! transaction has a sync of its own, the same.

use std::collections::VecDeque;

use tidings_core::Timestamp;

use super::{error::Failure, readers::Reader, row::Stored, schema::Table, work::Work};

/// Events in a row that rules saw at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: i64,
    /// How many there are behind the first.
    more: i64,
    at: i64,
}

impl Run {
    fn read(row: Stored<'_>) -> Option<Self> {
        Some(Self { first: row.integer(0)?, more: row.integer(1)?, at: row.integer(2)? })
    }

    const fn last(self) -> i64 {
        self.first.saturating_add(self.more)
    }
}

/// What a batch of plans tells, gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered(Vec<Run>);

impl Gathered {
    /// The event of this number was seen then.
    pub(crate) fn add(&mut self, number: i64, at: Timestamp) {
        let at = at.as_nanos();
        match self.0.last_mut() {
            Some(run) if run.at == at && run.last().checked_add(1) == Some(number) => run.more += 1,
            _ => self.0.push(Run { first: number, more: 0, at }),
        }
    }

    pub(crate) fn write(&self, work: &Work) -> Result<(), Failure> {
        for run in &self.0 {
            // One that was planned before is planned again where damage leaves that in doubt.
            work.delete(Table::Judged, run.first)?;
            work.insert(Table::Judged, &[run.first.into(), run.more.into(), run.at.into()])?;
        }
        Ok(())
    }
}

/// When events of a range were seen, to be asked in their order.
#[derive(Debug, Default)]
pub(crate) struct Seen(VecDeque<Run>);

impl Seen {
    /// When the event of this number was seen; none of a lower one is asked for after it.
    pub(crate) fn at(&mut self, number: i64) -> Option<Timestamp> {
        while self.0.get(1).is_some_and(|next| next.first <= number) {
            self.0.pop_front();
        }
        let run = self.0.front().filter(|run| (run.first..=run.last()).contains(&number))?;
        Some(Timestamp::from_nanos(run.at))
    }
}

impl Reader {
    /// When the events of these numbers were seen.
    pub(crate) fn seen(&mut self, first: i64, last: i64) -> Result<Seen, Failure> {
        let sql = "SELECT number,more,at,crc FROM judged \
            WHERE number>=coalesce((SELECT max(number) FROM judged WHERE number<=?1), ?1) AND number<=?2 ORDER BY number";
        Ok(Seen(self.scan((Table::Judged, sql), (first, last), Run::read)?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_in_a_row_that_were_seen_at_one_time_are_one_run() {
        let mut gathered = Gathered::default();
        for (number, second) in [(3, 1), (4, 1), (5, 2), (7, 2), (6, 2), (8, 2)] {
            gathered.add(number, Timestamp::from_secs(second));
        }
        let runs: Vec<_> = gathered.0.iter().map(|run| (run.first, run.more)).collect();
        assert_eq!(runs, [(3, 1), (5, 0), (7, 0), (6, 0), (8, 0)]);
        gathered.0.sort_by_key(|run| run.first);
        let mut seen = Seen(gathered.0.into());
        let told: Vec<_> = (1..=9).map(|number| seen.at(number).map(Timestamp::as_secs)).collect();
        let (one, two) = (Some(1), Some(2));
        assert_eq!(told, [None, None, one, one, two, two, two, two, None]);
    }
}
