//! Carries the rows that check over into a new file: first those that their tables lead to, then those that lie about for what is
//! missing there. What the rows mean to each other is mended elsewhere.
//!
//! A row that lies about may be an old version, or one that was removed. Rows that are never removed one by one (events, entries,
//! notifications) are taken wherever they are found if their number is missing; anything else only where its table has a hole.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params_from_iter};

use super::{
    known::Known,
    pages::{Found, Image, Numbers, RawRow, Seen, carve, rows_on, walk},
    roots::Roots,
};
use crate::sqlite::{counters::Counters, schema::Table};

/// What came of one table.
#[derive(Debug, Default)]
pub(super) struct Haul {
    /// Cells that hold no row of the table, or one that does not check.
    pub(super) bad: u64,
    /// Numbers whose rows may be missing.
    pub(super) holes: Vec<Numbers>,
    /// The numbers of rows that were found lying about.
    pub(super) strays: HashSet<i64>,
}

impl Haul {
    pub(super) fn has_hole_at(&self, number: i64) -> bool {
        self.holes.iter().any(|hole| hole.contain(number))
    }

    /// Takes note of a hole; one that touches the one before makes it longer.
    fn add_hole(&mut self, hole: Numbers) {
        if hole.is_empty() {
            return;
        }
        match self.holes.last_mut() {
            Some(last) if last.last.checked_add(1) == Some(hole.first) => last.last = hole.last,
            _ => self.holes.push(hole),
        }
    }
}

/// What the counters are worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Account {
    /// They are those of the last commit.
    Last(Counters),
    /// They are of an earlier one.
    Earlier(Counters),
    /// There are none.
    Lost,
}

/// A harvest under way.
#[derive(Debug)]
pub(super) struct Harvest<'a> {
    image: &'a mut Image,
    target: &'a Connection,
    hauls: HashMap<Table, Haul>,
    /// Pages on which something was wrong.
    sore: HashSet<u32>,
    pub(super) account: Account,
}

/// What a harvest gave.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) hauls: HashMap<Table, Haul>,
    pub(super) account: Account,
    /// Names as an index tells them, by their numbers: for those whose rows are lost.
    pub(super) names: HashMap<i64, String>,
}

/// Carries all rows over that check.
pub(super) fn gather(image: &mut Image, target: &Connection, suspect: bool) -> rusqlite::Result<Gathered> {
    let roots = Roots::find(image);
    let mut harvest = Harvest { image, target, hauls: HashMap::new(), sore: HashSet::new(), account: Account::Lost };
    for table in Table::ALL {
        harvest.follow(table, &roots)?;
    }
    harvest.settle_account()?;
    if suspect || harvest.hauls.values().any(|haul| !haul.holes.is_empty()) {
        harvest.glean()?;
    }
    let (hauls, account) = (harvest.hauls, harvest.account);
    Ok(Gathered { hauls, account, names: roots.names(image) })
}

