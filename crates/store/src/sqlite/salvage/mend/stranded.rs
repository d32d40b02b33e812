//! Notifications that wait for a delivery which is not there any more: a leg that ended is noted, one that is lost is given up, and
//! what is over by that is closed. How one is closed in the ordinary course is told in `tell`.

use std::collections::{HashMap, HashSet};

use tidings_core::Timestamp;
use tidings_policy::{Attempt, Ending};

use crate::{
    Step,
    sqlite::{
        encode,
        error::Failure,
        log::{Line, step_code},
        row,
        schema::Table,
        tell::Standing,
        work::Work,
    },
};

/// By notification, the endpoints on which it is still under way.
type UnderWay = HashMap<i64, HashSet<String>>;

/// Those that have gone out and are not at their end.
const PENDING: &str =
    "SELECT number FROM notification WHERE status=0 AND number NOT IN (SELECT notification FROM deferred)";

/// Ends the legs whose deliveries are gone; gives how many of those nobody knows what became of.
pub(super) fn settle(work: &mut Work, now: Timestamp) -> Result<u64, Failure> {
    let under_way = under_way(work)?;
    let none = HashSet::new();
    let mut lost = 0;
    for number in row::integers(&work.connection, PENDING, [])? {
        lost += settle_one(work, number, under_way.get(&number).unwrap_or(&none), now)?;
    }
    Ok(lost)
}

/// An open notification that lacks a delivery, and the channel of that: this one, if it is one, else the first that is found.
pub(in crate::sqlite) fn find(work: &mut Work, likely: i64) -> Result<Option<(i64, String)>, Failure> {
    let under_way = under_way(work)?;
    let none = HashSet::new();
    let pending = row::integers(&work.connection, PENDING, [])?;
    let first = pending.contains(&likely).then_some(likely);
    for number in first.into_iter().chain(pending) {
        let Some(standing) = work.standing(number)? else { continue };
        for channel in gone(&standing, under_way.get(&number).unwrap_or(&none)) {
            if logged_ending(work, number, &channel)?.is_none() {
                return Ok(Some((number, channel)));
            }
        }
    }
    Ok(None)
}

/// Ends the legs of one notification whose deliveries are gone.
pub(in crate::sqlite) fn end(work: &mut Work, number: i64, now: Timestamp) -> Result<(), Failure> {
    let under_way = under_way(work)?;
    settle_one(work, number, under_way.get(&number).unwrap_or(&HashSet::new()), now).map(drop)
}

/// Forgets open notifications that lack a delivery and whose event is planned once more: the plan makes them anew, and would else be
/// told that they are made.
pub(super) fn forget_repeated(work: &mut Work) -> Result<(), Failure> {
    let waiting = waiting(work)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let under_way = under_way(work)?;
    let none = HashSet::new();
    for number in row::integers(&work.connection, PENDING, [])? {
        let Some(standing) = work.standing(number)? else { continue };
        let event = encode::read_notification(&standing.body).and_then(|told| told.event);
        if !event.is_some_and(|event| waiting.contains(event.as_bytes())) {
            continue;
        }
        let mut gone = gone(&standing, under_way.get(&number).unwrap_or(&none)).into_iter();
        if gone.try_fold(false, |is_lost, channel| {
            Ok::<_, Failure>(is_lost || logged_ending(work, number, &channel)?.is_none())
        })? {
            work.connection.execute("DELETE FROM delivery WHERE notification=?", [number])?;
            work.delete(Table::Notification, number)?;
        }
    }
    Ok(())
}

/// The ids of the events that wait.
fn waiting(work: &Work) -> Result<HashSet<[u8; 16]>, Failure> {
    let sql = "SELECT id FROM event WHERE number IN (SELECT number FROM event_outbox)";
    let mut statement = work.connection.prepare(sql)?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn under_way(work: &Work) -> Result<UnderWay, Failure> {
    let sql = "SELECT notification, name FROM delivery JOIN name ON name.number=endpoint WHERE typeof(notification)='integer'";
    let mut statement = work.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = UnderWay::new();
    while let Some(row) = rows.next()? {
        found.entry(row.get(0)?).or_default().insert(row.get(1)?);
    }
    Ok(found)
}

fn settle_one(work: &mut Work, number: i64, under_way: &HashSet<String>, now: Timestamp) -> Result<u64, Failure> {
    let Some(mut standing) = work.standing(number)? else { return Ok(0) };
    let mut lost = 0;
    for channel in gone(&standing, under_way) {
        let ending = logged_ending(work, number, &channel)?;
        lost += u64::from(ending.is_none());
        work.end_leg(&mut standing, Attempt { channel, ending: ending.unwrap_or(Ending::Dead) }, None)?;
    }
    work.close(&mut standing, Line::default(), now.as_nanos())?;
    Ok(lost)
}

/// The legs that neither ended nor are under way.
fn gone(standing: &Standing, under_way: &HashSet<String>) -> Vec<String> {
    let has_ended = |channel: &String| standing.attempts.iter().any(|attempt| attempt.channel == *channel);
    let legs = standing.plan.legs.iter().map(|leg| leg.channel.clone());
    legs.filter(|channel| !has_ended(channel) && !under_way.contains(channel)).collect()
}

/// How the log says that a leg ended.
fn logged_ending(work: &Work, number: i64, channel: &str) -> Result<Option<Ending>, Failure> {
    let sql = "SELECT step FROM delivery_log WHERE notification=? AND endpoint=(SELECT number FROM name WHERE name=?) \
        ORDER BY number DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    let steps = statement.query_map((number, channel), |row| row.get(0))?;
    for step in steps {
        let step: i64 = step?;
        let endings =
            [(Step::Delivered, Ending::Delivered), (Step::Dead, Ending::Dead), (Step::Expired, Ending::Expired)];
        if let Some((_, ending)) = endings.into_iter().find(|(ended, _)| step_code(*ended) == step) {
            return Ok(Some(ending));
        }
    }
    Ok(None)
}
