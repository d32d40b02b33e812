//! An entry of the log: its row, and how it is told, with ids and names. Which entries is asked in `query`.

use std::collections::HashMap;

use serde_json::Map;
use tidings_core::{DeliveryId, EventId, NotificationId, Timestamp};

use super::{
    error::Failure,
    ids::Kind,
    log::read_step,
    readers::Reader,
    row::{Reference, Stored},
};
use crate::model::{Entry, Step};

/// An entry's row.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) step: Step,
    pub(super) event: Reference,
    pub(super) notification: Reference,
    pub(super) delivery: Option<[u8; 16]>,
    pub(super) names: [Option<i64>; 4],
    pub(super) attempt: u32,
    pub(super) detail: Map<String, serde_json::Value>,
}

impl Found {
    pub(super) fn read(row: Stored<'_>) -> Option<Self> {
        let name = |place| row.optional(place, |row, place| row.integer(place));
        let detail = match row.optional(11, |row, place| row.text(place))? {
            Some(text) => serde_json::from_str(text).ok()?,
            None => Map::new(),
        };
        Some(Self {
            number: row.integer(0)?,
            at: row.integer(1)?,
            step: read_step(row.integer(2)?)?,
            event: row.reference(3)?,
            notification: row.reference(4)?,
            delivery: row.optional(5, |row, place| row.id(place))?,
            names: [name(6)?, name(7)?, name(8)?, name(9)?],
            attempt: u32::try_from(row.integer(10)?).ok()?,
            detail,
        })
    }
}

/// The ids that were looked up for a page, by the numbers of their rows.
type Known = HashMap<(Kind, i64), Option<[u8; 16]>>;

impl Reader {
    /// Entries as they are told: with ids and names.
    pub(super) fn entries(&mut self, found: Vec<Found>) -> Result<Vec<Entry>, Failure> {
        let mut known = Known::new();
        found.into_iter().map(|entry| self.tell(entry, &mut known)).collect()
    }

    fn tell(&mut self, entry: Found, known: &mut Known) -> Result<Entry, Failure> {
        let [rule, agent, user, endpoint] = entry.names;
        Ok(Entry {
            number: entry.number.unsigned_abs(),
            at: Timestamp::from_nanos(entry.at),
            step: entry.step,
            event: self.id_of(Kind::Event, entry.event, known)?.map(EventId::from_bytes),
            notification: self.id_of(Kind::Notification, entry.notification, known)?.map(NotificationId::from_bytes),
            delivery: entry.delivery.map(DeliveryId::from_bytes),
            rule: self.optional_name(rule)?,
            agent: self.optional_name(agent)?,
            user: self.optional_name(user)?,
            endpoint: self.optional_name(endpoint)?,
            attempt: entry.attempt,
            detail: entry.detail,
        })
    }

    /// The id that a row tells of; `None` if that row is lost.
    fn id_of(&self, kind: Kind, reference: Reference, known: &mut Known) -> Result<Option<[u8; 16]>, Failure> {
        let number = match reference {
            Reference::None => return Ok(None),
            Reference::Id(id) => return Ok(Some(id)),
            Reference::Number(number) => number,
        };
        if let Some(id) = known.get(&(kind, number)) {
            return Ok(*id);
        }
        let sql = match kind {
            Kind::Event => "SELECT id FROM event WHERE number=?",
            _ => "SELECT id FROM notification WHERE number=?",
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number])?;
        let id = match rows.next()? {
            Some(row) => row.get_ref(0)?.as_blob().ok().and_then(|id| id.try_into().ok()),
            None => None,
        };
        known.insert((kind, number), id);
        Ok(id)
    }
}
