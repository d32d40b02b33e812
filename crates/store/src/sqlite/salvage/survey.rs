//! Counts the rows of every table, those that do not check, and what its numbers say is missing. Only looks.

use std::collections::HashMap;

use rusqlite::{Connection, types::Value};

use super::{
    expected::{expected, lost},
    known::Known,
    pages::{Found, Image, Numbers, RawRow, Seen, walk},
    report::{self, Why},
};
use crate::sqlite::{counters::Counters, schema::Table};

/// What was counted of one table.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    kept: u64,
    bad: u64,
    has_hole: bool,
}

/// What was counted.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Survey {
    counts: HashMap<Table, Count>,
    /// Rows that were set aside while the store ran: they are not missing, and were told of then.
    aside: Vec<(String, i64)>,
    /// Rows that were lost before, by origin.
    lost: HashMap<String, u64>,
    counters: Option<Counters>,
}

impl Survey {
    /// Counts a table from its root.
    pub(super) fn take(&mut self, table: Table, image: &mut Image, root: u32) {
        let mut count = Count::default();
        walk(image, root, &mut Seen::new(), &mut |_, found| match found {
            Found::Hole(_) => count.has_hole = true,
            Found::Rows(rows, numbers) => {
                rows.iter().for_each(|row| self.look(table, row.as_ref(), numbers, &mut count))
            }
        });
        self.counts.insert(table, count);
    }

    /// Counts a table as SQLite reads it: for a file that another process writes.
    pub(in crate::sqlite) fn ask(&mut self, table: Table, connection: &Connection) -> rusqlite::Result<()> {
        let width = table.columns().len() + 1;
        let mut statement = connection.prepare(&table.select("ORDER BY number"))?;
        let mut rows = statement.query([])?;
        let mut count = Count::default();
        while let Some(row) = rows.next()? {
            let columns = (1..width).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>();
            let raw = columns.ok().and_then(|rest| {
                let columns = std::iter::once(Value::Null).chain(rest).collect();
                Some(RawRow { rowid: row.get(0).ok()?, columns })
            });
            self.look(table, raw.as_ref(), Numbers::ALL, &mut count);
        }
        self.counts.insert(table, count);
        Ok(())
    }

    fn look(&mut self, table: Table, row: Option<&RawRow>, numbers: Numbers, count: &mut Count) {
        let known = row.and_then(|row| Known::of(table, row)).filter(|known| numbers.contain(known.number));
        let Some(known) = known else {
            count.bad += 1;
            return;
        };
        count.kept += 1;
        match table {
            Table::Meta => self.counters = known.text(1).and_then(|text| serde_json::from_str(text).ok()),
            Table::Damaged => self.note(&known),
            _ => {}
        }
    }

    /// A row that was set aside, or a note of rows that were lost.
    fn note(&mut self, known: &Known) {
        let origin = known.text(1).unwrap_or_default().to_owned();
        match known.count(4) {
            Some(count) if origin.starts_with("lost ") => *self.lost.entry(origin).or_default() += count,
            _ => self.aside.push((origin, known.integer(2))),
        }
    }

    /// What the store counted itself.
    pub(in crate::sqlite) const fn counters(&self) -> Option<&Counters> {
        self.counters.as_ref()
    }

    /// What was found of a table.
    pub(in crate::sqlite) fn found(&self, table: Table) -> report::Found {
        let count = self.counts.get(&table).copied().unwrap_or_default();
        let expected = self.counters.as_ref().and_then(|counters| expected(counters, table));
        let missing = expected.map_or(count.bad, |(made, purged)| {
            let is_of = |(origin, row): &&(String, i64)| origin == table.name() && *row > purged;
            let lost = self.lost.get(&lost(table)).copied().unwrap_or_default();
            made.saturating_sub(count.kept + lost + self.aside.iter().filter(is_of).count() as u64)
        });
        let exact = expected.is_some() || !count.has_hole;
        report::Found { kept: count.kept, lost_rows: count.bad, missing, exact }
    }

    /// Why the file is damaged, if it is.
    pub(super) fn verdict(&self) -> Option<Why> {
        let name = |table: Table| table.name().to_owned();
        let first = |is: &dyn Fn(&Table) -> bool| Table::ALL.into_iter().find(is);
        let count = |table: &Table| self.counts.get(table).copied().unwrap_or_default();
        if let Some(table) = first(&|table| count(table).has_hole) {
            return Some(Why::Pages(name(table)));
        }
        if let Some(table) = first(&|table| count(table).bad > 0) {
            return Some(Why::Rows(name(table)));
        }
        if self.counters.is_none() {
            let has_rows = first(&|table| count(table).kept > 0).is_some();
            return has_rows.then(|| Why::Rows(name(Table::Meta)));
        }
        first(&|table| self.found(*table).missing > 0).map(|table| Why::Numbers(name(table)))
    }
}
