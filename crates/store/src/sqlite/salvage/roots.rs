//! Where each table begins: as the file's first page says, or, since that page may be what is damaged, where a new file has it.

use std::collections::HashMap;

use rusqlite::{Connection, types::Value};

use super::{
    known::Known,
    pages::{Found, Image, Seen, peek, walk},
};
use crate::sqlite::schema::{self, Table};

/// The root pages of tables by name, as told and as expected.
#[derive(Debug)]
pub(super) struct Roots {
    told: HashMap<String, u32>,
    expected: HashMap<String, u32>,
}

impl Roots {
    pub(super) fn find(image: &mut Image) -> Self {
        Self { told: told(image), expected: expected(image.page_size()).unwrap_or_default() }
    }

    /// Whether the first page tells of every table of ours.
    pub(super) fn are_told(&self) -> bool {
        Table::ALL.into_iter().all(|table| self.told.contains_key(table.name()))
    }

    /// Whether the first page tells of any table at all.
    pub(super) fn tell_of_others(&self) -> bool {
        !self.told.is_empty() && !Table::ALL.into_iter().any(|table| self.told.contains_key(table.name()))
    }

    /// Where the first page, or else a new file, has a table that carries no checksums.
    pub(super) fn named(&self, table: &str) -> Option<u32> {
        self.told.get(table).or_else(|| self.expected.get(table)).copied()
    }

    /// Where a table begins: where a row of it is found, else where the first page says.
    pub(super) fn of(&self, table: Table, image: &mut Image) -> Option<u32> {
        let told = self.told.get(table.name()).copied();
        let expected = self.expected.get(table.name()).copied();
        if told == expected {
            return told;
        }
        let mut has_rows = |root: &u32| peek(image, *root).iter().any(|row| Known::of(table, row).is_some());
        told.into_iter().chain(expected).find(&mut has_rows).or(told).or(expected)
    }
}

fn told(image: &mut Image) -> HashMap<String, u32> {
    let mut told = HashMap::new();
    walk(image, 1, &mut Seen::new(), &mut |_, found| {
        let Found::Rows(rows, _) = found else { return };
        let tables = rows.iter().flatten().filter_map(|row| root_of(&row.columns));
        told.extend(tables);
    });
    told
}

/// A table's name and root, from its row in SQLite's list of tables.
fn root_of(columns: &[Value]) -> Option<(String, u32)> {
    match columns {
        [Value::Text(kind), Value::Text(name), _, Value::Integer(root), ..] if kind == "table" => {
            Some((name.clone(), u32::try_from(*root).ok()?))
        }
        _ => None,
    }
}

/// Where a file that was just made has its tables.
fn expected(page_size: usize) -> Option<HashMap<String, u32>> {
    let connection = Connection::open_in_memory().ok()?;
    connection.pragma_update(None, "page_size", i64::try_from(page_size).ok()?).ok()?;
    schema::migrate(&connection, 0, 0).ok()?;
    let mut statement = connection.prepare("SELECT name, rootpage FROM sqlite_schema WHERE type='table'").ok()?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
    Some(rows.flatten().collect())
}
