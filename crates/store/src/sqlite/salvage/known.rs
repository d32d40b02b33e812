//! A row that is known to be right: which table it is of, and that its checksum holds. Where it was found is told elsewhere.

use rusqlite::types::Value;

use super::pages::RawRow;
use crate::sqlite::{
    row::{self, Cell},
    schema::Table,
};

/// A row of one of our tables, as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) table: Table,
    pub(super) number: i64,
    /// All of its columns, the checksum last.
    pub(super) values: Vec<Value>,
}

impl Known {
    /// Takes a row for one of this table, if its checksum says so.
    pub(super) fn of(table: Table, raw: &RawRow) -> Option<Self> {
        let number = raw.rowid?;
        let (crc, columns) = raw.columns.split_last()?;
        let (first, rest) = columns.split_first()?;
        // The number is kept as the row's own, and null stands in its place.
        if columns.len() != table.columns().len() || *first != Value::Null {
            return None;
        }
        let mut cells = Vec::with_capacity(columns.len());
        cells.push(Cell::Integer(number));
        for value in rest {
            cells.push(cell(value)?);
        }
        let holds = *crc == Value::Integer(row::checksum(table, &cells));
        let mut values = raw.columns.clone();
        *values.first_mut()? = Value::Integer(number);
        holds.then_some(Self { table, number, values })
    }

    /// Finds the table whose row this is: every checksum begins with its table's name, so that it can be but one.
    pub(super) fn of_any(raw: &RawRow) -> Option<Self> {
        Table::ALL.into_iter().find_map(|table| Self::of(table, raw))
    }

    /// The text in a column.
    pub(super) fn text(&self, place: usize) -> Option<&str> {
        match self.values.get(place)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The count that a column's bytes tell.
    pub(super) fn count(&self, place: usize) -> Option<u64> {
        match self.values.get(place)? {
            Value::Blob(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// The number in a column; 0 where there is none.
    pub(super) fn integer(&self, place: usize) -> i64 {
        match self.values.get(place) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }
}

/// A value as the store writes it; it writes no fractions.
pub(super) fn cell(value: &Value) -> Option<Cell<'_>> {
    Some(match value {
        Value::Null => Cell::Null,
        Value::Integer(number) => Cell::Integer(*number),
        Value::Text(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Blob(bytes),
        Value::Real(_) => return None,
    })
}
