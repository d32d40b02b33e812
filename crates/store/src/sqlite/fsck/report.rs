//! What is told of a store file that was looked over: as one JSON object, and as lines for people.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    model::Census,
    sqlite::salvage::{Found, Why},
};

/// What a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// There is no file.
    #[default]
    Missing,
    /// There is a file with nothing in it.
    Empty,
    /// It cannot be read, since this.
    Unreadable(String),
    /// A store in whose folder SQLite is not let in, since this: what can be told without it is right.
    Unchecked(String),
    /// A store that was saved into a new file, which has not taken its place yet.
    Interrupted,
    /// Another program's file.
    Foreign,
    /// A store of a newer version: that of its tables.
    Newer(i64),
    /// A store, and all of it is right.
    Whole,
    /// A store, and not all of it is right.
    Damaged,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub state: State,
    /// What to do.
    pub advice: &'static str,
    /// How many bytes the file has.
    pub bytes: u64,
    /// How many bytes its log has.
    pub log_bytes: u64,
    /// Whether a process writes it at this moment.
    pub in_use: bool,
    /// The version of its tables.
    pub version: Option<i32>,
    /// Why it is taken for damaged.
    pub why: Option<Why>,
    /// What SQLite's own check says against it.
    pub complaints: Vec<String>,
    /// Why SQLite could not be asked.
    pub unasked: Option<String>,
    /// What was found of each table.
    pub tables: BTreeMap<String, Found>,
    /// Rows that lean on rows which are not there, by what they are.
    pub references: BTreeMap<String, u64>,
    /// What the store counted itself; `None` if that is lost.
    pub census: Option<Census>,
}

impl Report {
    pub(super) fn of(path: &Path) -> Self {
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let log = crate::sqlite::salvage::pages::beside(path, "-wal");
        Self { path: path.to_owned(), bytes: bytes(path), log_bytes: bytes(&log), ..Self::default() }
    }

    pub(super) fn state(mut self, state: State) -> Self {
        self.advice = match &state {
            State::Missing => "check the path",
            State::Empty => "nothing: the next start begins a new store here",
            State::Unreadable(_) => "check the path and its permissions",
            State::Unchecked(_) => "look at it as one who may write in its folder, or at a copy of all its files",
            State::Interrupted => {
                "start the store, or repair it with `tidings fsck --repair`: what was begun is finished"
            }
            State::Foreign => "give the store another path",
            State::Newer(_) => "use the version that wrote it, or give the store another path",
            State::Whole => "nothing",
            State::Damaged if self.in_use => {
                "stop the process that writes it, and start it again: it saves what can be saved"
            }
            // A start looks only at what it needs of a large file.
            State::Damaged if self.why.is_none() => {
                "repair it with `tidings fsck --repair`: what checks is saved, and the damaged file is kept; a start alone leaves it as it is"
            }
            State::Damaged => {
                "start the store, or repair it with `tidings fsck --repair`: what checks is saved, and the damaged file is kept"
            }
        };
        Self { state, ..self }
    }

    /// Says what it is by what was found.
    pub(super) fn settle(self) -> Self {
        let whole = self.why.is_none()
            && self.complaints.is_empty()
            && self.references.is_empty()
            && self.tables.values().all(Found::is_whole);
        match self.unasked.clone() {
            _ if !whole => self.state(State::Damaged),
            Some(why) => self.state(State::Unchecked(why)),
            None => self.state(State::Whole),
        }
    }

    /// Whether nothing is wrong with it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.state == State::Whole
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = if self.in_use { ", in use" } else { "" };
        writeln!(f, "{}: {} bytes, {} in its log{used}", self.path.display(), self.bytes, self.log_bytes)?;
        match &self.state {
            State::Missing => writeln!(f, "there is no such file")?,
            State::Empty => writeln!(f, "it is empty")?,
            State::Unreadable(why) => writeln!(f, "it cannot be read: {why}")?,
            State::Unchecked(why) => writeln!(f, "what can be read of it is right; SQLite cannot open it here: {why}")?,
            State::Interrupted => writeln!(f, "it was damaged, and is saved but for the last step")?,
            State::Foreign => writeln!(f, "it is another program's file")?,
            State::Newer(version) => writeln!(f, "it is a store of a newer version: its tables are version {version}")?,
            State::Whole => writeln!(f, "it is whole")?,
            State::Damaged => writeln!(f, "it is damaged")?,
        }
        if let Some(why) = &self.why {
            writeln!(f, "{why}")?;
        }
        self.complaints.iter().try_for_each(|text| writeln!(f, "SQLite says: {text}"))?;
        self.tables.iter().try_for_each(|(table, found)| writeln!(f, "{table}: {found}"))?;
        self.references.iter().try_for_each(|(what, count)| writeln!(f, "{count} {what}"))?;
        write!(f, "what to do: {}", self.advice)
    }
}
