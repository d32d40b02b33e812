//! What holds for people whatever is wished, told or changed; by the public functions alone.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod combined;
mod hostile;
mod merge;
mod moves;
mod order;
mod properties;
mod storms;

use serde_json::{Value, json};
use tidings_core::{EventId, Notification, NotificationId, NotificationKind, Priority, Timestamp};
use tidings_policy::{Circumstances, Preferences, Recent, Silence, time_zone};

/// The moment of an RFC 3339 time.
fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_nanos(i64::try_from(moment.as_nanosecond()).unwrap())
}

/// What the rule `slow` says of the agent `batch` to `ann`.
fn told(priority: Priority, channels: &[&str]) -> Notification {
    let event = EventId::named("policy", "a");
    Notification {
        notification_id: NotificationId::derived(event, "slow", "ann"),
        agent_id: Some("batch".to_owned()),
        title: String::new(),
        body: String::new(),
        priority,
        channels: channels.iter().map(ToString::to_string).collect(),
        user_id: "ann".to_owned(),
        metadata: serde_json::Map::new(),
        created_at: Timestamp::EPOCH,
        dedup_key: String::new(),
        rule: Some("slow".to_owned()),
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

/// Everything that a message is judged by.
#[derive(Debug)]
struct Scene {
    told: Notification,
    operator: Preferences,
    user: Preferences,
    zone: jiff::tz::TimeZone,
    mandatory: bool,
    silences: Vec<Silence>,
    recent: Recent,
}

impl Scene {
    /// A message of medium priority on push and email, for a user of these wishes in UTC.
    fn new(user: &Value) -> Self {
        Self {
            told: told(Priority::Medium, &["push", "email"]),
            operator: Preferences::default(),
            user: read(user),
            zone: jiff::tz::TimeZone::UTC,
            mandatory: false,
            silences: Vec::new(),
            recent: Recent::default(),
        }
    }

    fn of_zone(zone: &str, user: &Value) -> Self {
        Self { zone: time_zone(zone).unwrap(), ..Self::new(user) }
    }

    fn about(&self) -> Circumstances<'_> {
        Circumstances {
            user: Some(&self.user),
            zone: &self.zone,
            mandatory: self.mandatory,
            silences: &self.silences,
            recent: self.recent,
            ..Circumstances::of(&self.told, &self.operator)
        }
    }
}

fn read(wishes: &Value) -> Preferences {
    Preferences::read(wishes).unwrap()
}

/// Quiet from 22:00 to 07:00.
fn night(policy: &str) -> Value {
    json!({"from": "22:00", "to": "07:00", "policy": policy})
}
