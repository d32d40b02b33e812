//! A delivery's row: made, moved to the head of its lane, taken away. What attempts do to it stands in `claim` and `finish`.

use std::sync::Arc;

use tidings_core::{DeliveryId, Event, Notification, Payload, Timestamp};

use super::{
    counters::one_less,
    encode,
    error::Failure,
    ids::Kind,
    row::{self, Cell, Reference, Stored},
    schema::Table,
    shared::Change,
    work::Work,
};
use crate::model::NewDelivery;

/// A statement that reads whole rows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number,id,event,notification,endpoint,lane,severity,made,due,expires,yields,head,leased,attempts,fence,leg,",
            "recipient,rule,agent,user,payload,crc FROM delivery ",
            $rest
        )
    };
}
pub(crate) use select;

/// A row of the hot table.
#[derive(Clone, Debug)]
pub(crate) struct Hot {
    pub(crate) number: i64,
    pub(crate) id: [u8; 16],
    pub(crate) event: Reference,
    pub(crate) notification: Reference,
    pub(crate) endpoint: i64,
    pub(crate) lane: i64,
    pub(crate) severity: i64,
    pub(crate) made: i64,
    /// When it may be claimed; while it is leased, when the lease ends.
    pub(crate) due: i64,
    pub(crate) expires: i64,
    pub(crate) yields: bool,
    /// Whether it is the first of its lane.
    pub(crate) head: bool,
    pub(crate) leased: bool,
    pub(crate) attempts: u32,
    /// Counts up with every lease given or taken back.
    pub(crate) fence: i64,
    pub(crate) leg: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) rule: Option<i64>,
    pub(crate) agent: Option<i64>,
    pub(crate) user: Option<i64>,
    /// `None`: that of its notification's row, or of its event's.
    pub(crate) payload: Option<Vec<u8>>,
}

impl Hot {
    pub(crate) fn read(row: Stored<'_>) -> Option<Self> {
        let owned = |row: Stored<'_>, place| row.text(place).map(str::to_owned);
        let number = |row: Stored<'_>, place| row.integer(place);
        Some(Self {
            number: row.integer(0)?,
            id: row.id(1)?,
            event: row.reference(2)?,
            notification: row.reference(3)?,
            endpoint: row.integer(4)?,
            lane: row.integer(5)?,
            severity: row.integer(6)?,
            made: row.integer(7)?,
            due: row.integer(8)?,
            expires: row.integer(9)?,
            yields: row.flag(10)?,
            head: row.flag(11)?,
            leased: row.flag(12)?,
            attempts: u32::try_from(row.integer(13)?).ok()?,
            fence: row.integer(14)?,
            leg: row.optional(15, owned)?,
            recipient: row.optional(16, owned)?,
            rule: row.optional(17, number)?,
            agent: row.optional(18, number)?,
            user: row.optional(19, number)?,
            payload: row.optional(20, |row, place| row.blob(place).map(<[u8]>::to_vec))?,
        })
    }

    pub(crate) fn cells(&self) -> [Cell<'_>; 21] {
        [
            self.number.into(),
            Cell::Blob(&self.id),
            self.event.cell(),
            self.notification.cell(),
            self.endpoint.into(),
            self.lane.into(),
            self.severity.into(),
            self.made.into(),
            self.due.into(),
            self.expires.into(),
            self.yields.into(),
            self.head.into(),
            self.leased.into(),
            i64::from(self.attempts).into(),
            self.fence.into(),
            self.leg.as_deref().into(),
            self.recipient.as_deref().into(),
            self.rule.into(),
            self.agent.into(),
            self.user.into(),
            self.payload.as_deref().into(),
        ]
    }

    /// The checksum of the row as it is now.
    pub(crate) fn checksum(&self) -> i64 {
        row::checksum(Table::Delivery, &self.cells())
    }
}

/// A delivery to be made, encoded.
#[derive(Clone, Debug)]
pub(crate) struct Making {
    pub(crate) new: NewDelivery,
    leg: Option<String>,
}

impl Making {
    pub(crate) fn of(new: &NewDelivery) -> Self {
        Self { new: new.clone(), leg: new.leg.as_ref().and_then(|leg| serde_json::to_string(leg).ok()) }
    }
}

/// What the payload is about, by name.
fn names(payload: &Payload) -> (Option<&str>, Option<&str>, Option<&str>) {
    match payload {
        Payload::Notification(told) => (told.rule.as_deref(), told.agent_id.as_deref(), Some(&told.user_id)),
        Payload::Event(event) => (None, event.agent_id.as_deref(), None),
        _ => (None, None, None),
    }
}

impl Work {
    /// The row that a delivery will have: everything but its number and its place in the lane.
    pub(crate) fn outline(&mut self, making: &Making, now: Timestamp) -> Result<Hot, Failure> {
        let new = &making.new;
        let (rule, agent, user) = names(&new.payload);
        let event = self.event_reference(new.event)?;
        let notification = self.notification_reference(encode::notification_of(&new.payload))?;
        Ok(Hot {
            number: 0,
            id: *new.id.as_bytes(),
            event,
            notification,
            endpoint: self.name(&new.endpoint)?,
            lane: new.lane.cast_signed(),
            severity: new.severity.index() as i64,
            made: now.as_nanos(),
            due: new.due.as_nanos(),
            expires: new.expires.as_nanos(),
            yields: new.yields,
            head: false,
            leased: false,
            attempts: 0,
            fence: 0,
            leg: making.leg.clone(),
            recipient: new.to.as_ref().map(|to| to.as_str().to_owned()),
            rule: self.optional_name(rule)?,
            agent: self.optional_name(agent)?,
            user: self.optional_name(user)?,
            payload: self.own_payload(&new.payload, event, notification)?,
        })
    }

