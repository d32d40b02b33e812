//! The counters of a file that was damaged: never below what its rows show, and closing. What is counted live is told in
//! `counters`.

use rusqlite::Connection;

use crate::{
    Step,
    sqlite::{
        counters::{Counters, Made},
        error::Failure,
        ids::{Kind, Marks, short},
        log::step_code,
        row::{self, Cell},
        salvage::{
            expected::{expected, lost},
            harvest::Account,
        },
        schema::Table,
        tell::{DIGESTED, WITHDRAWN},
        work::Work,
    },
};

/// Rows that are found by an id, and the column that holds it.
const KEYED: [(Kind, &str); 4] = [
    (Kind::Event, "SELECT number, id FROM event"),
    (Kind::Notification, "SELECT number, id FROM notification"),
    (Kind::Delivery, "SELECT number, id FROM delivery"),
    (Kind::Entry, "SELECT number, delivery FROM delivery_log WHERE delivery IS NOT NULL"),
];

/// Tables whose rows are counted nowhere else.
const OTHERS: [Table; 12] = [
    Table::Name,
    Table::Cooldown,
    Table::Dedup,
    Table::Told,
    Table::State,
    Table::RuleSet,
    Table::Cursor,
    Table::Disabled,
    Table::Damaged,
    Table::Inbox,
    Table::Deferred,
    Table::Document,
];

/// A count, or a greatest value.
pub(super) fn count(connection: &Connection, sql: &str) -> Result<u64, Failure> {
    let value: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(value.and_then(|value| u64::try_from(value).ok()).unwrap_or_default())
}

fn greatest(connection: &Connection, sql: &str) -> Result<i64, Failure> {
    Ok(connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or_default())
}

/// The counters, raised to what the rows show.
pub(super) fn raise(connection: &Connection, account: &Account) -> Result<Counters, Failure> {
    let (mut counters, known) = match account {
        Account::Last(counters) => (*counters, true),
        Account::Earlier(counters) => (*counters, true),
        Account::Lost => (Counters::default(), false),
    };
    let referred = |column: &str| {
        format!(
            "SELECT max(coalesce((SELECT max({column}) FROM delivery WHERE typeof({column})='integer'), 0), \
            coalesce((SELECT max({column}) FROM delivery_log WHERE typeof({column})='integer'), 0))"
        )
    };
    raise_made(connection, &mut counters.events, ("event", "received"), known)?;
    raise_made(connection, &mut counters.entries, ("delivery_log", "at"), known)?;
    raise_made(connection, &mut counters.notifications, ("notification", "planned"), known)?;
    // A sink that is ahead of the events, or rules that begin behind them, would pass over those to come.
    for sql in [
        &*referred("event"),
        "SELECT max(number) FROM event_outbox",
        "SELECT max(event) FROM sink_cursor",
        "SELECT max(first)-1 FROM rule_set",
    ] {
        counters.events.last = counters.events.last.max(greatest(connection, sql)?);
    }
    if !known && count(connection, "SELECT count(*) FROM event")? == 0 {
        // How many of them were purged nobody knows.
        counters.events.purged = counters.events.last;
    }
    counters.notifications.last = counters.notifications.last.max(greatest(connection, &referred("notification"))?);
    let deliveries = greatest(connection, "SELECT max(number) FROM delivery")?;
    counters.deliveries.last = counters.deliveries.last.max(deliveries);
    for table in OTHERS {
        let last = greatest(connection, &format!("SELECT max(number) FROM {}", table.name()))?;
        counters.others = counters.others.max(last);
    }
    counters.shift = counters.shift.max(greatest(connection, "SELECT max(shift) FROM rule_state")?);
    if counters.last_received.is_none() && counters.events.last > 0 {
        counters.last_received = Some(counters.events.latest);
    }
    let latest = counters.events.latest.max(counters.entries.latest).max(counters.notifications.latest);
    (counters.clock, counters.peak) = (counters.clock.max(latest), counters.peak.max(latest));
    Ok(counters)
}

