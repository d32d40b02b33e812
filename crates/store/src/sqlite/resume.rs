//! What becomes of notifications whose moment has come: each of them once, as the caller saw it. What that is, is told by the caller.

use std::sync::Arc;

use tidings_core::{NotificationId, Timestamp};
use tidings_policy::{Plan, Wait};

use super::{
    deferred::{ONE, Row},
    delivery::Making,
    encode,
    error::Failure,
    ids::Kind,
    keys,
    plan::{Traced, log_traced, traced},
    row::{BadRow, Reference},
    schema::Table,
    shared::Change,
    tell::{self, DIGESTED, Standing, Telling, WITHDRAWN},
    work::Work,
};
use crate::model::{Fate, Resuming, Resumption};

/// What becomes of those that waited, encoded.
#[derive(Debug)]
pub(crate) struct Resumed {
    items: Vec<Item>,
    digests: Vec<Telling>,
}

#[derive(Debug)]
struct Item {
    notification: NotificationId,
    until: Timestamp,
    fate: Going,
    entry: Traced,
}

#[derive(Debug)]
enum Going {
    Sent(Plan, Vec<Making>),
    Waits(Wait),
    Gathered(NotificationId),
    Dropped { untold: bool },
}

impl Resumed {
    pub(crate) fn of(batch: &Resumption) -> Self {
        Self {
            items: batch.items.iter().map(Item::of).collect(),
            digests: batch.digests.iter().map(Telling::of).collect(),
        }
    }
}

impl Item {
    fn of(item: &Resuming) -> Self {
        let fate = match &item.fate {
            Fate::Sent { plan, deliveries } => Going::Sent(plan.clone(), deliveries.iter().map(Making::of).collect()),
            Fate::Waits(wait) => Going::Waits(wait.clone()),
            Fate::Gathered { into } => Going::Gathered(*into),
            Fate::Dropped { untold } => Going::Dropped { untold: *untold },
        };
        Self { notification: item.notification, until: item.until, fate, entry: traced(&item.entry) }
    }
}

pub(crate) fn resume(work: &mut Work, batch: &Resumed, now: Timestamp) -> Result<Vec<bool>, Failure> {
    work.see(now);
    let stood: Vec<bool> = batch.items.iter().map(|item| resume_one(work, item, now)).collect::<Result<_, _>>()?;
    for digest in &batch.digests {
        let goes_in = |item: &Item| matches!(item.fate, Going::Gathered(into) if into == digest.id());
        if batch.items.iter().zip(&stood).any(|(item, stood)| *stood && goes_in(item)) {
            tell::plan_digest(work, digest, now)?;
        }
    }
    Ok(stood)
}

fn resume_one(work: &mut Work, item: &Item, now: Timestamp) -> Result<bool, Failure> {
    let Some((row, standing)) = waiting(work, item)? else { return Ok(false) };
    log_traced(work, &item.entry, Reference::None, now)?;
    match &item.fate {
        Going::Waits(wait) => return row.waits_for(work, wait).map(|()| true),
        Going::Sent(plan, deliveries) => send(work, standing, (plan, deliveries), now)?,
        Going::Gathered(_) | Going::Dropped { untold: false } => {
            work.counters.census.digested += 1;
            work.put_standing(&Standing { status: DIGESTED, ..standing })?;
        }
        Going::Dropped { untold: true } => drop(withdraw(work, standing)?),
    }
    row.end(work)?;
    Ok(true)
}

/// The notification that waits as the caller saw it, with its row. One whose notification is lost, or went out before, waits no more.
fn waiting(work: &mut Work, item: &Item) -> Result<Option<(Row, Standing)>, Failure> {
    let Some(number) = work.numbers(Kind::Notification, *item.notification.as_bytes())?.last().copied() else {
        return Ok(None);
    };
    let rows = work.scan((Table::Deferred, ONE), [number], Row::read)?;
    let Some(row) = rows.into_iter().find(|row| row.until == item.until.as_nanos()) else { return Ok(None) };
    let before = work.bad.len();
    let standing = work.standing(number)?.filter(Standing::is_put_off);
    if standing.is_none() && work.bad.len() == before {
        work.bad.push(BadRow { table: Table::Deferred, number: row.number });
    }
    Ok(standing.map(|standing| (row, standing)))
}

/// It goes out by itself.
fn send(
    work: &mut Work,
    standing: Standing,
    (plan, deliveries): (&Plan, &[Making]),
    now: Timestamp,
) -> Result<(), Failure> {
    let (number, size) = (standing.number, standing.body.len());
    if let Some(told) = encode::read_notification(&standing.body).map(Arc::new) {
        work.planning = Some((number, Arc::clone(&told)));
        work.changes.push(Change::Notification(number, told, size));
    }
    work.put_standing(&Standing { plan: plan.clone(), ..standing })?;
    let made = deliveries.iter().try_for_each(|making| work.make(making, now).map(drop));
    work.planning = None;
    made
}

/// Nobody wants it any more, and nobody was told: its key is free, which is told, and its incident has no end to be told.
pub(crate) fn withdraw(work: &mut Work, standing: Standing) -> Result<Option<String>, Failure> {
    work.counters.census.withdrawn += 1;
    let told = encode::read_notification(&standing.body);
    work.put_standing(&Standing { status: WITHDRAWN, ..standing })?;
    let Some(told) = told else { return Ok(None) };
    Ok(keys::take_back(work, &told)?.then_some(told.dedup_key))
}