    /// The payload itself, where it is not that of the row that the delivery refers to.
    fn own_payload(
        &mut self,
        payload: &Payload,
        event: Reference,
        notification: Reference,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let same = match (payload, event.number(), notification.number()) {
            (Payload::Event(sent), Some(number), _) => self.is_event(number, sent)?,
            (Payload::Notification(told), _, Some(number)) => self.is_notification(number, told)?,
            _ => false,
        };
        Ok(if same { None } else { Some(encode::payload(payload)) })
    }

    fn is_event(&self, number: i64, sent: &Arc<Event>) -> Result<bool, Failure> {
        if let Some((_, kept)) = self.shared.event(number) {
            // Equal maps may still tell their keys in another order.
            return Ok(Arc::ptr_eq(&kept, sent) || (kept == *sent && encode::event(&kept) == encode::event(sent)));
        }
        let sql = "SELECT number FROM event WHERE number=? AND at=? AND body=?";
        let same = (number, sent.timestamp.as_nanos(), encode::event(sent));
        Ok(!row::integers(&self.connection, sql, same)?.is_empty())
    }

    fn is_notification(&self, number: i64, told: &Arc<Notification>) -> Result<bool, Failure> {
        let planning = self.planning.as_ref().filter(|(planned, _)| *planned == number);
        let kept = planning.map(|(_, kept)| Arc::clone(kept)).or_else(|| self.shared.notification(number));
        if let Some(kept) = kept {
            return Ok(Arc::ptr_eq(&kept, told) || encode::notification(&kept) == encode::notification(told));
        }
        let sql = "SELECT number FROM notification WHERE number=? AND body=?";
        Ok(!row::integers(&self.connection, sql, (number, encode::notification(told)))?.is_empty())
    }

    /// Makes a delivery; `false` if it was made before.
    pub(crate) fn make(&mut self, making: &Making, now: Timestamp) -> Result<bool, Failure> {
        let new = &making.new;
        self.touch(&new.endpoint);
        if !self.numbers(Kind::Delivery, *new.id.as_bytes())?.is_empty() {
            return Ok(false);
        }
        let mut row = self.outline(making, now)?;
        row.head = self.first_of_lane(row.endpoint, row.lane)?.is_none();
        row.number = self.counters.deliveries.next();
        self.insert(Table::Delivery, &row.cells())?;
        self.shared.ids.add((Kind::Delivery, row.id, row.number));
        self.counters.census.deliveries += 1;
        self.counters.census.open += 1;
        self.changes.push(Change::Made(Arc::clone(&new.endpoint)));
        Ok(true)
    }

    fn first_of_lane(&self, endpoint: i64, lane: i64) -> Result<Option<i64>, Failure> {
        let sql = "SELECT number FROM delivery WHERE endpoint=? AND lane=? ORDER BY number LIMIT 1";
        Ok(row::integers(&self.connection, sql, (endpoint, lane))?.first().copied())
    }

    /// Takes a settled delivery away; the next of its lane comes to the head.
    pub(crate) fn remove_delivery(&mut self, row: &Hot, endpoint: &Arc<str>) -> Result<(), Failure> {
        self.delete(Table::Delivery, row.number)?;
        let key = (Kind::Delivery, row.id, row.number);
        self.shared.ids.remove(&self.connection, key, &mut self.counters)?;
        self.changes.push(Change::Settled(Arc::clone(endpoint), row.number));
        one_less(&mut self.counters.census.open, "deliveries that are open");
        if row.head { self.promote(row.endpoint, row.lane) } else { Ok(()) }
    }

    /// Makes the first of a lane its head.
    pub(crate) fn promote(&mut self, endpoint: i64, lane: i64) -> Result<(), Failure> {
        let Some(number) = self.first_of_lane(endpoint, lane)? else { return Ok(()) };
        let Some(mut next) = self.hot(number)? else { return Ok(()) };
        if next.head {
            return Ok(());
        }
        next.head = true;
        let sql = "UPDATE delivery SET head=1,crc=? WHERE number=?";
        self.connection.prepare_cached(sql)?.execute((next.checksum(), number))?;
        Ok(())
    }

    /// The row of this number.
    pub(crate) fn hot(&mut self, number: i64) -> Result<Option<Hot>, Failure> {
        let sql = select!("WHERE number=?");
        Ok(self.scan((Table::Delivery, sql), [number], Hot::read)?.into_iter().next())
    }

    /// The row of this id.
    pub(crate) fn hot_of(&mut self, id: DeliveryId) -> Result<Option<Hot>, Failure> {
        match self.numbers(Kind::Delivery, *id.as_bytes())?.first().copied() {
            Some(number) => self.hot(number),
            None => Ok(None),
        }
    }

    /// Writes what a lease changes of a row.
    pub(crate) fn update_lease(&mut self, row: &Hot) -> Result<(), Failure> {
        let sql = "UPDATE delivery SET due=?,leased=?,attempts=?,fence=?,crc=? WHERE number=?";
        let values = (row.due, row.leased, row.attempts, row.fence, row.checksum(), row.number);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}
