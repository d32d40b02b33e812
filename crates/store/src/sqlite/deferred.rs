//! Notifications in the file that wait for their moment, a row for each. When that is, is told by the caller; what becomes of them then
//! stands in `resume`.

use std::sync::Arc;

use tidings_core::{Notification, Timestamp};
use tidings_policy::Wait;

use super::{
    Reader, encode,
    error::Failure,
    row::{BadRow, Cell, Reference, Stored},
    schema::Table,
    work::Work,
};
use crate::model::{Deferrals, Deferred};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT number,notification,event,user,until,since,digested,wait,crc FROM deferred ", $rest)
    };
}

/// Those whose wait is over by then, up to a count.
pub(crate) const DUE: &str = select!("WHERE until<=?1 ORDER BY until,user,number LIMIT ?2");
/// A user's, up to a count.
pub(crate) const OF: &str = select!("WHERE user=?1 ORDER BY until,number LIMIT ?2");
/// The others of a user and an end.
pub(crate) const REST: &str = select!("WHERE until=?1 AND user=?2 AND number>?3 ORDER BY number");
/// That of a notification.
pub(crate) const ONE: &str = select!("WHERE notification=?");

/// A row: which notification waits, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) notification: i64,
    /// That of the notification, so that it is kept as long.
    event: Reference,
    user: String,
    pub(crate) until: i64,
    since: i64,
    pub(crate) wait: Wait,
}

impl Row {
    pub(crate) fn read(row: Stored<'_>) -> Option<Self> {
        Some(Self {
            number: row.integer(0)?,
            notification: row.integer(1)?,
            event: row.reference(2)?,
            user: row.text(3)?.to_owned(),
            until: row.integer(4)?,
            since: row.integer(5)?,
            wait: serde_json::from_str(row.text(7)?).ok()?,
        })
    }

    /// Its cells around its wait, spelt out.
    fn cells<'a>(&'a self, wait: &'a str) -> [Cell<'a>; 8] {
        [
            self.number.into(),
            self.notification.into(),
            self.event.cell(),
            Cell::Text(&self.user),
            self.until.into(),
            self.since.into(),
            self.wait.digest.is_some().into(),
            Cell::Text(wait),
        ]
    }

    /// It waits for something else.
    pub(crate) fn waits_for(self, work: &mut Work, wait: &Wait) -> Result<(), Failure> {
        work.waits_moved = true;
        work.counters.waits.take(&self.wait);
        work.counters.waits.add(wait);
        let row = Self { until: wait.until.as_nanos(), wait: wait.clone(), ..self };
        work.replace(Table::Deferred, &row.cells(&spelt(wait)))
    }

    /// It waits no more.
    pub(crate) fn end(&self, work: &mut Work) -> Result<(), Failure> {
        work.waits_moved = true;
        work.counters.waits.take(&self.wait);
        work.delete(Table::Deferred, self.number).map(drop)
    }
}

fn spelt(wait: &Wait) -> String {
    serde_json::to_string(wait).unwrap_or_default()
}

/// A notification that has its row waits.
pub(crate) fn put_off(
    work: &mut Work,
    (notification, told): (i64, &Notification),
    wait: &Wait,
    since: Timestamp,
) -> Result<(), Failure> {
    let row = Row {
        number: work.next_other(),
        notification,
        event: work.event_reference(told.event)?,
        user: told.user_id.clone(),
        until: wait.until.as_nanos(),
        since: since.as_nanos(),
        wait: wait.clone(),
    };
    work.waits_moved = true;
    work.counters.waits.add(wait);
    work.insert(Table::Deferred, &row.cells(&spelt(wait)))
}

/// Leaves so many, and with the last of them the others of its user and end.
fn cut(rows: &mut Vec<Deferred>, limit: usize) {
    let of = |row: &Deferred| (row.wait.until, row.notification.user_id.clone());
    let Some(last) = rows.get(limit.saturating_sub(1)).map(of) else { return };
    let behind = rows.iter().skip(limit).take_while(|row| of(row) == last).count();
    rows.truncate(limit + behind);
}

impl Reader {
    /// Those asked for, about so many: never some without the others of the same user and end.
    pub(crate) fn deferred(&mut self, which: &Deferrals, limit: usize) -> Result<Vec<Deferred>, Failure> {
        let limit = limit.max(1);
        let mut reach = limit;
        loop {
            let before = self.bad.len();
            let mut found = Vec::new();
            for row in self.waiting_rows(which, reach)? {
                found.extend(self.dress_deferred(row)?);
            }
            // Where all of them are damaged, those behind them must not be held up.
            if !found.is_empty() || self.bad.len() - before < reach {
                cut(&mut found, limit);
                return Ok(found);
            }
            reach = reach.saturating_mul(2);
        }
    }

    fn waiting_rows(&mut self, which: &Deferrals, limit: usize) -> Result<Vec<Row>, Failure> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = match which {
            Deferrals::Due(now) => self.scan((Table::Deferred, DUE), (now.as_nanos(), limit), Row::read)?,
            Deferrals::Of(user) => self.scan((Table::Deferred, OF), (&**user, limit), Row::read)?,
            Deferrals::All => self.scan((Table::Deferred, DUE), (i64::MAX, limit), Row::read)?,
        };
        if let Some(last) = rows.last() {
            let others = (last.until, last.user.clone(), last.number);
            rows.extend(self.scan((Table::Deferred, REST), others, Row::read)?);
        }
        Ok(rows)
    }

    /// With its notification. A row without one is one that does not check.
    fn dress_deferred(&mut self, row: Row) -> Result<Option<Deferred>, Failure> {
        let before = self.bad.len();
        let known = match self.shared.notification(row.notification) {
            Some(known) => Some(known),
            None => self
                .standing(row.notification)?
                .and_then(|standing| encode::read_notification(&standing.body))
                .map(Arc::new),
        };
        if known.is_none() && self.bad.len() == before {
            self.bad.push(BadRow { table: Table::Deferred, number: row.number });
        }
        let since = Timestamp::from_nanos(row.since);
        Ok(known.map(|notification| Deferred { notification, wait: row.wait, since }))
    }
}
