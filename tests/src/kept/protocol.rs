//! What the parent and the process that is killed say to one another: JSON, one on a line.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidings::store::Census;

/// What the process is started with: its only argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// The configuration.
    pub config: PathBuf,
    /// The store's file.
    pub store: PathBuf,
    /// Where the in-process sink writes the number of each event.
    pub seen: PathBuf,
    /// Whether rules go by the events' own times.
    pub event_time: bool,
    /// Where the clock stands until it is set, in nanoseconds; `None`: the machine's clock.
    pub clock: Option<i64>,
    /// Where it kills itself.
    pub step: Option<Stop>,
    /// How many doors take events side by side.
    pub doors: usize,
    /// How long a stop by signal drains, in milliseconds.
    pub patience: u64,
    /// Whether reports list all events.
    pub lists_events: bool,
}

/// A step of `tidings::arrow` at which the process ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Its name.
    pub step: String,
    /// Which time it comes by, from 1.
    pub nth: u64,
}

/// From the parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Take these events in by this door.
    Accept {
        /// Names the batch in the answer.
        number: u64,
        /// Which door.
        door: usize,
        /// The events as a source writes them.
        events: Vec<Value>,
    },
    /// Set the clock.
    Clock {
        /// To this time.
        nanos: i64,
    },
    /// Wait until all is settled.
    Drain {
        /// At most so long.
        millis: u64,
    },
    /// Tell how things stand.
    Report,
    /// Stop, drain for at most so long, and tell how things stand.
    Stop {
        /// At most so long.
        millis: u64,
    },
}

/// To the parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Word {
    /// It runs.
    Started,
    /// There is no notifier, or no more.
    Failed {
        /// Why.
        reason: String,
    },
    /// A batch is in: said after the notifier's answer.
    Accepted {
        /// Which.
        number: u64,
        /// For each event whether it was in before.
        duplicates: Vec<bool>,
    },
    /// A batch is not in.
    Refused {
        /// Which.
        number: u64,
        /// Why.
        reason: String,
    },
    /// A drain is over.
    Drained {
        /// Whether all was settled.
        done: bool,
    },
    /// How things stand.
    Reported(Box<Report>),
    /// It has stopped.
    Stopped(Box<Report>),
}

/// How things stand: the account of this life, and the store's over all lives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The first account that does not close.
    pub unbalanced: Option<String>,
    /// The five accounts of this life.
    pub account: Value,
    /// The store's own count.
    pub census: Census,
    /// The first gap in the log's numbers.
    pub gap: Option<String>,
    /// How many entries of the log tell which step.
    pub steps: BTreeMap<String, u64>,
    /// The numbers of all events in the order of the store, where that is asked for.
    pub events: Vec<u64>,
}
