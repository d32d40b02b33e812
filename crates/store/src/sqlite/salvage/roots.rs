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
    /// The version that the file's own table tells.
    pub(super) told_version: Option<i64>,
    /// The version of the tables, as far as the file tells it in one way or another; else ours.
    version: i32,
}

/// What SQLite's list says of a table or an index: where it begins, and the statement that made it.
type Entry = (u32, String);

impl Roots {
    pub(super) fn find(image: &mut Image) -> Self {
        let told = told(image);
        let newest = expected(image.page_size(), schema::VERSION).unwrap_or_default();
        // The first table of every version stands in the same place.
        let root = told.get("schema_version").or_else(|| newest.get("schema_version")).map(|(root, _)| *root);
        let told_version = root.and_then(|root| last_version(image, root));
        let version = version(&told, told_version);
        let expected =
            if version == schema::VERSION { newest } else { expected(image.page_size(), version).unwrap_or_default() };
        Self { told, expected, told_version, version }
    }

    /// Whether a file of this version has the table.
    pub(super) fn has(&self, table: Table) -> bool {
        table.since() <= self.version || self.told.contains_key(table.name())
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

/// What the table of versions that begins here says last.
fn last_version(image: &mut Image, root: u32) -> Option<i64> {
    let mut version = None;
    walk(image, root, &mut Seen::new(), &mut |_, found| {
        if let Found::Rows(rows, _) = found {
            version = rows.iter().flatten().filter_map(|row| row.rowid).max().max(version);
        }
    });
    version
}

/// The older of two witnesses may be what is damaged: the newer one counts. Where there is none it is our own.
fn version(told: &HashMap<String, Entry>, told_version: Option<i64>) -> i32 {
    let listed = Table::ALL.into_iter().filter(|table| told.contains_key(table.name())).map(Table::since).max();
    let noted = told_version.and_then(|version| i32::try_from(version).ok()).filter(|version| *version >= 1);
    listed.max(noted).unwrap_or(schema::VERSION).min(schema::VERSION)
}

/// Where a file of this version that was just made has its tables.
fn expected(page_size: usize, version: i32) -> Option<HashMap<String, Entry>> {
    let connection = Connection::open_in_memory().ok()?;
    connection.pragma_update(None, "page_size", i64::try_from(page_size).ok()?).ok()?;
    schema::migrate_to(version, &connection, 0, 0).ok()?;
    let mut statement =
        connection.prepare("SELECT name, rootpage, sql FROM sqlite_schema WHERE sql IS NOT NULL").ok()?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).ok()?;
    Some(rows.flatten().collect())
}
