//! Asking the log. Every page is found by the numbers of its entries: the narrowest index gives them in order, and what the filter
//! asks beyond that is looked up in the entries.

use std::collections::HashMap;

use rusqlite::types::Value as Sql;
use serde_json::Map;
use tidings_core::{DeliveryId, EventId, NotificationId, Timestamp};

use super::{
    error::Failure,
    ids::Kind,
    log::{read_step, step_code},
    readers::Reader,
    row::{self, Reference, Stored},
    schema::Table,
};
use crate::model::{Entry, LogFilter, Page, Step};

/// The most entries that a page has.
const LARGEST: usize = 1_000;

/// An entry's row.
#[derive(Debug)]
struct Found {
    number: i64,
    at: i64,
    step: Step,
    event: Reference,
    notification: Reference,
    delivery: Option<[u8; 16]>,
    names: [Option<i64>; 4],
    attempt: u32,
    detail: Map<String, serde_json::Value>,
}

impl Found {
    fn read(row: Stored<'_>) -> Option<Self> {
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

/// What an index is asked for: entries where a column has a value, and where it is with the step, that too.
#[derive(Debug)]
struct Stream {
    sql: &'static str,
    values: Vec<Sql>,
}

/// A filter in the file's terms.
#[derive(Debug, Default)]
struct Wanted {
    steps: Vec<Step>,
    events: Vec<Reference>,
    notifications: Vec<Reference>,
    delivery: Option<[u8; 16]>,
    /// Rule, agent, user, endpoint.
    names: [Option<i64>; 4],
    since: i64,
    until: i64,
}

impl Wanted {
    fn fits(&self, entry: &Found) -> bool {
        (self.steps.is_empty() || self.steps.contains(&entry.step))
            && (self.events.is_empty() || self.events.contains(&entry.event))
            && (self.notifications.is_empty() || self.notifications.contains(&entry.notification))
            && (self.delivery.is_none() || self.delivery == entry.delivery)
            && self.names.iter().zip(&entry.names).all(|(wanted, found)| wanted.is_none() || wanted == found)
            && (self.since..self.until).contains(&entry.at)
    }

    /// The steps asked for; all of them if none is named.
    fn steps(&self) -> &[Step] {
        if self.steps.is_empty() { &Step::ALL } else { &self.steps }
    }
}

/// Which way a page goes, and between which numbers.
#[derive(Clone, Copy, Debug)]
struct Span {
    low: i64,
    high: i64,
    newest_first: bool,
}

impl Reader {
    pub(crate) fn log_query(&mut self, filter: &LogFilter, page: Page) -> Result<Vec<Entry>, Failure> {
        let Some(wanted) = self.wanted(filter)? else { return Ok(Vec::new()) };
        let (mut span, limit) = match page {
            Page::Before { number, limit } => {
                let high = number.map_or(i64::MAX, super::read::signed).saturating_sub(1);
                (Span { low: 1, high, newest_first: true }, limit)
            }
            Page::After { number, limit } => {
                let low = super::read::signed(number).saturating_add(1);
                (Span { low, high: i64::MAX, newest_first: false }, limit)
            }
        };
        span.low = span.low.max(self.first_since(Table::Log, filter.since)?);
        span.high = span.high.min(self.last_until(filter.until)?);
        let limit = limit.clamp(1, LARGEST);
        let found = match filter.delivery {
            Some(id) => self.of_delivery(id, &wanted, span, limit)?,
            None => self.page(&wanted, span, limit)?,
        };
        self.entries(found)
    }

    /// The filter in the file's terms; `None` if it asks for what is nowhere.
    fn wanted(&self, filter: &LogFilter) -> Result<Option<Wanted>, Failure> {
        let mut wanted = Wanted { steps: filter.steps.clone(), ..Wanted::default() };
        if let Some(id) = filter.event {
            wanted.events = self.references(Kind::Event, *id.as_bytes())?;
        }
        if let Some(id) = filter.notification {
            wanted.notifications = self.references(Kind::Notification, *id.as_bytes())?;
        }
        wanted.delivery = filter.delivery.map(|id| *id.as_bytes());
        let names = [&filter.rule, &filter.agent, &filter.user, &filter.endpoint];
        for (place, name) in wanted.names.iter_mut().zip(names) {
            let Some(name) = name else { continue };
            let Some(number) = self.number_of_name(name)? else { return Ok(None) };
            *place = Some(number);
        }
        wanted.steps.sort_by_key(|step| step_code(*step));
        wanted.steps.dedup();
        wanted.since = filter.since.map_or(i64::MIN, Timestamp::as_nanos);
        wanted.until = filter.until.map_or(i64::MAX, Timestamp::as_nanos);
        Ok(Some(wanted))
    }

    /// How rows may tell of this id.
    fn references(&self, kind: Kind, id: [u8; 16]) -> Result<Vec<Reference>, Failure> {
        let sql = match kind {
            Kind::Event => "SELECT number FROM event WHERE number=? AND id=?",
            _ => "SELECT number FROM notification WHERE number=? AND id=?",
        };
        let mut found = vec![Reference::Id(id)];
        for number in self.numbers(kind, id)? {
            if !row::integers(&self.connection, sql, (number, &id[..]))?.is_empty() {
                found.push(Reference::Number(number));
            }
        }
        Ok(found)
    }

    /// What is asked of the narrowest index.
    fn streams(wanted: &Wanted) -> Vec<Stream> {
        let by_reference = |sql, references: &[Reference]| {
            let value = |reference: &Reference| match reference {
                Reference::Number(number) => Sql::Integer(*number),
                Reference::Id(id) => Sql::Blob(id.to_vec()),
                Reference::None => Sql::Null,
            };
            references.iter().map(|reference| Stream { sql, values: vec![value(reference)] }).collect()
        };
        let [rule, agent, user, endpoint] = wanted.names;
        let by_step = |sql, name| {
            let stream = |step: &Step| Stream { sql, values: vec![Sql::Integer(name), Sql::Integer(step_code(*step))] };
            wanted.steps().iter().map(stream).collect()
        };
        if !wanted.notifications.is_empty() {
            by_reference("notification=?3", &wanted.notifications)
        } else if !wanted.events.is_empty() {
            by_reference("event=?3", &wanted.events)
        } else if let Some(user) = user {
            by_step("user=?3 AND step=?4", user)
        } else if let Some(endpoint) = endpoint {
            by_step("endpoint=?3 AND step=?4", endpoint)
        } else if let Some(agent) = agent {
            vec![Stream { sql: "agent=?3", values: vec![Sql::Integer(agent)] }]
        } else if let Some(rule) = rule {
            vec![Stream { sql: "rule=?3", values: vec![Sql::Integer(rule)] }]
        } else if !wanted.steps.is_empty() {
            let stream = |step: &Step| Stream { sql: "step=?3", values: vec![Sql::Integer(step_code(*step))] };
            wanted.steps.iter().map(stream).collect()
        } else {
            vec![Stream { sql: "?3=?3", values: vec![Sql::Integer(0)] }]
        }
    }

    /// Entries in order until the page is full.
    fn page(&mut self, wanted: &Wanted, mut span: Span, limit: usize) -> Result<Vec<Found>, Failure> {
        let streams = Self::streams(wanted);
        let mut found = Vec::new();
        // The first look is for a page; where the filter leaves much out, the next ones are longer.
        let mut chunk = limit;
        while found.len() < limit {
            let numbers = self.numbers_in(&streams, span, chunk)?;
            let Some(last) = numbers.last().copied() else { break };
            for number in &numbers {
                found.extend(self.entry(*number)?.filter(|entry| wanted.fits(entry)));
                if found.len() == limit {
                    break;
                }
            }
            if numbers.len() < chunk {
                break;
            }
            match span.newest_first {
                true => span.high = last - 1,
                false => span.low = last + 1,
            }
            chunk = (chunk * 2).min(8 * LARGEST);
        }
        Ok(found)
    }

    /// The first numbers of all streams together.
    fn numbers_in(&self, streams: &[Stream], span: Span, limit: usize) -> Result<Vec<i64>, Failure> {
        let mut all = Vec::new();
        for stream in streams {
            let order = if span.newest_first { "DESC" } else { "ASC" };
            let sql = format!(
                "SELECT number FROM delivery_log WHERE {} AND number>=?1 AND number<=?2 ORDER BY number {order} LIMIT {limit}",
                stream.sql
            );
            let bounds = [Sql::Integer(span.low), Sql::Integer(span.high)];
            let values = rusqlite::params_from_iter(bounds.into_iter().chain(stream.values.iter().cloned()));
            all.extend(row::integers(&self.connection, &sql, values)?);
        }
        all.sort_unstable();
        if span.newest_first {
            all.reverse();
        }
        all.truncate(limit);
        Ok(all)
    }

    fn of_delivery(
        &mut self,
        id: DeliveryId,
        wanted: &Wanted,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Found>, Failure> {
        let mut numbers = self.numbers(Kind::Entry, *id.as_bytes())?;
        numbers.retain(|number| (span.low..=span.high).contains(number));
        if span.newest_first {
            numbers.reverse();
        }
        let mut found = Vec::new();
        for number in numbers {
            found.extend(self.entry(number)?.filter(|entry| wanted.fits(entry)));
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    }

    fn entry(&mut self, number: i64) -> Result<Option<Found>, Failure> {
        let sql = "SELECT number,at,step,event,notification,delivery,rule,agent,user,endpoint,attempt,detail,crc \
            FROM delivery_log WHERE number=?";
        Ok(self.scan((Table::Log, sql), [number], Found::read)?.into_iter().next())
    }

    /// Entries as they are told: with ids and names.
    fn entries(&mut self, found: Vec<Found>) -> Result<Vec<Entry>, Failure> {
        let mut known = HashMap::new();
        found.into_iter().map(|entry| self.tell(entry, &mut known)).collect()
    }

    fn tell(&mut self, entry: Found, known: &mut HashMap<(Kind, i64), Option<[u8; 16]>>) -> Result<Entry, Failure> {
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
    fn id_of(
        &self,
        kind: Kind,
        reference: Reference,
        known: &mut HashMap<(Kind, i64), Option<[u8; 16]>>,
    ) -> Result<Option<[u8; 16]>, Failure> {
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
