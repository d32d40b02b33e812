//! What the store counts and remembers of itself, in one row that goes along with every commit.

use std::time::Duration;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tidings_core::Timestamp;

use super::{
    error::Failure,
    ids::Marks,
    row::{self, BadRow, Cell},
    schema::Table,
    waits::Waits,
};
use crate::model::{Census, SetBack};

/// The number of the one row.
const ROW: i64 = 1;

/// Numbers of rows: how many were made, and how many of the first ones were purged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Made {
    /// The last number given.
    pub(crate) last: i64,
    /// All numbers up to this one were purged.
    pub(crate) purged: i64,
    /// The latest time of a row so far.
    pub(crate) latest: i64,
    /// No row's time is earlier than the latest one before it by more than this.
    pub(crate) skew: i64,
}

impl Made {
    pub(crate) fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// The next number, of a row of this time.
    pub(crate) fn next_at(&mut self, at: i64) -> i64 {
        if self.last == self.purged {
            (self.latest, self.skew) = (at, 0);
        }
        self.skew = self.skew.max(self.latest.saturating_sub(at));
        self.latest = self.latest.max(at);
        self.next()
    }
}

/// Counts one less. A count that is at nothing was wrong before: that is said, and harms nothing else.
pub(crate) fn one_less(count: &mut u64, what: &'static str) {
    match count.checked_sub(1) {
        Some(less) => *count = less,
        None => {
            tracing::error!(target: "tidings::store", what, "counted as none, and there was one more: run `tidings fsck`")
        }
    }
}

/// All of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counters {
    pub(crate) events: Made,
    pub(crate) entries: Made,
    pub(crate) notifications: Made,
    pub(crate) deliveries: Made,
    /// The last number given to a row that is counted nowhere else.
    pub(crate) others: i64,
    /// What became of everything.
    pub(crate) census: Census,
    /// When the last event came.
    pub(crate) last_received: Option<i64>,
    /// The latest time that a caller told, since the clock was set back last.
    pub(crate) clock: i64,
    /// Whether a caller told the time at all: the clock may stand at 0 or before.
    pub(crate) has_clock: bool,
    /// For how long in all the store was not open between two lives.
    pub(crate) asleep: i64,
    /// The latest time that a caller ever told.
    pub(crate) peak: i64,
    /// By how much the clock was set back in all.
    pub(crate) shift: i64,
    /// When it was, the newest first: after which event, by how much, and after which entry of the log. By zero: no more.
    pub(crate) set_backs: [(i64, i64, i64); 8],
    /// How many rows were set aside.
    pub(crate) damaged: u64,
    /// Notifications that wait for their moment.
    pub(crate) waits: Waits,
    /// Up to where ids are found in the file.
    pub(crate) marks: Marks,
    /// How many deliveries are found there.
    pub(crate) keyed_deliveries: i64,
}

impl Counters {
    /// Notes what time it is.
    pub(crate) fn see(&mut self, now: Timestamp) {
        self.clock = self.last_seen().map_or(now.as_nanos(), |clock| clock.max(now.as_nanos()));
        self.has_clock = true;
        self.peak = self.peak.max(now.as_nanos());
    }

    /// The latest time that a caller told, if one did.
    pub(crate) fn last_seen(&self) -> Option<i64> {
        (self.has_clock || self.clock != 0).then_some(self.clock)
    }

    /// Notes that the clock was set back until now.
    pub(crate) fn set_back(&mut self, by: i64, now: Timestamp) {
        self.shift = self.shift.saturating_add(by);
        self.clock = now.as_nanos();
        // Where there is no room the oldest goes into the next one: events in between then seem older than they are, never newer.
        let [.., later, oldest] = &mut self.set_backs;
        later.1 = later.1.saturating_add(oldest.1);
        self.set_backs.rotate_right(1);
        if let Some(newest) = self.set_backs.first_mut() {
            *newest = (self.events.last, by, self.entries.last);
        }
    }

    /// Where it was set back, the oldest first.
    pub(crate) fn told_set_backs(&self) -> Vec<SetBack> {
        let told = |(event, by, entry): &(i64, i64, i64)| SetBack {
            event: event.unsigned_abs(),
            entry: entry.unsigned_abs(),
            by: Duration::from_nanos(by.unsigned_abs()),
        };
        self.set_backs.iter().rev().filter(|(_, by, _)| *by > 0).map(told).collect()
    }

    /// Reads them; `None` if they are not there or do not check.
    pub(crate) fn load(connection: &Connection) -> Result<Option<Self>, Failure> {
        let mut bad: Vec<BadRow> = Vec::new();
        let sql = Table::Meta.select("WHERE number=1");
        let read = |row: row::Stored<'_>| serde_json::from_str(row.text(1)?).ok();
        Ok(row::scan(connection, (Table::Meta, &sql), [], &mut bad, read)?.into_iter().next())
    }

    pub(crate) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        let content = serde_json::to_string(self).unwrap_or_default();
        let cells = [Cell::Integer(ROW), Cell::Text(&content)];
        row::put(connection, "INSERT OR REPLACE INTO meta(number,content,crc) VALUES(?,?,?)", Table::Meta, &cells)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_set_backs_none_is_forgotten() {
        let mut counters = Counters::default();
        for event in 1..=20 {
            counters.events.last = event;
            counters.set_back(10, Timestamp::EPOCH);
        }
        let moved =
            |event| counters.set_backs.iter().filter(|(last, ..)| *last >= event).map(|(_, by, _)| by).sum::<i64>();
        assert_eq!((moved(1), moved(20), moved(21)), (200, 10, 0));
        assert!((1..=20).all(|event| moved(event) >= 10 * (21 - event)));
    }
}
