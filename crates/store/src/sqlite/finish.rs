//! What follows from an attempt: the delivery's state, its fallback, how its notification stands.

use std::sync::Arc;

use tidings_core::Timestamp;
use tidings_policy::{Attempt, Ending, Muted};

use super::{
    delivery::{Hot, Making},
    error::Failure,
    keys,
    log::Line,
    resume,
    row::{Cell, Reference},
    schema::Table,
    tell::Standing,
    work::Work,
};
use crate::model::{Finish, Outcome, Settled, Step, detail};

/// What came of an attempt, encoded.
#[derive(Debug)]
pub(crate) struct Finishing {
    finish: Finish,
    fallbacks: Vec<Making>,
}

impl Finishing {
    pub(crate) fn of(mut finish: Finish) -> Self {
        let fallbacks = std::mem::take(&mut finish.fallbacks).iter().map(Making::of).collect();
        Self { finish, fallbacks }
    }
}

pub(crate) fn finish(work: &mut Work, all: &[Finishing], now: Timestamp) -> Result<Vec<Settled>, Failure> {
    work.see(now);
    all.iter().map(|one| finish_one(work, one, now)).collect()
}

fn finish_one(work: &mut Work, one: &Finishing, now: Timestamp) -> Result<Settled, Failure> {
    let finish = &one.finish;
    let endpoint = work.name(&finish.endpoint)?;
    let row = work.hot_of(finish.id)?.filter(|row| row.endpoint == endpoint);
    let Some(row) = row else { return late(work, finish, None, now) };
    if !row.leased || u64::try_from(row.fence) != Ok(finish.fence) {
        return late(work, finish, Some(&row), now);
    }
    work.touch(&finish.endpoint);
    if let Outcome::Withdrawn(muted) = &finish.outcome {
        return withdraw(work, (&row, finish), muted, now);
    }
    let mut standing = match (needs_standing(&finish.outcome), row.notification) {
        (true, Reference::Number(number)) => work.standing(number)?,
        _ => None,
    };
    let taken = standing.as_ref().and_then(|standing| first_unused(standing, one));
    let outcome = match (&finish.outcome, taken) {
        (Outcome::YieldOr { .. }, Some(_)) => Outcome::Dead,
        (Outcome::YieldOr { due, counts }, None) => Outcome::Retry { due: *due, counts: *counts },
        (outcome, _) => outcome.clone(),
    };
    let (step, ending) = step_of(&outcome);
    let due = if let Outcome::Retry { due, .. } = outcome { Some(due) } else { None };
    let line = Line::about(&row, finish.attempt.unwrap_or_default()).with(&detail::attempt(&finish.note, due));
    work.log(now.as_nanos(), step, &line)?;
    match (ending, &outcome) {
        (Some(ending), _) => {
            let settled = end(work, (&row, finish), (ending, taken, standing.as_mut()), now)?;
            if outcome == Outcome::Gone {
                disable(work, &row, finish, now)?;
            }
            Ok(settled)
        }
        (None, Outcome::Retry { due, .. }) => retry(work, row, finish, *due),
        (None, _) => Ok(Settled::DONE),
    }
}

/// Whether the notification of a delivery is touched by this outcome.
const fn needs_standing(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Retry { .. })
}

/// The first of the fallbacks whose channel the notification has not used.
fn first_unused<'a>(standing: &Standing, one: &'a Finishing) -> Option<&'a Making> {
    one.fallbacks.iter().find(|making| !standing.has_used(&making.new.endpoint))
}

fn late(work: &mut Work, finish: &Finish, row: Option<&Hot>, now: Timestamp) -> Result<Settled, Failure> {
    let line = match row {
        Some(row) => Line::about(row, 0),
        None => {
            let endpoint = Some(work.name(&finish.endpoint)?);
            Line { delivery: Some(finish.id), endpoint, ..Line::default() }
        }
    };
    work.log(now.as_nanos(), Step::Late, &line)?;
    Ok(Settled::Stale)
}

/// Makes a delivery wait for another attempt; what does not count is given back.
fn retry(work: &mut Work, mut row: Hot, finish: &Finish, due: Timestamp) -> Result<Settled, Failure> {
    row.attempts = finish.attempts(row.attempts);
    row.due = due.as_nanos();
    super::claim::take_back(work, row, &finish.endpoint)?;
    Ok(Settled::DONE)
}

