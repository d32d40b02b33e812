//! What is asked of the log in the file's terms: which index gives the numbers, and what is looked up in the entries beyond that.

use rusqlite::types::Value as Sql;
use tidings_core::Timestamp;

use super::{
    entry::Found,
    error::Failure,
    ids::Kind,
    log::step_code,
    readers::Reader,
    row::{self, Reference},
};
use crate::model::{LogFilter, Step};

/// What an index is asked for: entries where a column has a value, and where it is with the step, that too.
#[derive(Debug)]
pub(super) struct Stream {
    /// The index that gives its numbers in order.
    index: &'static str,
    sql: &'static str,
    values: Vec<Sql>,
}

impl Stream {
    /// What a statement asks after its table.
    pub(super) fn rest(&self, span: Span, limit: usize) -> String {
        let order = if span.newest_first { "DESC" } else { "ASC" };
        let Self { index, sql, .. } = self;
        format!("{index} WHERE {sql} AND number>=?1 AND number<=?2 ORDER BY number {order} LIMIT {limit}")
    }

    pub(super) fn parameters(&self, span: Span) -> impl rusqlite::Params {
        let bounds = [Sql::Integer(span.low), Sql::Integer(span.high)];
        rusqlite::params_from_iter(bounds.into_iter().chain(self.values.iter().cloned()).collect::<Vec<_>>())
    }
}

/// Which way a page goes, and between which numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) newest_first: bool,
}

/// A filter in the file's terms.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) steps: Vec<Step>,
    pub(super) events: Vec<Reference>,
    pub(super) notifications: Vec<Reference>,
    pub(super) delivery: Option<[u8; 16]>,
    /// Rule, agent, user, endpoint.
    pub(super) names: [Option<i64>; 4],
    pub(super) since: i64,
    pub(super) until: i64,
}

impl Wanted {
    pub(super) fn fits(&self, entry: &Found) -> bool {
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

impl Reader {
    /// The filter in the file's terms; `None` if it asks for what is nowhere.
    pub(super) fn wanted(&self, filter: &LogFilter) -> Result<Option<Wanted>, Failure> {
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
    pub(super) fn streams(wanted: &Wanted) -> Vec<Stream> {
        let value = |reference: &Reference| match reference {
            Reference::Number(number) => Sql::Integer(*number),
            Reference::Id(id) => Sql::Blob(id.to_vec()),
            Reference::None => Sql::Null,
        };
        let by_reference = |index, sql, references: &[Reference]| {
            references.iter().map(|reference| Stream { index, sql, values: vec![value(reference)] }).collect()
        };
        let by_number = |index, sql, number| vec![Stream { index, sql, values: vec![Sql::Integer(number)] }];
        let by_step = |index, sql, name| {
            let values = |step: &Step| vec![Sql::Integer(name), Sql::Integer(step_code(*step))];
            wanted.steps().iter().map(|step| Stream { index, sql, values: values(step) }).collect()
        };
        let [rule, agent, user, endpoint] = wanted.names;
        if !wanted.notifications.is_empty() {
            by_reference("INDEXED BY log_notification", "notification=?3", &wanted.notifications)
        } else if !wanted.events.is_empty() {
            by_reference("INDEXED BY log_event", "event=?3", &wanted.events)
        } else if let Some(user) = user {
            by_step("INDEXED BY log_user", "user=?3 AND step=?4", user)
        } else if let Some(endpoint) = endpoint {
            by_step("INDEXED BY log_endpoint", "endpoint=?3 AND step=?4", endpoint)
        } else if let Some(agent) = agent {
            by_number("INDEXED BY log_agent", "agent=?3", agent)
        } else if let Some(rule) = rule {
            by_number("INDEXED BY log_rule", "rule=?3", rule)
        } else if !wanted.steps.is_empty() {
            let index = "INDEXED BY log_step";
            wanted.steps.iter().flat_map(|step| by_number(index, "step=?3", step_code(*step))).collect()
        } else {
            by_number("NOT INDEXED", "?3=?3", 0)
        }
    }
}
