//! What is told of a damaged file: why it is taken for one, what was kept of it and what was lost. How that is found out is told
//! elsewhere.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Why a file is taken for damaged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// SQLite found damage while the file was in use.
    Marked,
    /// The file itself is missing, or empty; its log is not, or a store was there before.
    FileMissing,
    /// The write-ahead log, or its end, was committed and is not there.
    LogMissing,
    /// Parts of the write-ahead log do not hold.
    LogDamaged,
    /// The file is shorter than it was.
    Cut,
    /// The first page does not say what it should.
    Header,
    /// Pages of this table cannot be read.
    Pages(String),
    /// Rows of this table do not check.
    Rows(String),
    /// Numbers of this table are missing.
    Numbers(String),
    /// SQLite's own check says so.
    Check(String),
    /// Somebody asked for it.
    #[default]
    Asked,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marked => f.write_str("SQLite found damage while it was in use"),
            Self::FileMissing => f.write_str("the file itself is missing or empty"),
            Self::LogMissing => f.write_str("its write-ahead log, or the end of it, is missing"),
            Self::LogDamaged => f.write_str("its write-ahead log is damaged"),
            Self::Cut => f.write_str("it is shorter than it was"),
            Self::Header => f.write_str("its first page is damaged"),
            Self::Pages(table) => write!(f, "pages of {table} cannot be read"),
            Self::Rows(table) => write!(f, "rows of {table} do not check"),
            Self::Numbers(table) => write!(f, "rows of {table} are missing"),
            Self::Check(text) => write!(f, "SQLite says: {text}"),
            Self::Asked => f.write_str("a repair was asked for"),
        }
    }
}

/// What was found of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Rows that check, and are kept.
    pub kept: u64,
    /// Rows that are there and do not check.
    pub lost_rows: u64,
    /// Rows that were made, were not removed since, and are not kept: as far as their numbers tell. Those that do not check are
    /// among them.
    pub missing: u64,
    /// Whether that is all that is missing; if not, it is at least that.
    pub exact: bool,
}

impl Found {
    /// Whether all of it is there, for certain.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.lost_rows == 0 && self.missing == 0 && self.exact
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kept == 0 && self.missing == 0 && !self.exact {
            return f.write_str("unknown");
        }
        write!(f, "{} kept", self.kept)?;
        if self.lost_rows > 0 {
            write!(f, ", {} do not check", self.lost_rows)?;
        }
        match (self.missing, self.exact) {
            (missing, true) => write!(f, ", {missing} missing"),
            (0, false) => f.write_str(", how many are missing is unknown"),
            (missing, false) => write!(f, ", at least {missing} missing"),
        }
    }
}

/// What was kept of a damaged file, and what was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Why it was taken for damaged.
    pub why: Why,
    /// Where the damaged file lies now; the names of its log and of the log's index begin the same.
    pub set_aside: PathBuf,
    /// By table what was found.
    pub tables: BTreeMap<String, Found>,
    /// Deliveries that are kept and cannot be sent, since what they tell is lost: they are given up.
    pub unsendable: u64,
    /// Legs of notifications whose deliveries are lost: they are given up.
    pub stranded: u64,
    /// Events that are planned once more, since nothing says that they were.
    pub planned_again: u64,
    /// Notifications that are due at once, since what they waited for is lost.
    #[serde(default)]
    pub due_again: u64,
}

impl Damage {
    /// By table what there is to tell in words; those that are whole are left out.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        let lossy = self.tables.iter().filter(|(_, found)| !found.is_whole());
        lossy.map(|(table, found)| (table.clone(), found.to_string())).collect()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aside = self.set_aside.display();
        match &self.why {
            Why::Asked => writeln!(f, "the store was written anew: {}\nthe file before lies at {aside}", self.why)?,
            why => writeln!(f, "the store was damaged: {why}\nthe damaged file lies at {aside}")?,
        }
        for (table, text) in &self.texts() {
            writeln!(f, "{table}: {text}")?;
        }
        for (count, what) in [
            (self.unsendable, "deliveries given up, since what they tell is lost"),
            (self.stranded, "legs of notifications given up, since their deliveries are lost"),
            (self.planned_again, "events planned once more, since nothing says that they were"),
            (self.due_again, "notifications told at once, since what they waited for is lost"),
        ] {
            if count > 0 {
                writeln!(f, "{count} {what}")?;
            }
        }
        f.write_str(if self.texts().is_empty() { "nothing was lost" } else { "what else there was is kept" })
    }
}
