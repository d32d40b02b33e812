//! The bytes in which a state is kept: JSON with a version, times as whole nanoseconds. What a state means is left to `state`.

use std::{error::Error, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tidings_core::{Event, Severity, Timestamp};

use super::{Kept, KeptAbsence, Phase, RuleState, Subject};
use crate::{past::Basis, rules::progress::Beginning};

/// The version that is written. What is of a newer one is refused: it may mean something else.
const VERSION: u64 = 1;

/// Why bytes are not a rule's state. What they hold is never echoed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadState {
    /// They are not of the form that a state is kept in.
    Malformed {
        /// Where this was noticed: the line, from 1 on.
        line: usize,
        /// The column, from 1 on; 0 where the whole is wrong.
        column: usize,
    },
    /// They were written by another version of this program.
    Version(u64),
}

impl fmt::Display for BadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, column } => {
                write!(f, "not a rule's state: line {line}, column {column} is not as it was written; drop it")
            }
            Self::Version(found) => write!(
                f,
                "a rule's state of version {found}, known is {VERSION}: run the program that wrote it, or drop it"
            ),
        }
    }
}

impl Error for BadState {}

impl From<serde_json::Error> for BadState {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed { line: error.line(), column: error.column() }
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    version: u64,
    rule: Box<str>,
    subject: Whom,
    condition: [u8; 16],
    newest: Option<i64>,
    phase: Stage,
    awaited: Vec<Wait>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whom {
    Agent(Box<str>),
    Nameless,
    StandIn(Box<str>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Stage {
    Idle,
    Holding { since: i64, event: Box<Told>, spent: bool },
    Firing { since: i64, named_since: i64, origin: Box<Told>, clearing: Option<(i64, Box<Told>)> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    key: Box<str>,
    since: i64,
    basis: Why,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    Guessed,
    Moved,
    Begun,
    Come,
}

/// An event with all of its fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    event_type: String,
    severity: Severity,
    timestamp: i64,
    agent_id: Option<String>,
    user_id: Option<String>,
    session_id: Option<String>,
    /// Text of its own: what nests as deeply as can be read must not nest more deeply here.
    data: String,
    metadata: String,
    id: Option<String>,
    source: Option<String>,
}

impl RuleState {
    /// The bytes to keep. Nothing is lost in them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let row = Row {
            version: VERSION,
            rule: self.rule.clone(),
            subject: match self.subject.clone() {
                Subject::Agent(id) => Whom::Agent(id),
                Subject::Nameless => Whom::Nameless,
                Subject::StandIn(pattern) => Whom::StandIn(pattern),
            },
            condition: self.condition,
            newest: self.kept.newest.map(Timestamp::as_nanos),
            phase: Stage::of(&self.kept.phase),
            awaited: self.kept.awaited.iter().map(Wait::of).collect(),
        };
        serde_json::to_vec(&row).unwrap_or_default()
    }

    /// A state from the bytes that it was kept in.
    ///
    /// # Errors
    /// Where they are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadState> {
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(BadState::Version(version));
        }
        let row: Row = serde_json::from_slice(bytes)?;
        let awaited = row.awaited.into_iter().map(Wait::read).collect();
        let newest = row.newest.map(Timestamp::from_nanos);
        Ok(Self {
            rule: row.rule,
            subject: match row.subject {
                Whom::Agent(id) => Subject::Agent(id),
                Whom::Nameless => Subject::Nameless,
                Whom::StandIn(pattern) => Subject::StandIn(pattern),
            },
            condition: row.condition,
            kept: Kept { phase: row.phase.read()?, awaited, newest },
        })
    }
}

impl Stage {
    fn of(phase: &Phase) -> Self {
        match phase {
            Phase::Idle => Self::Idle,
            Phase::Holding { since, event, spent } => {
                Self::Holding { since: since.as_nanos(), event: Told::of(event), spent: *spent }
            }
            Phase::Firing { begun, clearing } => Self::Firing {
                since: begun.since.as_nanos(),
                named_since: begun.named_since.as_nanos(),
                origin: Told::of(&begun.origin),
                clearing: clearing.as_ref().map(|(since, event)| (since.as_nanos(), Told::of(event))),
            },
        }
    }

    fn read(self) -> Result<Phase, BadState> {
        Ok(match self {
            Self::Idle => Phase::Idle,
            Self::Holding { since, event, spent } => {
                Phase::Holding { since: Timestamp::from_nanos(since), event: event.read()?, spent }
            }
            Self::Firing { since, named_since, origin, clearing } => {
                let read =
                    |(since, event): (i64, Box<Told>)| event.read().map(|event| (Timestamp::from_nanos(since), event));
                let clearing = clearing.map(read).transpose()?;
                let (since, named_since) = (Timestamp::from_nanos(since), Timestamp::from_nanos(named_since));
                Phase::Firing { begun: Beginning { since, named_since, origin: origin.read()? }, clearing }
            }
        })
    }
}

impl Wait {
    fn of(awaited: &KeptAbsence) -> Self {
        let basis = match awaited.basis {
            Basis::Guessed => Why::Guessed,
            Basis::Moved => Why::Moved,
            Basis::Begun => Why::Begun,
            Basis::Come => Why::Come,
        };
        Self { key: awaited.key.clone(), since: awaited.since.as_nanos(), basis }
    }

    fn read(self) -> KeptAbsence {
        let basis = match self.basis {
            Why::Guessed => Basis::Guessed,
            Why::Moved => Basis::Moved,
            Why::Begun => Basis::Begun,
            Why::Come => Basis::Come,
        };
        KeptAbsence { key: self.key, since: Timestamp::from_nanos(self.since), basis }
    }
}

impl Told {
    fn of(event: &Event) -> Box<Self> {
        let text = |map: &Map<String, Value>| serde_json::to_string(map).unwrap_or_default();
        Box::new(Self {
            event_type: event.event_type.clone(),
            severity: event.severity,
            timestamp: event.timestamp.as_nanos(),
            agent_id: event.agent_id.clone(),
            user_id: event.user_id.clone(),
            session_id: event.session_id.clone(),
            data: text(&event.data),
            metadata: text(&event.metadata),
            id: event.id.clone(),
            source: event.source.clone(),
        })
    }

    fn read(self) -> Result<Arc<Event>, BadState> {
        Ok(Arc::new(Event {
            event_type: self.event_type,
            severity: self.severity,
            timestamp: Timestamp::from_nanos(self.timestamp),
            agent_id: self.agent_id,
            user_id: self.user_id,
            session_id: self.session_id,
            data: serde_json::from_str(&self.data)?,
            metadata: serde_json::from_str(&self.metadata)?,
            id: self.id,
            source: self.source,
        }))
    }
}
