//! How a store file is opened, and what was found.

use std::collections::BTreeMap;

/// How a store file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many commands may wait for the writer, 1 or more. Default: 4,096. Callers beyond that wait for room.
    pub queue: usize,
    /// How many threads answer questions, 1 or more, beside one for what claims read. Default: 2.
    pub readers: usize,
    /// The largest size of the file in bytes; beyond that it takes nothing, as on a full disk. Default: no limit but the disk's.
    pub max_size: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 4_096, readers: 2, max_size: None }
    }
}

/// What was found when a store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Whether the file is new.
    pub created: bool,
    /// What was lost to damage, by table; empty for a file that is whole.
    pub damage: BTreeMap<String, String>,
}
