//! Which events still wait for their plan. Where the outbox is not whole an event waits unless something says that it was planned:
//! planning is what loses nothing, and what it makes it makes once.

use std::collections::BTreeSet;

use super::account;
use crate::{
    Step,
    sqlite::{
        error::Failure,
        log::step_code,
        row::{self, Cell},
        salvage::harvest::{Account, Gathered},
        schema::Table,
        work::Work,
    },
};

/// What is known of the events that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Whether the counters tell how many there are.
    pub(super) counted: bool,
    /// Whether an older version of the outbox may have taken the place of the last.
    pub(super) torn: bool,
    /// Whether committed changes are gone with the log.
    pub(super) end_is_lost: bool,
}

/// What says that an event was planned, in the same step as its row of the outbox went: an entry or a delivery of it.
fn is_planned(number: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM delivery_log WHERE event={number} AND {}) \
        OR {number} IN (SELECT event FROM delivery WHERE typeof(event)='integer'))",
        by_plan()
    )
}

/// Entries that only a plan leads to. That an event was sent again, or that an in-process sink failed over it, may be told while it
/// waits for its plan.
fn by_plan() -> String {
    let [resent, dead, shed] = [Step::Resent, Step::Dead, Step::Shed].map(step_code);
    format!("step<>{resent} AND NOT (attempt=0 AND step IN ({dead}, {shed}))")
}

/// Settles the outbox; gives how many events are planned once more.
pub(super) fn settle(work: &mut Work, gathered: &Gathered, known: Known) -> Result<u64, Failure> {
    work.connection.execute("DELETE FROM event_outbox WHERE number NOT IN (SELECT number FROM event)", [])?;
    let has_holes = gathered.hauls.get(&Table::Outbox).is_none_or(|haul| !haul.holes.is_empty());
    if has_holes || known.torn {
        let planned = is_planned("event_outbox.number");
        work.connection.execute(&format!("DELETE FROM event_outbox WHERE {planned}"), [])?;
    }
    let doubtful = doubtful(work, gathered, Known { torn: has_holes || known.torn, ..known })?;
    put(work, &doubtful)
}

/// Has events planned once more; gives how many of them did not wait for that already.
pub(super) fn put(work: &Work, events: &BTreeSet<i64>) -> Result<u64, Failure> {
    let sql = Table::Outbox.insert().replacen("INSERT", "INSERT OR IGNORE", 1);
    let mut count = 0;
    for number in events {
        count += row::put(&work.connection, &sql, Table::Outbox, &[Cell::Integer(*number)])? as u64;
    }
    Ok(count)
}

/// Events that may wait although the outbox does not say so.
fn doubtful(work: &Work, gathered: &Gathered, known: Known) -> Result<BTreeSet<i64>, Failure> {
    let waiting = account::count(&work.connection, "SELECT count(*) FROM event_outbox")?;
    let missing = match gathered.account {
        Account::Last(counters) => counters.census.waiting.saturating_sub(waiting),
        Account::Earlier(_) | Account::Lost => 0,
    };
    if known.counted && !known.torn && missing == 0 {
        return Ok(BTreeSet::new());
    }
    let mut doubtful: BTreeSet<i64> = unplanned(work, 0, missing)?.into_iter().collect();
    if !known.counted && known.torn {
        doubtful.extend(unplanned(work, last_planned(work)?, u64::MAX)?);
    }
    if known.end_is_lost {
        // The outbox may be of an earlier commit than the events.
        let after = match gathered.account {
            Account::Last(counters) | Account::Earlier(counters) => counters.events.last,
            Account::Lost => last_planned(work)?,
        };
        doubtful.extend(unplanned(work, after, u64::MAX)?);
    }
    // What was found lying about may have lost its row of the outbox on the way.
    if let Some(haul) = gathered.hauls.get(&Table::Event).filter(|haul| !haul.strays.is_empty()) {
        let all = unplanned(work, 0, u64::MAX)?;
        doubtful.extend(all.into_iter().filter(|number| haul.strays.contains(number)));
    }
    Ok(doubtful)
}

/// The last event of which something says that it was planned. Where nobody knows how many waited only those are doubtful that came
/// behind it: events are planned in their order.
fn last_planned(work: &Work) -> Result<i64, Failure> {
    let sql = format!(
        "SELECT max(coalesce((SELECT max(event) FROM delivery_log WHERE typeof(event)='integer' AND {}), 0), \
        coalesce((SELECT max(event) FROM delivery WHERE typeof(event)='integer'), 0))",
        by_plan()
    );
    Ok(work.connection.query_row(&sql, [], |row| row.get(0))?)
}

/// Events that nothing says were planned, and that do not wait: the newest first.
fn unplanned(work: &Work, after: i64, room: u64) -> Result<Vec<i64>, Failure> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let planned = is_planned("event.number");
    let sql = format!(
        "SELECT number FROM event WHERE number>? AND number NOT IN (SELECT number FROM event_outbox) AND NOT {planned} \
        ORDER BY number DESC LIMIT ?"
    );
    row::integers(&work.connection, &sql, (after, i64::try_from(room).unwrap_or(i64::MAX))).map_err(Failure::from)
}

#[cfg(test)]
mod tests {
    use tidings_core::{Event, EventId, Timestamp};

    use super::*;
    use crate::{
        NewEntry, Offer, RuleBatch, RulePlan, Store, UserBatch,
        sqlite::{Options, SqliteStore},
    };

    async fn tell(store: &SqliteStore, step: Step, event: EventId) {
        let entry = NewEntry { event: Some(event), endpoint: Some("callback".into()), ..NewEntry::new(step) };
        let batch = UserBatch { plans: Vec::new(), trace: vec![entry] };
        store.plan_user(&batch, Timestamp::EPOCH).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_told_of_an_event_that_waits_does_not_say_that_it_was_planned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let (store, _) = SqliteStore::open(&path, &Options::default(), Timestamp::EPOCH).unwrap();
        let offer = |name: &str| Offer {
            id: EventId::named("t", name),
            event: Event::new(name).at(Timestamp::EPOCH).into(),
            repeatable: true,
        };
        let offers = ["planned", "failed", "had no room", "sent again"].map(offer);
        store.accept(&offers, Timestamp::EPOCH).await.unwrap();
        let trace = vec![NewEntry::new(Step::Fired)];
        let plans = vec![RulePlan { trace, ..RulePlan::nothing(offers[0].id) }];
        store.plan_rule(&RuleBatch { plans, states: Vec::new() }, Timestamp::EPOCH).await.unwrap();
        tell(&store, Step::Dead, offers[1].id).await;
        tell(&store, Step::Shed, offers[2].id).await;
        store.accept(&offers[3..], Timestamp::EPOCH).await.unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        let sql = format!("SELECT number FROM event WHERE {} ORDER BY number", is_planned("event.number"));
        assert_eq!(row::integers(&connection, &sql, []).unwrap(), [1]);
    }
}