impl Harvest<'_> {
    /// Takes what the table leads to from its root.
    fn follow(&mut self, table: Table, roots: &Roots) -> rusqlite::Result<()> {
        let mut haul = Haul::default();
        if !roots.has(table) {
            self.hauls.insert(table, haul);
            return Ok(());
        }
        let Some(root) = roots.of(table, self.image) else {
            haul.add_hole(Numbers::ALL);
            self.hauls.insert(table, haul);
            return Ok(());
        };
        let (target, sore) = (self.target, &mut self.sore);
        let mut done = Ok(());
        walk(self.image, root, &mut Seen::new(), &mut |page, found| {
            let before = haul.bad + haul.holes.len() as u64;
            match found {
                Found::Hole(numbers) => haul.add_hole(numbers),
                Found::Rows(rows, numbers) if done.is_ok() => done = take(target, table, &mut haul, &rows, numbers),
                Found::Rows(..) => {}
            }
            if haul.bad + haul.holes.len() as u64 != before {
                sore.insert(page);
            }
        });
        self.hauls.insert(table, haul);
        done
    }

    /// Reads the counters; where the last ones are lost the latest of the earlier ones are taken.
    fn settle_account(&mut self) -> rusqlite::Result<()> {
        if let Some(counters) = Counters::load(self.target).ok().flatten() {
            self.account = Account::Last(counters);
            return Ok(());
        }
        let mut best: Option<(Counters, Known)> = None;
        self.each_stray(&mut |_, row| {
            let Some(known) = Known::of(Table::Meta, &row) else { return Ok(()) };
            let content = known.text(1).and_then(|content| serde_json::from_str(content).ok());
            let Some(counters): Option<Counters> = content else { return Ok(()) };
            let age = |counters: &Counters| (counters.entries.last, counters.events.last, counters.peak);
            if best.as_ref().is_none_or(|(other, _)| age(&counters) > age(other)) {
                best = Some((counters, known));
            }
            Ok(())
        })?;
        self.account = best.map_or(Account::Lost, |(counters, _)| Account::Earlier(counters));
        Ok(())
    }

    /// Takes what lies about, the newest first.
    fn glean(&mut self) -> rusqlite::Result<()> {
        let mut strays: HashMap<Table, HashSet<i64>> = HashMap::new();
        self.each_stray(&mut |harvest, row| {
            let Some(known) = Known::of_any(&row) else { return Ok(()) };
            if harvest.wants(&known) && put(harvest.target, &known)? {
                strays.entry(known.table).or_default().insert(known.number);
            }
            Ok(())
        })?;
        for (table, numbers) in strays {
            self.hauls.entry(table).or_default().strays = numbers;
        }
        Ok(())
    }

    fn wants(&self, known: &Known) -> bool {
        let purged = match self.account {
            Account::Last(counters) | Account::Earlier(counters) => match known.table {
                Table::Event => counters.events.purged,
                Table::Log => counters.entries.purged,
                Table::Notification => counters.notifications.purged,
                _ => 0,
            },
            Account::Lost => 0,
        };
        match known.table {
            Table::Event | Table::Log | Table::Notification => known.number > purged,
            // Whether it is settled is looked up in the log, once all of that is there.
            Table::Name | Table::RuleSet | Table::Damaged | Table::Delivery => true,
            Table::Meta => false,
            table => self.hauls.get(&table).is_some_and(|haul| haul.has_hole_at(known.number)),
        }
    }

    /// Shows every row that is on any version of any page: the newest versions first, those on pages whose order is lost last.
    fn each_stray(&mut self, show: &mut dyn FnMut(&mut Self, RawRow) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let pages = self.image.pages();
        for page in &pages {
            if let Some(bytes) = self.image.page(*page) {
                self.show_page(*page, &bytes, show)?;
            }
        }
        for version in (0..self.image.versions()).rev() {
            if let Some((page, bytes)) = self.image.replaced(version) {
                self.show_page(page, &bytes, show)?;
            }
        }
        for page in &pages {
            if let Some(bytes) = self.image.replaced_in_main(*page) {
                self.show_page(*page, &bytes, show)?;
            }
        }
        for page in self.sore.clone() {
            let rows = self.image.page(page).map(|bytes| carve(self.image, bytes)).unwrap_or_default();
            rows.into_iter().try_for_each(|row| show(self, row))?;
        }
        Ok(())
    }

    fn show_page(
        &mut self,
        page: u32,
        bytes: &[u8],
        show: &mut dyn FnMut(&mut Self, RawRow) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        rows_on(self.image, page, bytes).into_iter().try_for_each(|row| show(self, row))
    }
}

/// Takes the rows of a leaf. Between two that check there is a hole where one does not.
fn take(
    target: &Connection,
    table: Table,
    haul: &mut Haul,
    rows: &[Option<RawRow>],
    numbers: Numbers,
) -> rusqlite::Result<()> {
    let (mut first, mut broken) = (numbers.first, false);
    for row in rows {
        let known = row.as_ref().and_then(|row| Known::of(table, row));
        let Some(known) = known.filter(|known| Numbers { first, ..numbers }.contain(known.number)) else {
            haul.bad += 1;
            broken = true;
            continue;
        };
        put(target, &known)?;
        if broken {
            haul.add_hole(Numbers { first, last: known.number.saturating_sub(1) });
        }
        (first, broken) = (known.number.saturating_add(1), false);
    }
    if broken {
        haul.add_hole(Numbers { first, ..numbers });
    }
    Ok(())
}

/// Puts a row in unless its number, or what must be unique of it, is there; says whether it is new.
fn put(target: &Connection, known: &Known) -> rusqlite::Result<bool> {
    let sql = known.table.insert().replacen("INSERT", "INSERT OR IGNORE", 1);
    Ok(target.prepare_cached(&sql)?.execute(params_from_iter(&known.values))? > 0)
}
