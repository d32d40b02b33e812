//! From a time to a number: rows are nearly in the order of their times, so that halving finds where they begin. How far they are
//! out of order is counted as they are written.

use tidings_core::Timestamp;

use super::{counters::Made, error::Failure, readers::Reader, row, schema::Table};

impl Reader {
    fn made(&self, table: Table) -> Result<Made, Failure> {
        let counters = self.counters()?;
        Ok(if table == Table::Event { counters.events } else { counters.entries })
    }

    fn time_at(&self, table: Table, number: i64) -> Result<Option<i64>, Failure> {
        let sql = match table {
            Table::Event => "SELECT received FROM event WHERE number>=? ORDER BY number LIMIT 1",
            _ => "SELECT at FROM delivery_log WHERE number>=? ORDER BY number LIMIT 1",
        };
        Ok(row::integers(&self.connection, sql, [number])?.first().copied())
    }

    /// A number that no row of this time or a later one is below.
    pub(super) fn first_since(&self, table: Table, since: Option<Timestamp>) -> Result<i64, Failure> {
        let Some(since) = since else { return Ok(1) };
        let made = self.made(table)?;
        // The latest time up to a row is at most so much later than the row's own.
        let bound = since.as_nanos().saturating_sub(made.skew);
        self.halve(table, made, |at| at >= bound)
    }

    /// A number that no entry before this time is above.
    pub(super) fn last_until(&self, until: Option<Timestamp>) -> Result<i64, Failure> {
        let Some(until) = until else { return Ok(i64::MAX) };
        let made = self.made(Table::Log)?;
        let bound = until.as_nanos().saturating_add(made.skew);
        let first = self.halve(Table::Log, made, |at| at >= bound)?;
        Ok(if first > made.last { i64::MAX } else { first })
    }

    /// A number where `holds` is true, and false just below, or past the last.
    fn halve(&self, table: Table, made: Made, holds: impl Fn(i64) -> bool) -> Result<i64, Failure> {
        let (mut low, mut high) = (made.purged + 1, made.last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.time_at(table, middle)? {
                Some(at) if !holds(at) => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
