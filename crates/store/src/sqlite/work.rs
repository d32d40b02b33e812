//! One transaction under way: what commands read and write, and what changes in memory once it is certain. The commands' own rules
//! stand in modules of their own.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rusqlite::Connection;
use tidings_core::{EventId, Notification, NotificationId, Timestamp};

use super::{
    counters::Counters,
    error::Failure,
    ids::{self, Key, Kind},
    row::{self, BadRow, Cell, Reference},
    schema::Table,
    shared::{Change, Shared},
    waits,
};

/// So many names are kept in memory; then it begins anew.
const NAMES: usize = 16_384;
/// How old the note of a name's last use may become: it is what a purge goes by.
pub(crate) const NAME_STALENESS: i64 = 86_400 * 1_000_000_000;

/// The statements that write whole rows.
#[derive(Debug)]
struct Statements {
    insert: HashMap<Table, String>,
    replace: HashMap<Table, String>,
}

/// What the writer has at hand while it runs commands.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) connection: Connection,
    pub(crate) counters: Counters,
    pub(crate) shared: Arc<Shared>,
    /// What changes in memory by the transaction under way.
    pub(crate) changes: Vec<Change>,
    /// Whose deliveries it touched.
    pub(crate) touched: HashSet<Arc<str>>,
    /// Rows that do not check, to be set aside behind it.
    pub(crate) bad: Vec<BadRow>,
    /// The notification whose deliveries are being made.
    pub(crate) planning: Option<(i64, Arc<Notification>)>,
    /// Whether what endpoints owe is to be counted anew.
    pub(crate) recount: bool,
    /// Whether anything begins to wait, or waits no more or for something else.
    pub(crate) waits_moved: bool,
    filed: Vec<Key>,
    saved: Counters,
    pub(super) names: HashMap<Arc<str>, (i64, i64)>,
    statements: Statements,
}

impl Work {
    pub(crate) fn new(connection: Connection, counters: Counters, shared: Arc<Shared>) -> Self {
        let statements = Statements {
            insert: Table::ALL.into_iter().map(|table| (table, table.insert())).collect(),
            replace: Table::ALL.into_iter().map(|table| (table, table.replace())).collect(),
        };
        Self {
            connection,
            counters,
            shared,
            changes: Vec::new(),
            touched: HashSet::new(),
            bad: Vec::new(),
            planning: None,
            recount: false,
            waits_moved: false,
            filed: Vec::new(),
            saved: counters,
            names: HashMap::new(),
            statements,
        }
    }

