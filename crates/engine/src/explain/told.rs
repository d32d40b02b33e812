//! What an explanation says: plain values that serialise to one JSON object. Where they come from stands in the modules beside,
//! how they read for people in `text`.

mod delivery;
mod later;
mod notification;

use serde::Serialize;
use serde_json::Value;
use tidings_core::{EventId, Severity, Timestamp};

pub use delivery::{AttemptTold, DeliveryState, DeliveryTold};
pub use later::{DigestTold, ItemTold, LaterStep, LaterTold, SilenceTold, StormTold, WaitTold};
pub use notification::{Decision, MutedTold, NotificationTold, Repeated, Standing};

/// Why somebody was told of something, and why not: the whole way of one event, or of what time alone gave, or of a direct message.
///
/// [`Display`](std::fmt::Display) tells it as a timeline. Secrets and personal data are taken out of its texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What was asked for.
    pub id: String,
    /// What that is.
    pub subject: Subject,
    /// The event; `None` where time alone gave it, for a direct message, and for one that is kept no more.
    pub event: Option<EventTold>,
    /// Every sink there was, in their order; where a delivery was asked for, its own.
    pub sinks: Vec<SinkTold>,
    /// Every rule there was, in their order; where a notification was asked for, its own.
    pub rules: Vec<RuleTold>,
    /// What users were told, or were not, in the order of the decisions.
    pub notifications: Vec<NotificationTold>,
    /// What cannot be told, and why.
    pub unknown: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// An event.
    #[default]
    Event,
    /// What time alone gave: there is no event of this id.
    Time,
    /// A notification.
    Notification,
    /// A delivery.
    Delivery,
}

/// An event, without its data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventTold {
    /// Its id.
    pub id: EventId,
    /// Its number, in the order of acceptance.
    pub number: u64,
    /// Its type.
    pub event_type: String,
    /// Its severity.
    pub severity: Severity,
    /// Its agent.
    pub agent: Option<String>,
    /// When it happened, by its own word.
    pub happened: Timestamp,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// Whether it waits for its plan: then no rule has judged it yet.
    pub waiting: bool,
    /// Whether it was sent again: nothing new came of that.
    pub resent: Option<ResentTold>,
}

/// How often an event was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResentTold {
    /// How often, as far as the log reaches back.
    pub times: u64,
    /// Whether it was more often than is counted.
    pub more: bool,
    /// When last.
    pub last: Timestamp,
}

/// A sink, and what it made of the event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SinkTold {
    /// Its name.
    pub sink: String,
    /// Whether it wants the event, or why not.
    #[serde(flatten)]
    pub wish: SinkWish,
    /// Its delivery, for a sink on the network.
    pub delivery: Option<DeliveryTold>,
    /// For a sink in the process, whether it was called; `None` where nobody keeps count of that.
    pub called: Option<bool>,
}

/// Whether a sink wants an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SinkWish {
    /// It does.
    Wanted,
    /// It wants other types.
    Type {
        /// Those that it wants.
        events: Vec<String>,
    },
    /// It wants higher severities.
    Severity {
        /// The lowest that it wants.
        least: Severity,
    },
    /// Its filter cannot be read.
    Unknown,
}

/// A rule, and what it made of the event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RuleTold {
    /// Its name.
    pub rule: String,
    /// The agents that it is about, where they are known.
    pub agent: Option<String>,
    /// What it made of it.
    pub verdict: RuleVerdict,
    /// The condition with the values that it read.
    pub condition: Option<String>,
    /// What is missing, or is wrong.
    pub reason: Option<String>,
    /// When it fired or was resolved.
    pub at: Option<Timestamp>,
    /// For a cooldown when it began, for a firing when it fired.
    pub since: Option<Timestamp>,
    /// For a cooldown its end, for what is pending when it will have held for long enough.
    pub until: Option<Timestamp>,
    /// Whether time alone did it.
    pub by_time: bool,
    /// Where it fired: what ended that. Where it was resolved: the firing that this ended.
    pub counterpart: Option<Counterpart>,
}

/// What a rule made of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleVerdict {
    /// It fired.
    Fired,
    /// Its firing was over.
    Resolved,
    /// It did not hold.
    No,
    /// Something that it reads was not there.
    Missing,
    /// Something that it reads could not be used.
    Error,
    /// It held, but not yet for as long as it must.
    Pending,
    /// It had fired before and was not over.
    Firing,
    /// It held, but it had fired a short while before.
    Cooldown,
    /// It is about other agents.
    OtherAgent,
    /// It has not judged the event yet.
    Waiting,
    /// What it made of it cannot be told.
    Unknown,
}

/// The other end of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counterpart {
    /// When it was.
    pub at: Timestamp,
    /// What did it: an event, or what stands for time alone. To be asked about in turn.
    pub event: Option<EventId>,
}

impl Explanation {
    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
