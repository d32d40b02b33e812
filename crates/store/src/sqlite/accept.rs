//! Taking events in: the id put-if-absent, the event and its outbox row; or a line that it was sent again.

use std::sync::Arc;

use tidings_core::{Event, EventId, Timestamp};

use super::{encode, error::Failure, ids::Kind, log::Line, row::Cell, schema::Table, shared::Change, work::Work};
use crate::model::{Acceptance, Offer, Step};

/// An event that wants in, encoded.
#[derive(Debug)]
pub(crate) struct Incoming {
    id: EventId,
    event: Arc<Event>,
    repeatable: bool,
    body: Vec<u8>,
}

impl Incoming {
    pub(crate) fn of(offer: &Offer) -> Self {
        let body = encode::event(&offer.event);
        Self { id: offer.id, event: Arc::clone(&offer.event), repeatable: offer.repeatable, body }
    }
}

pub(crate) fn accept(work: &mut Work, incoming: &[Incoming], now: Timestamp) -> Result<Vec<Acceptance>, Failure> {
    work.see(now);
    incoming.iter().map(|event| accept_one(work, event, now.as_nanos())).collect()
}

fn accept_one(work: &mut Work, new: &Incoming, now: i64) -> Result<Acceptance, Failure> {
    let id = *new.id.as_bytes();
    let agent = work.optional_name(new.event.agent_id.as_deref())?;
    if new.repeatable && !work.numbers(Kind::Event, id)?.is_empty() {
        let event = work.event_reference(Some(new.id))?;
        work.log(now, Step::Resent, &Line { event, agent, ..Line::default() })?;
        return Ok(Acceptance::Duplicate { of: new.id });
    }
    let number = work.counters.events.next_at(now);
    let at = new.event.timestamp.as_nanos();
    work.insert(
        Table::Event,
        &[number.into(), Cell::Blob(&id), now.into(), at.into(), agent.into(), Cell::Blob(&new.body)],
    )?;
    work.insert(Table::Outbox, &[number.into()])?;
    work.shared.ids.add((Kind::Event, id, number));
    work.counters.census.events += 1;
    work.counters.census.waiting += 1;
    work.counters.last_received = Some(now);
    work.changes.push(Change::Event(number, new.id, Arc::clone(&new.event), new.body.len()));
    Ok(Acceptance::Accepted)
}
