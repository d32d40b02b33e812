//! Which events still wait for their plan. Where the outbox is not whole an event waits unless something says that it was planned:
//! planning is what loses nothing, and what it makes it makes once.

use super::account;
use crate::{
    Step,
    sqlite::{
        error::Failure,
        log::step_code,
        row::{self, Cell},
        salvage::harvest::Gathered,
        schema::Table,
        work::Work,
    },
};

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

/// What is known of the events that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Whether the counters tell how many there are.
    pub(super) counted: bool,
    /// Whether an older version of the outbox may have taken the place of the last.
    pub(super) torn: bool,
}

/// Settles the outbox; gives how many events are planned once more.
pub(super) fn settle(work: &mut Work, gathered: &Gathered, known: Known) -> Result<u64, Failure> {
    work.connection.execute("DELETE FROM event_outbox WHERE number NOT IN (SELECT number FROM event)", [])?;
    let has_holes = gathered.hauls.get(&Table::Outbox).is_none_or(|haul| !haul.holes.is_empty());
    if has_holes || known.torn {
        let planned = is_planned("event_outbox.number");
        work.connection.execute(&format!("DELETE FROM event_outbox WHERE {planned}"), [])?;
    }
    let waiting = account::count(&work.connection, "SELECT count(*) FROM event_outbox")?;
    let doubtful = if known.counted {
        doubtful(work, 0, work.counters.census.waiting.saturating_sub(waiting))?
    } else if has_holes || known.torn {
        doubtful(work, last_planned(work)?, u64::MAX)?
    } else {
        Vec::new()
    };
    for number in &doubtful {
        row::put(&work.connection, &Table::Outbox.insert(), Table::Outbox, &[Cell::Integer(*number)])?;
    }
    Ok(doubtful.len() as u64)
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

/// Events that nothing says were planned, the newest first.
fn doubtful(work: &Work, after: i64, room: u64) -> Result<Vec<i64>, Failure> {
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
