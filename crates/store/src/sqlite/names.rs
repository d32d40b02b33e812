//! Rows of names that do not check: written again under the same number, since deliveries and entries tell names by it. What names
//! are given to is told in `work`.

use rusqlite::OptionalExtension;

use super::{error::Failure, row, schema::Table, work::Work};

/// A row of a name as it lies there: its text, when it was used last, its checksum.
type Raw = (String, i64, i64);

/// A name's number, and when it was used last.
type Used = (i64, i64);

impl Work {
    /// The number of a name, and when it was used last.
    pub(super) fn find_name(&mut self, name: &str) -> Result<Option<(i64, i64)>, Failure> {
        let (found, bad) = self.look_up(name)?;
        let Some(number) = bad else { return Ok(found) };
        if self.is_sound_name(number)? {
            // Another name's row: the index leads astray.
            self.connection.execute_batch("REINDEX name")?;
            return Ok(self.look_up(name)?.0);
        }
        self.rewrite_name(number, name)?;
        Ok(Some((number, self.counters.peak)))
    }

    /// What a name leads to: a row that checks, or the number of one that does not.
    fn look_up(&self, name: &str) -> Result<(Option<Used>, Option<i64>), Failure> {
        let sql = "SELECT number,name,used,crc FROM name WHERE name=?";
        let mut bad = Vec::new();
        let read = |row: row::Stored<'_>| Some((row.integer(0)?, row.integer(2)?));
        let found = row::scan(&self.connection, (Table::Name, sql), [name], &mut bad, read)?;
        Ok((found.into_iter().next(), bad.first().map(|row| row.number)))
    }

    fn is_sound_name(&self, number: i64) -> Result<bool, Failure> {
        let sql = "SELECT number,name,used,crc FROM name WHERE number=?";
        let read = |row: row::Stored<'_>| row.integer(0);
        Ok(!row::scan(&self.connection, (Table::Name, sql), [number], &mut Vec::new(), read)?.is_empty())
    }

    /// Writes a name whose row does not check again, if its text is still known: in memory, or in the index.
    pub(super) fn restore_name(&mut self, number: i64) -> Result<bool, Failure> {
        if self.is_sound_name(number)? {
            return Ok(true);
        }
        let remembered = self.names.iter().find(|(_, (of, _))| *of == number).map(|(name, _)| name.to_string());
        let known = match remembered {
            Some(name) => Some(name),
            None => self.indexed_name(number)?,
        };
        let Some(name) = known else { return Ok(false) };
        self.rewrite_name(number, &name)?;
        self.is_sound_name(number)
    }

    /// The text that the index has for a number. It is believed if the row's own says the same, or if the row's checksum is right
    /// with it.
    fn indexed_name(&self, number: i64) -> Result<Option<String>, Failure> {
        let sql = "SELECT name FROM name INDEXED BY name_text WHERE number=?";
        let indexed: Option<String> = self.connection.query_row(sql, [number], |row| row.get(0)).optional()?;
        let sql = "SELECT name,used,crc FROM name NOT INDEXED WHERE number=?";
        let lies = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let raw: Option<Raw> = self.connection.query_row(sql, [number], lies).optional().unwrap_or_default();
        let is_right = |name: &String, (text, used, crc): &Raw| {
            name == text || row::checksum(Table::Name, &[number.into(), (&**name).into(), (*used).into()]) == *crc
        };
        Ok(indexed.filter(|name| raw.as_ref().is_none_or(|raw| is_right(name, raw))))
    }

    /// Writes a name in the place of a row that does not check.
    fn rewrite_name(&mut self, number: i64, name: &str) -> Result<(), Failure> {
        tracing::warn!(target: "tidings::store", number, "the row of a name does not check: written again");
        let cells = [number.into(), name.into(), self.counters.peak.into()];
        match self.replace(Table::Name, &cells) {
            Err(failure) if failure.is_damage() => {
                self.connection.execute_batch("REINDEX name")?;
                self.replace(Table::Name, &cells)
            }
            other => other,
        }
    }
}