    /// The last steps before a commit: what was counted, and ids that move into the file.
    pub(crate) fn prepare_commit(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.waits_moved) {
            self.counters.waits.next = waits::next(&self.connection)?;
        }
        self.filed = self.shared.ids.file(&self.connection, &mut self.counters)?;
        if self.counters != self.saved {
            self.counters.save(&self.connection)?;
        }
        Ok(())
    }

    /// The transaction is certain.
    pub(crate) fn committed(&mut self) {
        self.saved = self.counters;
        self.shared.ids.commit(&self.filed, &self.counters);
        self.filed.clear();
        self.shared.apply(self.changes.drain(..), &self.counters);
        if std::mem::take(&mut self.recount) {
            // What cannot be counted now is counted at the next start.
            drop(count_owed(&self.connection, &self.shared));
        }
        self.shared.hints.wake(self.touched.drain());
    }

    /// The transaction is gone, and all that it would have changed.
    pub(crate) fn rolled_back(&mut self) {
        self.counters = self.saved;
        self.shared.ids.roll_back();
        self.filed.clear();
        self.changes.clear();
        self.touched.clear();
        self.names.clear();
        self.planning = None;
        self.recount = false;
        self.waits_moved = false;
    }

    pub(crate) fn insert(&self, table: Table, cells: &[Cell<'_>]) -> Result<(), Failure> {
        let sql = self.statements.insert.get(&table).map_or("", String::as_str);
        row::put(&self.connection, sql, table, cells)?;
        Ok(())
    }

    /// Puts a row in the place of the one with its number.
    pub(crate) fn replace(&self, table: Table, cells: &[Cell<'_>]) -> Result<(), Failure> {
        let sql = self.statements.replace.get(&table).map_or("", String::as_str);
        row::put(&self.connection, sql, table, cells)?;
        Ok(())
    }

    pub(crate) fn delete(&self, table: Table, number: i64) -> Result<bool, Failure> {
        let sql = match table {
            Table::Outbox => "DELETE FROM event_outbox WHERE number=?",
            Table::Delivery => "DELETE FROM delivery WHERE number=?",
            _ => &format!("DELETE FROM {} WHERE number=?", table.name()),
        };
        Ok(self.connection.prepare_cached(sql)?.execute([number])? > 0)
    }

    /// The next number of a row that is counted nowhere else.
    pub(crate) const fn next_other(&mut self) -> i64 {
        self.counters.others += 1;
        self.counters.others
    }

    pub(crate) fn touch(&mut self, endpoint: &Arc<str>) {
        if !self.touched.contains(endpoint) {
            self.touched.insert(Arc::clone(endpoint));
        }
    }

    /// The number of a name, which it is given if it has none.
    pub(crate) fn name(&mut self, name: &str) -> Result<i64, Failure> {
        if let Some((number, used)) = self.names.get(name).copied()
            && self.counters.peak.saturating_sub(used) < NAME_STALENESS
        {
            return Ok(number);
        }
        let number = match self.find_name(name)? {
            Some((number, used)) if self.counters.peak.saturating_sub(used) < NAME_STALENESS => {
                self.remember_name(name, number, used);
                return Ok(number);
            }
            Some((number, _)) => {
                self.replace(Table::Name, &[number.into(), name.into(), self.counters.peak.into()])?;
                number
            }
            None => {
                let number = self.next_other();
                self.insert(Table::Name, &[number.into(), name.into(), self.counters.peak.into()])?;
                number
            }
        };
        self.remember_name(name, number, self.counters.peak);
        Ok(number)
    }

    /// The number of a name that has one.
    pub(crate) fn known_name(&mut self, name: &str) -> Result<Option<i64>, Failure> {
        match self.names.get(name) {
            Some((number, _)) => Ok(Some(*number)),
            None => Ok(self.find_name(name)?.map(|(number, _)| number)),
        }
    }

    fn remember_name(&mut self, name: &str, number: i64, used: i64) {
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(name.into(), (number, used));
    }

    pub(crate) fn forget_names(&mut self) {
        self.names.clear();
    }

    pub(crate) fn optional_name(&mut self, name: Option<&str>) -> Result<Option<i64>, Failure> {
        name.map(|name| self.name(name)).transpose()
    }

    /// The numbers of an id, the lowest first.
    pub(crate) fn numbers(&self, kind: Kind, id: [u8; 16]) -> Result<Vec<i64>, Failure> {
        let recent = self.shared.ids.recent_numbers(kind, id);
        if !recent.is_empty() || (kind == Kind::Delivery && self.counters.keyed_deliveries == 0) {
            return Ok(recent);
        }
        let table = match kind {
            Kind::Event => "SELECT id FROM event WHERE number=?",
            Kind::Notification => "SELECT id FROM notification WHERE number=?",
            Kind::Delivery => "SELECT id FROM delivery WHERE number=?",
            Kind::Entry => "SELECT delivery FROM delivery_log WHERE number=?",
        };
        let mut found = ids::filed_numbers(&self.connection, kind, id)?;
        let mut statement = self.connection.prepare_cached(table)?;
        let mut is_of = |number: i64| {
            let mut rows = statement.query([number])?;
            let Some(row) = rows.next()? else { return Ok::<_, rusqlite::Error>(false) };
            Ok(row.get_ref(0)?.as_blob_or_null().ok().flatten() == Some(&id[..]))
        };
        let mut failed = None;
        found.retain(|number| is_of(*number).unwrap_or_else(|error| failed.replace(error).is_some()));
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(found),
        }
    }

    pub(crate) fn event_reference(&self, id: Option<EventId>) -> Result<Reference, Failure> {
        let Some(id) = id else { return Ok(Reference::None) };
        let number = self.numbers(Kind::Event, *id.as_bytes())?.last().copied();
        Ok(number.map_or(Reference::Id(*id.as_bytes()), Reference::Number))
    }

    pub(crate) fn notification_reference(&self, id: Option<NotificationId>) -> Result<Reference, Failure> {
        let Some(id) = id else { return Ok(Reference::None) };
        let number = self.numbers(Kind::Notification, *id.as_bytes())?.last().copied();
        Ok(number.map_or(Reference::Id(*id.as_bytes()), Reference::Number))
    }

    /// Reads rows of a table; those that do not check are to be set aside.
    pub(crate) fn scan<T>(
        &mut self,
        (table, sql): (Table, &str),
        parameters: impl rusqlite::Params,
        read: impl FnMut(row::Stored<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        Ok(row::scan(&self.connection, (table, sql), parameters, &mut self.bad, read)?)
    }

    pub(crate) fn see(&mut self, now: Timestamp) {
        self.counters.see(now);
    }
}

/// Counts what every endpoint owes.
pub(crate) fn count_owed(connection: &Connection, shared: &Shared) -> rusqlite::Result<()> {
    let sql = "SELECT name.name, owed.count FROM (SELECT endpoint, count(*) AS count FROM delivery GROUP BY endpoint) AS owed \
        JOIN name ON name.number=owed.endpoint";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get::<_, String>(0)?.into(), row.get::<_, i64>(1)?.unsigned_abs()));
    }
    shared.set_owed(found);
    Ok(())
}
