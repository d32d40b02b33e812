//! Questions about single things and ranges: events, notifications, deliveries, states. The log's stand in `query`.

use std::{collections::HashMap, sync::Arc};

use tidings_core::{Address, DeliveryId, Event, EventId, NotificationId, Payload, Timestamp};

use super::{
    damaged,
    delivery::{Hot, select},
    encode,
    error::Failure,
    ids::Kind,
    judged::Seen,
    readers::Reader,
    registry,
    row::{BadRow, Reference, Stored},
    schema::Table,
    shared::Change,
    tell::Standing,
};
use crate::model::{
    Cooldown, Disabled, EventRange, KeptState, Lease, NewDelivery, RuleSetVersion, StateRow, StoredEvent,
    StoredNotification, Waiting,
};

/// An event's row.
struct EventRow {
    number: i64,
    id: [u8; 16],
    received: i64,
    event: Event,
    size: usize,
}

impl EventRow {
    fn read(row: Stored<'_>) -> Option<Self> {
        let body = row.blob(5)?;
        let event = encode::read_event(body, row.integer(3)?)?;
        let (number, id, received) = (row.integer(0)?, row.id(1)?, row.integer(2)?);
        Some(Self { number, id, received, event, size: body.len() })
    }
}

const EVENT: &str = "SELECT number,id,received,at,agent,body,crc FROM event WHERE number=?";

