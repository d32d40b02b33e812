//! A table of numbers: one column, or two and their difference. What stands in it is `text`'s.

use std::{cmp::Reverse, collections::BTreeMap};

use tidings::replay::Tally;

use crate::output;

/// So many rows of one kind are shown.
const ROWS: usize = 40;

enum Row {
    Heading(String),
    Numbers(String, Vec<u64>),
    More(usize),
}

/// Rows of a name and a number of each side.
pub(super) struct Table<'t> {
    tallies: &'t [Tally],
    rows: Vec<Row>,
}

impl<'t> Table<'t> {
    pub(super) const fn of(tallies: &'t [Tally]) -> Self {
        Self { tallies, rows: Vec::new() }
    }

    pub(super) const fn tallies(&self) -> &'t [Tally] {
        self.tallies
    }

    pub(super) fn heading(&mut self, name: &str) {
        // One with nothing under it goes.
        self.drop_heading();
        self.rows.push(Row::Heading(name.to_owned()));
    }

    fn drop_heading(&mut self) {
        self.rows.pop_if(|row| matches!(row, Row::Heading(_)));
    }

    /// A row; one without a number is left out.
    pub(super) fn row(&mut self, name: &str, number: impl Fn(&Tally) -> u64) {
        if self.tallies.iter().any(|tally| number(tally) > 0) {
            self.always(name, number);
        }
    }

    /// A row that is there though all its numbers are zero.
    pub(super) fn always(&mut self, name: &str, number: impl Fn(&Tally) -> u64) {
        let numbers = self.tallies.iter().map(number).collect();
        self.rows.push(Row::Numbers(output::plain(name), numbers));
    }

    /// A row for each name; the greatest numbers where there are too many.
    pub(super) fn names(&mut self, heading: &str, numbers: impl Fn(&Tally) -> BTreeMap<String, u64>) {
        let sides: Vec<_> = self.tallies.iter().map(numbers).collect();
        let mut all: BTreeMap<&String, Vec<u64>> = BTreeMap::new();
        for name in sides.iter().flat_map(BTreeMap::keys) {
            let row = || sides.iter().map(|side| side.get(name).copied().unwrap_or_default()).collect();
            all.entry(name).or_insert_with(row);
        }
        let mut rows: Vec<_> = all.into_iter().collect();
        let more = rows.len().saturating_sub(ROWS);
        if more > 0 {
            rows.sort_by_key(|(_, numbers)| Reverse(numbers.iter().max().copied()));
            rows.truncate(ROWS);
        }
        self.heading(heading);
        self.rows.extend(rows.into_iter().map(|(name, numbers)| Row::Numbers(output::plain(name), numbers)));
        self.rows.extend((more > 0).then_some(Row::More(more)));
    }

    pub(super) fn finish(mut self) -> String {
        self.drop_heading();
        let names = self.rows.iter().map(|row| match row {
            Row::Numbers(name, _) => name.chars().count() + 2,
            Row::Heading(name) => name.chars().count(),
            Row::More(_) => 0,
        });
        let width = names.max().unwrap_or_default();
        let columns =
            if self.tallies.len() > 1 { format!("{:>9}{:>9}{:>9}", "A", "B", "B - A") } else { String::new() };
        let lines = self.rows.iter().map(|row| match row {
            Row::Heading(name) => format!("\n{name:<width$}{columns}"),
            Row::Numbers(name, numbers) => format!("{:<width$}{}", format!("  {name}"), cells(numbers)),
            Row::More(count) => format!("  and {count} more"),
        });
        lines.map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn cells(numbers: &[u64]) -> String {
    match numbers {
        [a, b] => format!("{a:>9}{b:>9}{:>+9}", i128::from(*b) - i128::from(*a)),
        numbers => numbers.iter().map(|number| format!("{number:>9}")).collect(),
    }
}