/// Raises the numbers of one table, and what is known of their times.
fn raise_made(
    connection: &Connection,
    made: &mut Made,
    (table, time): (&str, &str),
    known: bool,
) -> Result<(), Failure> {
    let mut statement = connection.prepare(&format!("SELECT number, {time} FROM {table} ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let mut is_first = true;
    let mut latest = i64::MIN;
    while let Some(row) = rows.next()? {
        let (number, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        if is_first && !known {
            made.purged = number.saturating_sub(1).max(0);
            made.latest = at;
        }
        is_first = false;
        made.last = made.last.max(number);
        made.skew = made.skew.max(latest.saturating_sub(at));
        latest = latest.max(at);
    }
    made.latest = made.latest.max(latest);
    Ok(())
}

/// How many rows a table should have; `None` where nothing tells. What was set aside or lost before was told of then.
pub(super) fn due(work: &Work, table: Table) -> Result<Option<u64>, Failure> {
    let Some((made, purged)) = expected(&work.counters, table) else { return Ok(None) };
    let sql = "SELECT (SELECT count(*) FROM damaged WHERE origin=?1 AND row>?2) + \
        (SELECT coalesce(sum(CAST(CAST(content AS TEXT) AS INTEGER)), 0) FROM damaged WHERE origin=?3)";
    let gone: i64 = work.connection.query_row(sql, (table.name(), purged, lost(table)), |row| row.get(0))?;
    Ok(Some(made.saturating_sub(gone.max(0).unsigned_abs())))
}

/// Notes how many numbers are missing for good, so that the next start does not take them for a new loss.
pub(super) fn note_lost(work: &mut Work, now: i64) -> Result<(), Failure> {
    for table in [Table::Event, Table::Log, Table::Notification] {
        let Some((made, purged)) = expected(&work.counters, table) else { continue };
        let kept = count(&work.connection, &format!("SELECT count(*) FROM {} WHERE number>{purged}", table.name()))?;
        let known = made.saturating_sub(due(work, table)?.unwrap_or_default());
        let missing = made.saturating_sub(kept + known);
        if missing == 0 {
            continue;
        }
        put_lost(work, &lost(table), (last(work, table), missing), now)?;
    }
    Ok(())
}

/// The last number that was made.
const fn last(work: &Work, table: Table) -> i64 {
    match table {
        Table::Event => work.counters.events.last,
        Table::Log => work.counters.entries.last,
        _ => work.counters.notifications.last,
    }
}

/// Notes so many rows up to this one, and takes a note into it that says so of others up to the same. It can go when they all would
/// be purged.
fn put_lost(work: &mut Work, origin: &str, (row, missing): (i64, u64), now: i64) -> Result<(), Failure> {
    let before = "SELECT sum(CAST(CAST(content AS TEXT) AS INTEGER)) FROM damaged WHERE origin=? AND row=?";
    let before: Option<i64> = work.connection.query_row(before, (origin, row), |found| found.get(0))?;
    work.connection.execute("DELETE FROM damaged WHERE origin=? AND row=?", (origin, row))?;
    let content = missing.saturating_add(before.unwrap_or_default().unsigned_abs()).to_string();
    let number = work.next_other();
    let cells = [number.into(), Cell::Text(origin), row.into(), now.into(), Cell::Blob(content.as_bytes())];
    row::put(&work.connection, &Table::Damaged.insert(), Table::Damaged, &cells)?;
    Ok(())
}

/// Makes the account close: what is lost has become what it would have been given up as.
pub(super) fn close(work: &mut Work, trusted: bool) -> Result<(), Failure> {
    let connection = &work.connection;
    let logged =
        |step: Step| count(connection, &format!("SELECT count(*) FROM delivery_log WHERE step={}", step_code(step)));
    let mut census = work.counters.census;
    let last = |made: Made| made.last.unsigned_abs();
    if !trusted {
        census.delivered = census.delivered.max(logged(Step::Delivered)?);
        census.expired = census.expired.max(logged(Step::Expired)?);
        census.complete = census.complete.max(logged(Step::Complete)?);
        census.incomplete = census.incomplete.max(logged(Step::Incomplete)?);
    }
    census.events = census.events.max(last(work.counters.events));
    census.entries = census.entries.max(last(work.counters.entries));
    census.waiting = count(connection, "SELECT count(*) FROM event_outbox")?;
    census.open = count(connection, "SELECT count(*) FROM delivery")?;
    let settled = census.delivered + census.expired + census.unwanted + census.open;
    census.deliveries = census.deliveries.max(last(work.counters.deliveries)).max(settled);
    census.dead = census.deliveries - settled;
    let pending = count(connection, "SELECT count(*) FROM notification WHERE status=0")?;
    if !trusted {
        let kept = |status: i64| count(connection, &format!("SELECT count(*) FROM notification WHERE status={status}"));
        census.digested = census.digested.max(kept(DIGESTED)?);
        census.withdrawn = census.withdrawn.max(kept(WITHDRAWN)?);
    }
    let closed = census.complete + census.incomplete + census.digested + census.withdrawn + pending;
    census.notifications = census.notifications.max(last(work.counters.notifications)).max(closed);
    census.failed = census.notifications - closed;
    work.counters.census = census;
    Ok(())
}

/// Files the ids of all rows, so that the next start need not read them.
pub(super) fn file_ids(work: &mut Work) -> Result<(), Failure> {
    work.connection.execute("DELETE FROM id_key", [])?;
    let mut insert = work.connection.prepare("INSERT OR IGNORE INTO id_key(kind,key,number) VALUES(?,?,?)")?;
    for (kind, sql) in KEYED {
        let mut statement = work.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(1)?.as_blob().ok().and_then(|id| <[u8; 16]>::try_from(id).ok());
            if let Some(id) = id {
                insert.execute((kind.code(), short(id), row.get::<_, i64>(0)?))?;
            }
        }
    }
    work.counters.marks = Marks::of(&work.counters);
    let filed = "SELECT count(*) FROM id_key WHERE kind=?";
    work.counters.keyed_deliveries = work.connection.query_row(filed, [Kind::Delivery.code()], |row| row.get(0))?;
    Ok(())
}