impl Reader {
    pub(crate) fn events(&mut self, range: &EventRange, limit: usize) -> Result<Vec<StoredEvent>, Failure> {
        let agent = match &range.agent {
            Some(agent) => match self.number_of_name(agent)? {
                Some(number) => Some(number),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let after = signed(range.after).max(self.first_since(Table::Event, range.since)? - 1);
        let until = range.until.map_or(i64::MAX, signed);
        let since = range.since.map_or(i64::MIN, Timestamp::as_nanos);
        let sql = if range.waiting {
            "SELECT event.number,id,received,at,agent,body,event.crc FROM event_outbox \
             JOIN event ON event.number=event_outbox.number WHERE event_outbox.number>?1 AND event_outbox.number<=?2 \
             AND received>=?3 AND (?4 IS NULL OR agent=?4) ORDER BY event_outbox.number LIMIT ?5"
        } else {
            "SELECT number,id,received,at,agent,body,crc FROM event WHERE number>?1 AND number<=?2 \
             AND received>=?3 AND (?4 IS NULL OR agent=?4) ORDER BY number LIMIT ?5"
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.scan((Table::Event, sql), (after, until, since, agent, limit), EventRow::read)?;
        let numbers = rows.first().zip(rows.last()).map(|(first, last)| (first.number, last.number));
        let Some((first, last)) = numbers else { return Ok(Vec::new()) };
        let mut seen = self.seen(first, last)?;
        rows.into_iter().map(|row| self.stored(row, &mut seen)).collect()
    }

    fn stored(&self, row: EventRow, seen: &mut Seen) -> Result<StoredEvent, Failure> {
        let mut outbox = self.connection.prepare_cached("SELECT 1 FROM event_outbox WHERE number=?")?;
        Ok(StoredEvent {
            number: row.number.unsigned_abs(),
            id: EventId::from_bytes(row.id),
            event: Arc::new(row.event),
            received: Timestamp::from_nanos(row.received),
            judged: seen.at(row.number),
            waiting: outbox.exists([row.number])?,
        })
    }

    pub(crate) fn event(&mut self, id: EventId) -> Result<Option<StoredEvent>, Failure> {
        for number in self.numbers(Kind::Event, *id.as_bytes())?.into_iter().rev() {
            let found = self.scan((Table::Event, EVENT), [number], EventRow::read)?;
            if let Some(row) = found.into_iter().find(|row| row.id == *id.as_bytes()) {
                let mut seen = self.seen(number, number)?;
                return self.stored(row, &mut seen).map(Some);
            }
        }
        Ok(None)
    }

    pub(crate) fn notification(&mut self, id: NotificationId) -> Result<Option<StoredNotification>, Failure> {
        for number in self.numbers(Kind::Notification, *id.as_bytes())?.into_iter().rev() {
            let found = self.standing(number)?.filter(|row| row.id == *id.as_bytes());
            if let Some((row, told)) =
                found.and_then(|row| encode::read_notification(&row.body).map(|told| (row, told)))
            {
                let planned = Timestamp::from_nanos(row.planned);
                let notification = Arc::new(told);
                return Ok(Some(StoredNotification { notification, plan: row.plan, attempts: row.attempts, planned }));
            }
        }
        Ok(None)
    }

    pub(crate) fn standing(&mut self, number: i64) -> Result<Option<Standing>, Failure> {
        let sql = "SELECT number,id,planned,status,plan,attempts,body,crc FROM notification WHERE number=?";
        Ok(self.scan((Table::Notification, sql), [number], Standing::read)?.into_iter().next())
    }

    pub(crate) fn delivery(&mut self, id: DeliveryId) -> Result<Option<(Lease, Timestamp)>, Failure> {
        for number in self.numbers(Kind::Delivery, *id.as_bytes())? {
            let found = self.scan((Table::Delivery, select!("WHERE number=?")), [number], Hot::read)?;
            if let Some(row) = found.into_iter().find(|row| row.id == *id.as_bytes()) {
                let due = Timestamp::from_nanos(row.due);
                let Some(endpoint) = self.name(row.endpoint)? else { return Ok(None) };
                return Ok(self.lease(&row, endpoint)?.map(|lease| (lease, due)));
            }
        }
        Ok(None)
    }

    /// Leases from their rows, each with its place. A row whose payload is lost is one that does not check.
    pub(crate) fn leases(
        &mut self,
        rows: Vec<(usize, Hot)>,
        endpoint: &Arc<str>,
    ) -> Result<Vec<(usize, Lease)>, Failure> {
        let mut found = Vec::with_capacity(rows.len());
        for (place, row) in rows {
            let number = row.number;
            match self.lease(&row, Arc::clone(endpoint)) {
                Ok(Some(lease)) => found.push((place, lease)),
                Ok(None) => self.bad.push(BadRow { table: Table::Delivery, number }),
                // One page that cannot be read must not hold up what else there is.
                Err(failure) if failure.is_damage() => {
                    damaged::mark(&self.shared.path);
                    self.bad.push(BadRow { table: Table::Delivery, number });
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(found)
    }

    /// A lease from its row, with its payload; `None` if that is lost.
    pub(crate) fn lease(&mut self, row: &Hot, endpoint: Arc<str>) -> Result<Option<Lease>, Failure> {
        let event = match row.event {
            Reference::Id(id) => Some(EventId::from_bytes(id)),
            Reference::Number(number) => self.payload_event(number)?.map(|(id, _)| id),
            Reference::None => None,
        };
        let payload = match (&row.payload, row.notification, row.event) {
            (Some(own), ..) => encode::read_payload(own),
            (None, Reference::Number(number), _) => self.payload_notification(number)?,
            (None, _, Reference::Number(number)) => self.payload_event(number)?.map(|(_, event)| Payload::Event(event)),
            _ => None,
        };
        Ok(payload.and_then(|payload| lease_of(row, endpoint, event, payload)))
    }

    fn payload_event(&mut self, number: i64) -> Result<Option<(EventId, Arc<Event>)>, Failure> {
        if let Some(known) = self.shared.event(number) {
            return Ok(Some(known));
        }
        let Some(row) = self.scan((Table::Event, EVENT), [number], EventRow::read)?.into_iter().next() else {
            return Ok(None);
        };
        let (id, event) = (EventId::from_bytes(row.id), Arc::new(row.event));
        self.shared.remember(Change::Event(number, id, Arc::clone(&event), row.size));
        Ok(Some((id, event)))
    }

    fn payload_notification(&mut self, number: i64) -> Result<Option<Payload>, Failure> {
        if let Some(known) = self.shared.notification(number) {
            return Ok(Some(Payload::Notification(known)));
        }
        let Some(row) = self.standing(number)? else { return Ok(None) };
        let Some(told) = encode::read_notification(&row.body).map(Arc::new) else { return Ok(None) };
        self.shared.remember(Change::Notification(number, Arc::clone(&told), row.body.len()));
        Ok(Some(Payload::Notification(told)))
    }

    pub(crate) fn states(&mut self) -> Result<Vec<KeptState>, Failure> {
        let shift = self.counters()?.shift;
        let sql = "SELECT number,rule,key,state,shift,written,crc FROM rule_state ORDER BY rule, key";
        self.scan((Table::State, sql), [], |row| {
            let (rule, key, state) = (row.text(1)?.to_owned(), row.text(2)?.to_owned(), row.blob(3)?.to_vec());
            Some(KeptState { row: StateRow { rule, key, state }, shift: shift.saturating_sub(row.integer(4)?) })
        })
    }

    pub(crate) fn disabled(&mut self) -> Result<Vec<Disabled>, Failure> {
        let sql = Table::Disabled.select("ORDER BY number");
        self.scan((Table::Disabled, &sql), [], registry::read_disabled)
    }

    pub(crate) fn cooldowns(&mut self, since: Timestamp) -> Result<Vec<Cooldown>, Failure> {
        let sql = "SELECT number,rule,agent,at,until,by,crc FROM cooldown WHERE at>=? ORDER BY rule, agent";
        self.scan((Table::Cooldown, sql), [since.as_nanos()], |row| {
            let (rule, agent) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            Some(Cooldown { rule, agent, at: Timestamp::from_nanos(row.integer(3)?) })
        })
    }

    pub(crate) fn rule_set(&mut self, event: u64) -> Result<Option<RuleSetVersion>, Failure> {
        let sql = "SELECT number,first,since,content,crc FROM rule_set WHERE first<=? ORDER BY number DESC LIMIT 1";
        let found = self.scan((Table::RuleSet, sql), [signed(event)], |row| {
            let content = serde_json::from_str(row.text(3)?).ok()?;
            Some(RuleSetVersion { from: row.count(1)?, since: Timestamp::from_nanos(row.integer(2)?), content })
        })?;
        Ok(found.into_iter().next())
    }

    pub(crate) fn cursor(&mut self, sink: &str) -> Result<Option<u64>, Failure> {
        let sql = "SELECT number,sink,event,moved,crc FROM sink_cursor WHERE sink=?";
        Ok(self.scan((Table::Cursor, sql), [sink], |row| row.count(2))?.first().copied())
    }

    /// What every endpoint owes, counted: how many in all, and how many are leased.
    pub(crate) fn owed(&mut self) -> Result<Vec<(Waiting, u64)>, Failure> {
        let sql = "SELECT endpoint, count(*), sum(leased) FROM delivery GROUP BY endpoint";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let counted: HashMap<i64, (i64, i64)> =
            rows.map(|row| row.map(|(name, all, leased)| (name, (all, leased)))).collect::<Result<_, _>>()?;
        drop(statement);
        let mut found = Vec::new();
        for (name, (all, leased)) in counted {
            if let Some(endpoint) = self.optional_name(Some(name))? {
                found.push((Waiting { endpoint, count: all.unsigned_abs() }, leased.unsigned_abs()));
            }
        }
        found.sort_by(|one, other| one.0.endpoint.cmp(&other.0.endpoint));
        Ok(found)
    }
}

/// A number as the file has it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A lease from a row and its payload.
pub(crate) fn lease_of(row: &Hot, endpoint: Arc<str>, event: Option<EventId>, payload: Payload) -> Option<Lease> {
    let leg = match &row.leg {
        Some(leg) => Some(serde_json::from_str(leg).ok()?),
        None => None,
    };
    let delivery = NewDelivery {
        id: DeliveryId::from_bytes(row.id),
        event,
        endpoint,
        lane: row.lane.cast_unsigned(),
        severity: encode::read_severity(row.severity)?,
        payload,
        leg,
        to: row.recipient.as_deref().map(Address::new),
        due: Timestamp::from_nanos(row.due),
        expires: Timestamp::from_nanos(row.expires),
        yields: row.yields,
    };
    let (attempt, fence) = (row.attempts, row.fence.unsigned_abs());
    Some(Lease { delivery: Arc::new(delivery), attempt, fence, made: Timestamp::from_nanos(row.made) })
}
