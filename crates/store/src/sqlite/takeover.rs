//! Taking the file over from the process before: its leases end, and what a clock that was set back would hold up is moved along.

use tidings_core::Timestamp;

use super::{
    delivery::{Hot, select},
    error::Failure,
    registry,
    row::{self, Stored},
    schema::Table,
    work::Work,
};
use crate::model::{Disabled, Recovered};

/// A clock that is back by less than this was only set right.
const TOLERANCE: i64 = 1_000_000_000;
/// So many rows are moved at once.
const SLICE: i64 = 1_000;

/// The leases of all endpoints.
pub(crate) const ALL_LEASED: &str = "SELECT number FROM delivery INDEXED BY delivery_due WHERE head=1 AND leased=1";

pub(crate) fn take_over(work: &mut Work, shifts_rules: bool, now: Timestamp) -> Result<Recovered, Failure> {
    let leases = end_leases(work, now)?;
    let last_told = work.counters.last_seen();
    let back = last_told.map_or(0, |clock| clock.saturating_sub(now.as_nanos()));
    let shift = if back > TOLERANCE { back } else { 0 };
    if shift > 0 {
        move_deliveries(work, shift)?;
        move_keys(work, shift, shifts_rules)?;
        work.counters.set_back(shift, now);
    }
    if let Some(last) = last_told {
        let asleep = now.as_nanos().saturating_sub(last).max(0);
        work.counters.asleep = work.counters.asleep.saturating_add(asleep);
    }
    work.see(now);
    let counters = &work.counters;
    Ok(Recovered {
        last_event: counters.events.last.unsigned_abs(),
        last_received: counters.last_received.map(Timestamp::from_nanos),
        last_told: last_told.map(|clock| Timestamp::from_nanos(clock).min(now)),
        waiting: counters.census.waiting,
        leases,
        shift,
        set_backs: counters.told_set_backs(),
        damage: work.shared.opened.damage.clone(),
        disabled: disabled(work)?,
    })
}

fn end_leases(work: &mut Work, now: Timestamp) -> Result<u64, Failure> {
    let leased = row::integers(&work.connection, ALL_LEASED, [])?;
    let mut count = 0;
    for number in leased {
        let Some(mut row) = work.hot(number)? else { continue };
        row.leased = false;
        row.due = now.as_nanos();
        row.fence += 1;
        work.update_lease(&row)?;
        count += 1;
    }
    Ok(count)
}

fn move_deliveries(work: &mut Work, shift: i64) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let slice = select!("WHERE number>? ORDER BY number LIMIT ?");
        let rows = work.scan((Table::Delivery, slice), (after, SLICE), Hot::read)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.number;
        for mut row in rows {
            for time in [&mut row.made, &mut row.due, &mut row.expires] {
                *time = time.saturating_sub(shift);
            }
            work.replace(Table::Delivery, &row.cells())?;
        }
    }
}

/// Moves the times of what is put if absent: those by the wall clock, and with `rules` those that rules go by.
fn move_keys(work: &mut Work, shift: i64, rules: bool) -> Result<(), Failure> {
    let (cooldown, dedup): (&[usize], &[usize]) = if rules { (&[3, 4], &[4, 5]) } else { (&[4], &[5]) };
    move_times(work, Table::Cooldown, cooldown, shift)?;
    move_times(work, Table::Dedup, dedup, shift)?;
    move_times(work, Table::Told, &[6], shift)
}

/// Moves the times in these columns of all rows.
fn move_times(work: &mut Work, table: Table, places: &[usize], shift: i64) -> Result<(), Failure> {
    let sql = table.select("");
    let width = table.columns().len();
    let copy = |row: Stored<'_>| (0..width).map(|place| row.owned(place)).collect::<Option<Vec<_>>>();
    for mut row in work.scan((table, &sql), [], copy)? {
        for place in places {
            if let Some(row::Owned::Integer(time)) = row.get_mut(*place) {
                *time = time.saturating_sub(shift);
            }
        }
        let cells: Vec<_> = row.iter().map(row::Owned::cell).collect();
        work.replace(table, &cells)?;
    }
    Ok(())
}

fn disabled(work: &mut Work) -> Result<Vec<Disabled>, Failure> {
    let sql = Table::Disabled.select("ORDER BY endpoint, address");
    work.scan((Table::Disabled, &sql), [], registry::read_disabled)
}
