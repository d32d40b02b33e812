//! Unit tests of rules as they are written in YAML: what happens, and what has to come of it. Every problem of a file is told at once,
//! as for a config; running the tests is left to the command line.

mod build;
mod check;
mod raw;
mod values;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tidings_core::{Event, Timestamp};
use tidings_policy::{Preferences, Silence};

use crate::{
    environment::Environment,
    load::{Mode, document, text_of},
    plan::Plan,
    problem::{Findings, Position, Problem, Spot},
    read::{At, Reader},
    tree::{
        Node,
        Value::{Map, Null as Nothing},
    },
};

/// So many events a test may have, repeats counted.
pub const MOST_EVENTS: u64 = 100_000;

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestsFile {
    /// The file's name as it was given.
    pub name: String,
    /// The config that is tested, relative to the file's folder, where the file names one.
    pub config: Option<PathBuf>,
    /// The tests in the file's order; at least one.
    pub tests: Vec<Test>,
}

/// Where something stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line and column.
    pub position: Position,
    /// The key's path, as `tests[0].expect.firings[1]`.
    pub path: String,
}

impl From<&Spot> for Place {
    fn from(spot: &Spot) -> Self {
        Self { position: spot.value, path: spot.path.clone() }
    }
}

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name; no two of a file share one.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends: what comes due until then comes, and nothing after it.
    pub until: Timestamp,
    /// What happens.
    pub steps: Vec<Step>,
    /// Wishes in the place of those that the config has for these users.
    pub preferences: BTreeMap<String, Preferences>,
    /// Silences beside those of the config.
    pub silences: Vec<Silence>,
    /// What has to come of it.
    pub expect: Expect,
}

impl Test {
    /// Every event in the order of time; those of one moment in the file's order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = self.steps.iter().flat_map(Step::events).collect();
        events.sort_by_key(|event| event.timestamp);
        events
    }
}

/// An event, or one that is repeated.
#[derive(Clone, Debug)]
pub struct Step {
    /// The first.
    pub event: Event,
    /// How many there are; at least one.
    pub times: u64,
    /// From one to the next.
    pub every: Duration,
    /// Where it stands.
    pub place: Place,
}

impl Step {
    fn events(&self) -> impl Iterator<Item = Event> {
        let mut at = self.event.timestamp;
        (0..self.times).map(move |_| {
            let event = self.event.clone().at(at);
            at = at + self.every;
            event
        })
    }

    /// When the last of them is.
    fn last(&self) -> Timestamp {
        let rest = u32::try_from(self.times.saturating_sub(1)).unwrap_or(u32::MAX);
        self.event.timestamp + self.every.saturating_mul(rest)
    }
}

/// What has to come of a test. A list that is given is complete: what comes and does not stand in it fails the test.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Where it stands.
    pub place: Option<Place>,
    /// Rules that fire.
    pub firings: Option<Listed<Firing>>,
    /// Incidents that end.
    pub resolved: Option<Listed<Firing>>,
    /// What people are told.
    pub deliveries: Option<Listed<Delivery>>,
    /// How often each mechanism suppressed something; what is not named is not looked at.
    pub suppressed: Vec<Expected<(Mechanism, u64)>>,
}

/// A complete list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Where it stands.
    pub place: Place,
    /// What it holds.
    pub items: Vec<Expected<T>>,
}

/// Something that is expected, at its place.
#[derive(Clone, Debug)]
pub struct Expected<T> {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub what: T,
}

/// A rule that fires, or an incident of it that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// The rule.
    pub rule: String,
    /// For this agent; `None`: whichever.
    pub agent: Option<String>,
    /// When, exactly.
    pub at: Timestamp,
}

/// A message that somebody is sent. What is `None` is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When, exactly.
    pub at: Timestamp,
    /// To whom.
    pub user: String,
    /// The rule that speaks.
    pub rule: Option<String>,
    /// Of this agent.
    pub agent: Option<String>,
    /// On these channels and no others, in any order.
    pub channels: Option<Vec<String>>,
    /// Under this title.
    pub title: Option<String>,
    /// With this in its text.
    pub body: Option<String>,
    /// A digest of so many messages; 0: none.
    pub digest: Option<u64>,
}

/// What keeps people from being told, or from being told at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// The rule rests after it fired.
    Cooldown,
    /// The same message was told within the window.
    Duplicate,
    /// A silence.
    Silenced,
    /// Preferences deny it on every channel.
    Denied,
    /// It waits to be told by itself.
    Held,
    /// It waits to be told in a digest.
    Digested,
    /// It waits to be told in the summary of a storm.
    SummedUp,
    /// What waited was not told in the end: over by then, or not wanted any more.
    Dropped,
}

impl Mechanism {
    /// All of them, in the order of a message's way.
    pub const ALL: [Self; 8] = [
        Self::Cooldown,
        Self::Duplicate,
        Self::Silenced,
        Self::Denied,
        Self::Held,
        Self::Digested,
        Self::SummedUp,
        Self::Dropped,
    ];

    /// Its word, as files spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cooldown => "cooldown",
            Self::Duplicate => "duplicate",
            Self::Silenced => "silenced",
            Self::Denied => "denied",
            Self::Held => "held",
            Self::Digested => "digested",
            Self::SummedUp => "summed_up",
            Self::Dropped => "dropped",
        }
    }
}

impl TestsFile {
    /// Reads a file of tests.
    ///
    /// # Errors
    /// Every problem of the file in its order.
    pub fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        Self::read(&text_of(path)?, &path.display().to_string())
    }

    /// Reads tests from text; `name` is what problems tell. `${...}` means nothing here: a test says itself what happens.
    ///
    /// # Errors
    /// Every problem of the text in its order.
    pub fn read(text: &str, name: &str) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { findings: Findings::new(name, text), environment: Environment::default() };
        let file = Self::of(text, name, &mut reader);
        match file {
            Some(file) if reader.findings.errors() == 0 => Ok(file),
            _ => Err(reader.findings.into_problems()),
        }
    }

    fn of(text: &str, name: &str, reader: &mut Reader<'_>) -> Option<Self> {
        let node = document(text, Mode::Own, reader)?;
        let spot = Spot { value: node.position, key: node.position, ..Spot::file() };
        let node = if matches!(node.value, Nothing) { Node { value: Map(Vec::new()), ..node } } else { node };
        let raw: At<raw::Tests> = At::node(&node, spot, reader);
        Some(build::file(&raw.value?, name, &mut reader.findings))
    }

    /// What the tests name and the config does not know: a test that expects nothing of a misspelt rule would pass for ever.
    #[must_use]
    pub fn unknown_names(&self, plan: &Plan) -> Vec<Problem> {
        check::names(self, plan)
    }
}

/// The JSON Schema of a file of tests (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<raw::Tests>();
    schema.insert("title".to_owned(), json!("Tests of Tidings' rules"));
    schema.to_value()
}

#[cfg(test)]
mod tests;
