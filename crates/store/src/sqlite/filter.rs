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
    sql: String,
    values: Vec<Sql>,
    /// Whether the indexes that it goes by say all that the filter asks of the names.
    pub(super) is_joined: bool,
}

/// Where a name stands in an entry: its column, and the index that begins with it.
const PLACES: [(&str, &str); 4] =
    [("rule", "log_rule"), ("agent", "log_agent"), ("user", "log_user"), ("endpoint", "log_endpoint")];

impl Stream {
    fn one(index: &'static str, column: &str, value: Sql) -> Self {
        Self { index, sql: format!("{column}=?3"), values: vec![value], is_joined: false }
    }

    /// Entries of a step with these names: by the narrowest index, and for what that does not say by another one for each name.
    fn of_names(names: [Option<i64>; 4], step: Step) -> Self {
        let [rule, agent, user, endpoint] = names;
        let (index, first): (_, &[usize]) = match (rule, agent, user, endpoint) {
            (_, _, Some(_), _) => ("INDEXED BY log_user", &[2]),
            (Some(_), Some(_), ..) => ("INDEXED BY log_rule_agent", &[0, 1]),
            (.., Some(_)) => ("INDEXED BY log_endpoint", &[3]),
            (_, Some(_), ..) => ("INDEXED BY log_agent", &[1]),
            _ => ("INDEXED BY log_rule", &[0]),
        };
        let (mut sql, mut values) = ("step=?3".to_owned(), vec![Sql::Integer(step_code(step))]);
        let mut is_joined = false;
        for (place, ((column, other), name)) in PLACES.into_iter().zip(names).enumerate() {
            let Some(name) = name else { continue };
            values.push(Sql::Integer(name));
            let parameter = values.len() + 2;
            if first.contains(&place) {
                sql.push_str(&format!(" AND {column}=?{parameter}"));
                continue;
            }
            is_joined = true;
            sql.push_str(&format!(
                " AND EXISTS(SELECT 1 FROM delivery_log AS other INDEXED BY {other} \
                 WHERE other.{column}=?{parameter} AND other.step=?3 AND other.number=delivery_log.number)"
            ));
        }
        Self { index, sql, values, is_joined }
    }

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

impl Span {
    /// Which of two numbers comes earlier in a page.
    pub(super) fn earlier(self, one: i64, other: i64) -> i64 {
        if self.newest_first { one.max(other) } else { one.min(other) }
    }
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
        let by_reference = |index, column, references: &[Reference]| {
            references.iter().map(|reference| Stream::one(index, column, value(reference))).collect()
        };
        if !wanted.notifications.is_empty() {
            by_reference("INDEXED BY log_notification", "notification", &wanted.notifications)
        } else if !wanted.events.is_empty() {
            by_reference("INDEXED BY log_event", "event", &wanted.events)
        } else if wanted.names.iter().any(Option::is_some) {
            wanted.steps().iter().map(|step| Stream::of_names(wanted.names, *step)).collect()
        } else if !wanted.steps.is_empty() {
            let by_step = |step: &Step| Stream::one("INDEXED BY log_step", "step", Sql::Integer(step_code(*step)));
            wanted.steps.iter().map(by_step).collect()
        } else {
            vec![Stream::one("NOT INDEXED", "0", Sql::Integer(0))]
        }
    }
}
