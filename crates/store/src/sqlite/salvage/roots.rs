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
    told: HashMap<String, Entry>,
    expected: HashMap<String, Entry>,
}

/// What SQLite's list says of a table or an index: where it begins, and the statement that made it.
type Entry = (u32, String);

impl Roots {
    pub(super) fn find(image: &mut Image) -> Self {
        Self { told: told(image), expected: expected(image.page_size()).unwrap_or_default() }
    }

    /// Whether the first page tells of every table and index of ours as we made it.
    pub(super) fn are_told(&self) -> bool {
        let is_told = |(name, (_, made)): (&String, &Entry)| self.told.get(name).is_some_and(|(_, told)| told == made);
        !self.expected.is_empty() && self.expected.iter().all(is_told)
    }

    /// Whether the first page tells of any table at all.
    pub(super) fn tell_of_others(&self) -> bool {
        !self.told.is_empty() && !Table::ALL.into_iter().any(|table| self.told.contains_key(table.name()))
    }

    /// Where the first page, or else a new file, has a table that carries no checksums.
    pub(super) fn named(&self, table: &str) -> Option<u32> {
        self.told.get(table).or_else(|| self.expected.get(table)).map(|(root, _)| *root)
    }

    /// What the index of the names says: by number the name, which carries no checksum there.
    pub(super) fn names(&self, image: &mut Image) -> HashMap<i64, String> {
        let mut names = HashMap::new();
        let Some(root) = self.named("name_text") else { return names };
        walk(image, root, &mut Seen::new(), &mut |_, found| {
            let Found::Rows(rows, _) = found else { return };
            let named = rows.into_iter().flatten().filter_map(|row| match <[Value; 2]>::try_from(row.columns) {
                Ok([Value::Text(name), Value::Integer(number)]) => Some((number, name)),
                _ => None,
            });
            names.extend(named);
        });
        names
    }

    /// Where a table begins: where a row of it is found, else where the first page says.
    pub(super) fn of(&self, table: Table, image: &mut Image) -> Option<u32> {
        let told = self.told.get(table.name()).map(|(root, _)| *root);
        let expected = self.expected.get(table.name()).map(|(root, _)| *root);
        if told == expected {
            return told;
        }
        let mut has_rows = |root: &u32| peek(image, *root).iter().any(|row| Known::of(table, row).is_some());
        told.into_iter().chain(expected).find(&mut has_rows).or(told).or(expected)
    }
}

fn told(image: &mut Image) -> HashMap<String, Entry> {
    let mut told = HashMap::new();
    walk(image, 1, &mut Seen::new(), &mut |_, found| {
        let Found::Rows(rows, _) = found else { return };
        let tables = rows.iter().flatten().filter_map(|row| entry(&row.columns));
        told.extend(tables);
    });
    told
}

/// A table or an index, from its row in SQLite's list; those that SQLite makes by itself have no statement.
fn entry(columns: &[Value]) -> Option<(String, Entry)> {
    match columns {
        [_, Value::Text(name), _, Value::Integer(root), Value::Text(statement)] => {
            Some((name.clone(), (u32::try_from(*root).ok()?, statement.clone())))
        }
        _ => None,
    }
}

/// Where a file that was just made has its tables.
fn expected(page_size: usize) -> Option<HashMap<String, Entry>> {
    let connection = Connection::open_in_memory().ok()?;
    connection.pragma_update(None, "page_size", i64::try_from(page_size).ok()?).ok()?;
    schema::migrate(&connection, 0, 0).ok()?;
    let mut statement =
        connection.prepare("SELECT name, rootpage, sql FROM sqlite_schema WHERE sql IS NOT NULL").ok()?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).ok()?;
    Some(rows.flatten().collect())
}
