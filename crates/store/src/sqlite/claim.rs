//! Leasing what is due, and taking leases back. What comes of a lease is settled in `finish`.

use std::sync::Arc;

use rusqlite::Connection;
use tidings_core::{DeliveryId, Timestamp};

use super::{
    delivery::{Hot, select},
    error::Failure,
    row,
    schema::Table,
    shared::Change,
    work::Work,
};
use crate::model::{Claim, Which};

/// What was claimed, still encoded.
#[derive(Debug, Default)]
pub(crate) struct Leased {
    pub(crate) rows: Vec<Hot>,
    pub(crate) next_due: Option<Timestamp>,
}

pub(crate) const DUE: &str = select!("WHERE endpoint=? AND head=1 AND due<=? ORDER BY due, number LIMIT ?");
pub(crate) const OVERDUE: &str =
    select!("WHERE endpoint=?1 AND head=1 AND yields=1 AND expires<=?2 AND due<=?2 ORDER BY expires, due LIMIT ?3");
pub(crate) const NEXT: &str = "SELECT due FROM delivery WHERE endpoint=? AND head=1 ORDER BY due, number LIMIT 1";
pub(crate) const NEXT_OVERDUE: &str =
    "SELECT expires,due FROM delivery WHERE endpoint=? AND head=1 AND yields=1 ORDER BY expires";
pub(crate) const NEXT_END: &str = "SELECT due FROM delivery INDEXED BY delivery_due WHERE endpoint=? AND head=1 \
    AND leased=1 AND due>? ORDER BY due, number LIMIT 1";
pub(crate) const LEASED: &str =
    select!("INDEXED BY delivery_due WHERE endpoint=? AND head=1 AND leased=1 ORDER BY due, number");

pub(crate) fn claim(work: &mut Work, claim: &Claim, now: Timestamp) -> Result<Leased, Failure> {
    let Some(endpoint) = work.known_name(&claim.endpoint)? else { return Ok(Leased::default()) };
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    let sql = match claim.which {
        Which::Due => DUE,
        Which::Overdue => OVERDUE,
    };
    let mut rows = work.scan((Table::Delivery, sql), (endpoint, now.as_nanos(), limit), Hot::read)?;
    rows.sort_by_key(|row| (row.due, row.number));
    work.changes.push(Change::Elapsed(Arc::clone(&claim.endpoint), now));
    let until = now + claim.lease;
    for row in &mut rows {
        row.leased = true;
        row.due = until.as_nanos();
        row.attempts = row.attempts.saturating_add(1);
        row.fence += 1;
        work.update_lease(row)?;
        work.changes.push(Change::Leased(Arc::clone(&claim.endpoint), row.number, until));
    }
    let next = match claim.which {
        Which::Due => row::integers(&work.connection, NEXT, [endpoint])?.first().copied(),
        Which::Overdue => next_overdue(&work.connection, endpoint, now.as_nanos())?,
    };
    Ok(Leased { rows, next_due: next.map(Timestamp::from_nanos) })
}

/// When the next delivery is overdue, or a lease ends.
fn next_overdue(connection: &Connection, endpoint: i64, now: i64) -> rusqlite::Result<Option<i64>> {
    let mut next = row::integers(connection, NEXT_END, [endpoint, now])?.first().copied();
    let mut statement = connection.prepare_cached(NEXT_OVERDUE)?;
    let mut rows = statement.query([endpoint])?;
    while let Some(row) = rows.next()? {
        let (expires, due): (i64, i64) = (row.get(0)?, row.get(1)?);
        // None of those that follow is overdue earlier than its plan ends.
        if next.is_some_and(|next| next <= expires) {
            break;
        }
        let from = expires.max(due);
        next = Some(next.map_or(from, |next| next.min(from)));
    }
    Ok(next)
}

/// Drops the leases of an endpoint; what they proved is void.
pub(crate) fn release(work: &mut Work, endpoint: &Arc<str>, now: Timestamp) -> Result<u64, Failure> {
    let Some(name) = work.known_name(endpoint)? else { return Ok(0) };
    let rows = work.scan((Table::Delivery, LEASED), [name], Hot::read)?;
    let count = rows.len() as u64;
    for row in rows {
        take_back(work, Hot { due: now.as_nanos(), ..row }, endpoint)?;
    }
    if count > 0 {
        work.touch(endpoint);
    }
    Ok(count)
}

/// Makes those of these deliveries due now that wait for a later moment; says how many they are.
pub(crate) fn hasten(
    work: &mut Work,
    (endpoint, deliveries): (&Arc<str>, &[DeliveryId]),
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut count = 0;
    for id in deliveries {
        let waits = |row: &Hot| !row.leased && row.due > now.as_nanos();
        if let Some(row) = work.hot_of(*id)?.filter(waits) {
            work.update_lease(&Hot { due: now.as_nanos(), ..row })?;
            count += 1;
        }
    }
    if count > 0 {
        work.touch(endpoint);
    }
    Ok(count)
}

/// Gives leases back that nobody came to hold: they wait as before, due now, and no attempt is counted.
pub(crate) fn give_back(
    work: &mut Work,
    lent: &[(i64, i64)],
    endpoint: &Arc<str>,
    now: Timestamp,
) -> Result<(), Failure> {
    for (number, fence) in lent {
        let Some(row) = work.hot(*number)?.filter(|row| row.leased && row.fence == *fence) else { continue };
        take_back(work, Hot { due: now.as_nanos(), attempts: row.attempts.saturating_sub(1), ..row }, endpoint)?;
    }
    Ok(())
}

/// Makes a leased row wait again.
pub(crate) fn take_back(work: &mut Work, mut row: Hot, endpoint: &Arc<str>) -> Result<(), Failure> {
    row.leased = false;
    row.fence += 1;
    work.update_lease(&row)?;
    work.changes.push(Change::Freed(Arc::clone(endpoint), row.number));
    Ok(())
}
