//! Rows with a checksum: how one is written, and how one is read without ever trusting it. Which tables there are stands in `schema`.

use rusqlite::{
    Connection, Params, Row, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use super::schema::Table;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Cell<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The checksum of a row: the CRC-32 of its table's name, a zero byte, and its values in order, each with its type.
///
/// A value is a byte for its type (0 null, 1 integer, 2 text, 3 blob), then 8 bytes of an integer, or of the length of what follows,
/// little-endian.
#[derive(Debug)]
pub(crate) struct Checksum(Vec<u8>);

impl Checksum {
    pub(crate) fn of(table: Table) -> Self {
        // Gathered first: a sum over many bytes at once is far faster than over a few at a time.
        let mut bytes = Vec::with_capacity(384);
        bytes.extend_from_slice(table.name().as_bytes());
        bytes.push(0);
        Self(bytes)
    }

    pub(crate) fn add(&mut self, cell: Cell<'_>) {
        let (kind, number, rest): (u8, i64, &[u8]) = match cell {
            Cell::Null => return self.0.push(0),
            Cell::Integer(value) => (1, value, &[]),
            Cell::Text(text) => (2, text.len() as i64, text.as_bytes()),
            Cell::Blob(bytes) => (3, bytes.len() as i64, bytes),
        };
        let mut head = [kind; 9];
        head[1..].copy_from_slice(&number.to_le_bytes());
        self.0.extend_from_slice(&head);
        self.0.extend_from_slice(rest);
    }

    pub(crate) fn value(self) -> i64 {
        i64::from(crc32fast::hash(&self.0))
    }
}

/// The checksum of a whole row.
pub(crate) fn checksum(table: Table, cells: &[Cell<'_>]) -> i64 {
    let mut sum = Checksum::of(table);
    cells.iter().for_each(|cell| sum.add(*cell));
    sum.value()
}

/// Runs a statement that takes a row's values and its checksum.
pub(crate) fn put(connection: &Connection, sql: &str, table: Table, cells: &[Cell<'_>]) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    for (place, cell) in cells.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, cell)?;
    }
    statement.raw_bind_parameter(cells.len() + 1, checksum(table, cells))?;
    statement.raw_execute()
}

/// A row as it came from the file: every value may be anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored<'r>(&'r Row<'r>);

impl<'r> Stored<'r> {
    fn cell(self, place: usize) -> Option<Cell<'r>> {
        Some(match self.0.get_ref(place).ok()? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(value) => Cell::Integer(value),
            ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).ok()?),
            ValueRef::Blob(bytes) => Cell::Blob(bytes),
            ValueRef::Real(_) => return None,
        })
    }

    pub(crate) fn integer(self, place: usize) -> Option<i64> {
        match self.cell(place)? {
            Cell::Integer(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn count(self, place: usize) -> Option<u64> {
        u64::try_from(self.integer(place)?).ok()
    }

    pub(crate) fn flag(self, place: usize) -> Option<bool> {
        Some(self.integer(place)? != 0)
    }

    pub(crate) fn text(self, place: usize) -> Option<&'r str> {
        match self.cell(place)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn blob(self, place: usize) -> Option<&'r [u8]> {
        match self.cell(place)? {
            Cell::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn id(self, place: usize) -> Option<[u8; 16]> {
        self.blob(place)?.try_into().ok()
    }

    /// Reads a value that may be missing: the outer `None` says that it is neither missing nor right.
    pub(crate) fn optional<T>(self, place: usize, read: impl Fn(Self, usize) -> Option<T>) -> Option<Option<T>> {
        match self.cell(place)? {
            Cell::Null => Some(None),
            _ => read(self, place).map(Some),
        }
    }

    pub(crate) fn reference(self, place: usize) -> Option<Reference> {
        Some(match self.cell(place)? {
            Cell::Null => Reference::None,
            Cell::Integer(number) => Reference::Number(number),
            Cell::Blob(bytes) => Reference::Id(bytes.try_into().ok()?),
            Cell::Text(_) => return None,
        })
    }

    pub(crate) fn owned(self, place: usize) -> Option<Owned> {
        Some(match self.cell(place)? {
            Cell::Null => Owned::Null,
            Cell::Integer(value) => Owned::Integer(value),
            Cell::Text(text) => Owned::Text(text.to_owned()),
            Cell::Blob(bytes) => Owned::Blob(bytes.to_vec()),
        })
    }

    /// Whether the row is as it was written.
    fn checks(self, table: Table) -> bool {
        let width = table.columns().len();
        let mut sum = Checksum::of(table);
        for place in 0..width {
            match self.cell(place) {
                Some(cell) => sum.add(cell),
                None => return false,
            }
        }
        self.integer(width) == Some(sum.value())
    }
}

/// One value of a row that outlives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Owned {
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(value) => Cell::Integer(*value),
            Self::Text(text) => Cell::Text(text),
            Self::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

/// What an event or notification is told by: its number where it is kept, else its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    #[default]
    None,
    Number(i64),
    Id([u8; 16]),
}

impl Reference {
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::None => Cell::Null,
            Self::Number(number) => Cell::Integer(*number),
            Self::Id(id) => Cell::Blob(id),
        }
    }

    pub(crate) const fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// A row that does not check, or says what cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BadRow {
    pub(crate) table: Table,
    pub(crate) number: i64,
}

/// Reads whole rows: all columns of the table in order, then the checksum. What is not right is left out and named.
pub(crate) fn scan<T>(
    connection: &Connection,
    (table, sql): (Table, &str),
    parameters: impl Params,
    bad: &mut Vec<BadRow>,
    mut read: impl FnMut(Stored<'_>) -> Option<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let stored = Stored(row);
        match stored.checks(table).then(|| read(stored)).flatten() {
            Some(value) => found.push(value),
            None => bad.push(BadRow { table, number: row.get(0).unwrap_or_default() }),
        }
    }
    Ok(found)
}

/// Reads whole numbers, or other values that no checksum covers since they only lead to rows that have one.
pub(crate) fn integers(connection: &Connection, sql: &str, parameters: impl Params) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| row.get(0))?;
    rows.collect()
}
