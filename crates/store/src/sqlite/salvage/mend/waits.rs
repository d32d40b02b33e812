//! What waited for its moment when the file was damaged: a wait that leads to nothing, or to what has ended by the log, is taken out, and
//! a notification whose wait is lost is due at once. What it is told as then is decided by who looks at it.

use crate::{
    Step,
    sqlite::{
        error::Failure,
        log::step_code,
        row,
        tell::{DIGESTED, Standing, WITHDRAWN},
        waits::{self, Waits},
        work::Work,
    },
};

/// Statuses as they are kept: taken by enough channels, by too few, by none.
const COMPLETE: i64 = 1;
const INCOMPLETE: i64 = 2;
const FAILED: i64 = 3;

/// What an entry says of a notification that has neither legs nor a wait: how it ended.
const ENDS: [(Step, i64); 7] = [
    (Step::Gathered, DIGESTED),
    (Step::Dropped, DIGESTED),
    (Step::Denied, WITHDRAWN),
    (Step::Complete, COMPLETE),
    (Step::Incomplete, INCOMPLETE),
    (Step::Failed, FAILED),
    (Step::Delivered, COMPLETE),
];

/// Settles what waits; gives how many notifications are due at once since their wait is lost.
pub(super) fn settle(work: &mut Work) -> Result<u64, Failure> {
    // An older version of a page may bring back what has ended since.
    for number in row::integers(&work.connection, waits::PUT_OFF, [])? {
        if let Some(status) = logged_end(work, number)? {
            end(work, number, status)?;
        }
    }
    work.connection.execute(&format!("DELETE FROM deferred WHERE number IN ({})", waits::ORPHANS), [])?;
    let mut renewed = 0;
    for number in row::integers(&work.connection, waits::LOST, [])? {
        renewed += u64::from(waits::renew(work, number)?);
    }
    work.counters.waits = Waits::count(&work.connection)?;
    Ok(renewed)
}

fn end(work: &mut Work, number: i64, status: i64) -> Result<(), Failure> {
    match work.standing(number)? {
        Some(standing) => work.put_standing(&Standing { status, ..standing }),
        None => Ok(()),
    }
}

/// How the log says that it ended.
fn logged_end(work: &Work, number: i64) -> Result<Option<i64>, Failure> {
    let sql = "SELECT step FROM delivery_log WHERE notification=? ORDER BY number DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    let steps = statement.query_map([number], |row| row.get::<_, i64>(0))?;
    for step in steps {
        let step = step?;
        if let Some((_, status)) = ENDS.into_iter().find(|(end, _)| step_code(*end) == step) {
            return Ok(Some(status));
        }
    }
    Ok(None)
}
