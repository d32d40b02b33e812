//! Rows in columns, for people. Values come from outside: what could move the cursor is gone from them.

use crate::output;

/// Rows of so many columns; the first row is the heading.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with this heading.
    pub(crate) fn new(heading: [&str; COLUMNS]) -> Self {
        Self { rows: vec![heading.map(str::to_owned)] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: [String; COLUMNS]) {
        self.rows.push(row.map(|cell| output::plain(&cell)));
    }

    /// The lines, without blanks at their ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let line = |row: &[String; COLUMNS]| -> String {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        self.lines().iter().for_each(output::line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut table = Table::new(["a", "b", "c"]);
        table.row(["ä\u{1b}[1m".to_owned(), String::new(), "end".to_owned()]);
        assert_eq!(table.lines(), ["a      b  c", "ä [1m     end"]);
    }
}
