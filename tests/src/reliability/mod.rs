//! The reliability figures of delivery: each is a run that checks itself, small as a test and large as a program that prints what
//! it found.

pub mod callbacks;
pub mod clocks;
pub mod day;
pub mod hooks;
pub mod house;
pub mod lab;
pub mod neighbours;
pub mod receiver;
pub mod receivers;
pub mod redirects;
pub mod retry_after;
pub mod shedding;
pub mod single;
pub mod storm;
pub mod watched;

use std::{fmt, time::Duration};

use serde_json::json;
use tidings::{Event, RetryPolicy, Severity};

/// How much of a figure is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As much as a test has time for.
    Quick,
    /// As much as the figure says.
    Full,
}

impl Size {
    /// The number for this size.
    #[must_use]
    pub const fn pick(self, quick: u64, full: u64) -> u64 {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which figure of the table.
    pub figure: u8,
    /// What was run.
    pub run: String,
    /// What came out.
    pub found: String,
    /// The limit of the figure that was exceeded, where one was: a program fails by it, a test on a busy machine does not.
    pub exceeded: Option<String>,
}

impl Row {
    /// A line of this figure.
    #[must_use]
    pub fn new(figure: u8, run: impl Into<String>, found: impl Into<String>) -> Self {
        Self { figure, run: run.into(), found: found.into(), exceeded: None }
    }
}

impl Row {
    /// The same line with a limit of the figure: a time or a size that a program holds it to.
    #[must_use]
    pub fn limit(mut self, holds: bool, limit: impl Into<String>) -> Self {
        if !holds {
            self.exceeded.get_or_insert(limit.into());
        }
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {:>2} | {} | {} |", self.figure, self.run, self.found)?;
        self.exceeded.iter().try_for_each(|limit| write!(f, " FAILED: {limit}"))
    }
}

/// The waits of the preset `long`.
pub const LONG: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// A plan of these waits in seconds, with the usual jitter.
#[must_use]
pub fn plan(seconds: impl IntoIterator<Item = u64>) -> RetryPolicy {
    RetryPolicy { delays: seconds.into_iter().map(Duration::from_secs).collect(), jitter: 0.2 }
}

/// An event of this agent with a number of its own.
#[must_use]
pub fn event(agent: u64, number: u64) -> Event {
    let event = Event::new("tool.error").severity(Severity::Error).id(format!("{agent}-{number}"));
    event.agent(format!("agent-{agent}")).at(lab::BEGIN).data(json!({"n": number, "load": 9}))
}

/// Events of so many agents, in turn.
#[must_use]
pub fn events(count: u64, agents: u64) -> Vec<Event> {
    (0..count).map(|number| event(number % agents, number)).collect()
}

/// The share `percent` of these, the largest last.
#[must_use]
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}