/// A delivery is over: with its fallback, and with what that means for its notification.
fn end(
    work: &mut Work,
    (row, finish): (&Hot, &Finish),
    (ending, taken, standing): (Ending, Option<&Making>, Option<&mut Standing>),
    now: Timestamp,
) -> Result<Settled, Failure> {
    let census = &mut work.counters.census;
    match ending {
        Ending::Delivered => census.delivered += 1,
        Ending::Dead => census.dead += 1,
        Ending::Expired => census.expired += 1,
    }
    work.remove_delivery(row, &finish.endpoint)?;
    let Some(standing) = standing else { return Ok(Settled::DONE) };
    let taken = taken.filter(|_| ending != Ending::Delivered);
    let attempt = Attempt { channel: finish.endpoint.to_string(), ending };
    work.end_leg(standing, attempt, taken.and_then(|making| making.new.leg.clone()))?;
    if let Some(making) = taken {
        take_fallback(work, making, now)?;
    }
    let (status, freed) = work.close(standing, Line::about(row, 0), now.as_nanos())?;
    let fallback = taken.map(|making| Arc::clone(&making.new.endpoint));
    Ok(Settled::Done { fallback, status: Some(status), freed })
}

/// A delivery is not wanted any more; its notification goes on without that leg, or nowhere.
fn withdraw(
    work: &mut Work,
    (row, finish): (&Hot, &Finish),
    muted: &Muted,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let line = Line::about(row, 0).with(&detail::withdrawn(muted));
    work.log(now.as_nanos(), Step::Denied, &line)?;
    work.counters.census.unwanted += 1;
    work.remove_delivery(row, &finish.endpoint)?;
    let Reference::Number(number) = row.notification else { return Ok(Settled::DONE) };
    let Some(mut standing) = work.standing(number)? else { return Ok(Settled::DONE) };
    if standing.is_last_leg(&finish.endpoint) {
        standing.plan.legs.clear();
        work.log(now.as_nanos(), Step::Denied, &Line { delivery: None, endpoint: None, ..line })?;
        let freed = resume::withdraw(work, standing)?;
        return Ok(Settled::Done { fallback: None, status: None, freed });
    }
    work.lose_leg(&mut standing, &finish.endpoint)?;
    let (status, freed) = work.close(&mut standing, Line::about(row, 0), now.as_nanos())?;
    Ok(Settled::Done { fallback: None, status: Some(status), freed })
}

fn take_fallback(work: &mut Work, making: &Making, now: Timestamp) -> Result<(), Failure> {
    let line = Line::about(&work.outline(making, now)?, 0).with(&detail::after(making.new.leg.as_ref()));
    work.log(now.as_nanos(), Step::Fallback, &line)?;
    work.make(making, now).map(drop)
}

/// Nothing is sent to this address until somebody enables it.
fn disable(work: &mut Work, row: &Hot, finish: &Finish, now: Timestamp) -> Result<(), Failure> {
    let (endpoint, address) = (&*finish.endpoint, row.recipient.as_deref());
    let sql = "SELECT number,endpoint,address,since,reason,crc FROM disabled WHERE endpoint=? AND address IS ?";
    let mut since = now.as_nanos();
    if work.scan((Table::Disabled, sql), (endpoint, address), |row| row.integer(0))?.is_empty() {
        since = free_moment(work, endpoint, since)?;
        let reason = finish.note.text.as_deref().unwrap_or_default();
        keys::put(work, Table::Disabled, None, |number| {
            vec![number.into(), Cell::Text(endpoint), address.into(), since.into(), Cell::Text(reason)]
        })?;
    }
    work.log(since, Step::Disabled, &Line::about(row, 0))
}

/// A moment at which no other address of the endpoint was disabled, so that the log tells whose is which: some nanoseconds later,
/// where many are told at once.
fn free_moment(work: &Work, endpoint: &str, now: i64) -> Result<i64, Failure> {
    let sql = "SELECT max(since) FROM disabled WHERE endpoint=?1 AND since>=?2 AND since<?2+1000000";
    let taken: Option<i64> = work.connection.query_row(sql, (endpoint, now), |row| row.get(0))?;
    Ok(taken.map_or(now, |taken| taken + 1))
}

const fn step_of(outcome: &Outcome) -> (Step, Option<Ending>) {
    match outcome {
        Outcome::Delivered(_) => (Step::Delivered, Some(Ending::Delivered)),
        Outcome::Retry { .. } | Outcome::YieldOr { .. } => (Step::Retry, None),
        Outcome::Dead | Outcome::Gone => (Step::Dead, Some(Ending::Dead)),
        Outcome::Withdrawn(_) => (Step::Denied, None),
        Outcome::Expired => (Step::Expired, Some(Ending::Expired)),
    }
}
