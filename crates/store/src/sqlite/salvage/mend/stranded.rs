//! Notifications that wait for a delivery which is not there any more: a leg that ended is noted, one that is lost is given up, and
//! what is over by that is closed. How one is closed in the ordinary course is told in `tell`.

use std::collections::{HashMap, HashSet};

use tidings_core::Timestamp;
use tidings_policy::{Attempt, Ending};

use crate::{
    Step,
    sqlite::{
        error::Failure,
        log::{Line, step_code},
        row,
        work::Work,
    },
};

/// By notification, the endpoints on which it is still under way.
type UnderWay = HashMap<i64, HashSet<String>>;

/// Ends the legs whose deliveries are gone; gives how many of those nobody knows what became of.
pub(super) fn settle(work: &mut Work, now: Timestamp) -> Result<u64, Failure> {
    let under_way = under_way(work)?;
    let none = HashSet::new();
    let mut lost = 0;
    for number in row::integers(&work.connection, "SELECT number FROM notification WHERE status=0", [])? {
        lost += settle_one(work, number, under_way.get(&number).unwrap_or(&none), now)?;
    }
    Ok(lost)
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
    let has_ended = |channel: &String| standing.attempts.iter().any(|attempt| attempt.channel == *channel);
    let legs = standing.plan.legs.iter().map(|leg| leg.channel.clone());
    let gone: Vec<String> = legs.filter(|channel| !has_ended(channel) && !under_way.contains(channel)).collect();
    let mut lost = 0;
    for channel in gone {
        let ending = logged_ending(work, number, &channel)?;
        lost += u64::from(ending.is_none());
        work.end_leg(&mut standing, Attempt { channel, ending: ending.unwrap_or(Ending::Dead) }, None)?;
    }
    work.close(&mut standing, Line::default(), now.as_nanos())?;
    Ok(lost)
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
