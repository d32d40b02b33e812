//! An entry of the log as the store in memory holds it: it shares what it tells of, and is spelt out only for who reads it.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tidings_core::{DeliveryId, EventId, Notification, NotificationId, Payload, Timestamp};
use tidings_policy::{Plan, Status};

use crate::model::{Entry, NewDelivery, NewEntry, Note, Step};

/// What an entry is about.
#[derive(Clone, Debug)]
pub(super) enum About {
    /// A delivery.
    Delivery(Arc<NewDelivery>),
    /// A delivery that nobody knows any more.
    Unknown(DeliveryId, Arc<str>),
    /// A notification.
    Notification(Arc<Notification>),
    /// What a plan brought with it.
    Decision(EventId, Box<NewEntry>),
    /// A rule that rests, by the event that would have fired it.
    Rule(EventId, Arc<str>, String),
    /// A sink or channel.
    Endpoint(String),
}

/// The values of an entry.
#[derive(Clone, Debug)]
pub(super) enum Detail {
    /// None, or those that it brought with it.
    Own,
    /// What an attempt came to, and when the next one is due.
    Attempt(Note, Option<Timestamp>),
    /// When a rule fired last.
    Since(Timestamp),
    /// The notification that this one repeats, where it does.
    Repeats(Option<NotificationId>),
    /// How a notification goes out.
    Plan(Plan),
    /// How a notification stands at its end.
    Status(Status),
}

/// An entry without its number.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) step: Step,
    pub(super) about: About,
    pub(super) attempt: u32,
    pub(super) detail: Detail,
}

impl Record {
    /// An entry without values of its own and about no attempt.
    pub(super) const fn new(step: Step, about: About, at: Timestamp) -> Self {
        Self { at, step, about, attempt: 0, detail: Detail::Own }
    }

    pub(super) fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Spelt out.
    pub(super) fn entry(&self, number: u64) -> Entry {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Entry {
            number,
            at: self.at,
            step: self.step,
            event: self.about.event(),
            notification: self.about.notification(),
            delivery: self.about.delivery(),
            rule: text(self.about.rule()),
            agent: text(self.about.agent()),
            user: text(self.about.user()),
            endpoint: text(self.about.endpoint()),
            attempt: self.attempt,
            detail: self.values(),
        }
    }

    fn values(&self) -> Map<String, Value> {
        let values = match (&self.detail, &self.about) {
            (Detail::Own, About::Decision(_, new)) => return new.detail.clone(),
            (Detail::Own, About::Delivery(delivery)) if self.step == Step::Fallback => {
                json!({"after": delivery.leg.as_ref().map(|leg| &leg.after)})
            }
            (Detail::Own, _) => Value::Null,
            (Detail::Attempt(note, due), _) => return attempt_values(note, *due),
            (Detail::Since(since), _) => json!({"since": since}),
            (Detail::Repeats(of), About::Notification(told)) => {
                let mut values = json!({"title": told.title, "priority": told.priority});
                if let (Some(of), Some(values)) = (of, values.as_object_mut()) {
                    values.insert("of".to_owned(), json!(of));
                }
                values
            }
            (Detail::Plan(plan), About::Notification(told)) => {
                json!({"title": told.title, "priority": told.priority, "legs": plan.legs, "quorum": plan.quorum})
            }
            (Detail::Status(Status::Incomplete { needed, reached }), _) => {
                json!({"needed": needed, "reached": reached})
            }
            (Detail::Repeats(_) | Detail::Plan(_) | Detail::Status(_), _) => Value::Null,
        };
        match values {
            Value::Object(values) => values,
            _ => Map::new(),
        }
    }
}

/// The values that are known of an attempt.
fn attempt_values(note: &Note, due: Option<Timestamp>) -> Map<String, Value> {
    let took = u64::try_from(note.took.as_millis()).unwrap_or(u64::MAX);
    let values = [
        ("kind", json!(note.kind)),
        ("code", json!(note.code)),
        ("text", json!(note.text)),
        ("due", json!(due)),
        ("attempts", json!(Some(note.attempts).filter(|attempts| *attempts > 0))),
        ("took_ms", json!(took)),
    ];
    let known = values.into_iter().filter(|(_, value)| !value.is_null());
    known.map(|(key, value)| (key.to_owned(), value)).collect()
}

impl About {
    pub(super) fn event(&self) -> Option<EventId> {
        match self {
            Self::Delivery(delivery) => delivery.event,
            Self::Notification(told) => told.event,
            Self::Decision(event, _) | Self::Rule(event, ..) => Some(*event),
            Self::Unknown(..) | Self::Endpoint(_) => None,
        }
    }

    pub(super) fn notification(&self) -> Option<NotificationId> {
        match self {
            Self::Delivery(delivery) => delivery.notification(),
            Self::Notification(told) => Some(told.notification_id),
            Self::Decision(_, new) => new.notification,
            Self::Unknown(..) | Self::Rule(..) | Self::Endpoint(_) => None,
        }
    }

    pub(super) fn delivery(&self) -> Option<DeliveryId> {
        match self {
            Self::Delivery(delivery) => Some(delivery.id),
            Self::Unknown(delivery, _) => Some(*delivery),
            _ => None,
        }
    }

    /// The notification that it is about, or that its delivery carries.
    fn told(&self) -> Option<&Notification> {
        match self {
            Self::Notification(told) => Some(told),
            Self::Delivery(delivery) => match &delivery.payload {
                Payload::Notification(told) => Some(told),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn rule(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.rule.as_deref(),
            Self::Rule(_, rule, _) => Some(rule),
            _ => self.told()?.rule.as_deref(),
        }
    }

    pub(super) fn agent(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.agent.as_deref(),
            Self::Rule(_, _, agent) => Some(&**agent).filter(|agent| !agent.is_empty()),
            Self::Delivery(delivery) => match &delivery.payload {
                Payload::Event(event) => event.agent_id.as_deref(),
                _ => self.told()?.agent_id.as_deref(),
            },
            _ => self.told()?.agent_id.as_deref(),
        }
    }

    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.user.as_deref(),
            _ => self.told().map(|told| &*told.user_id),
        }
    }

    pub(super) fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Delivery(delivery) => Some(&delivery.endpoint),
            Self::Unknown(_, endpoint) => Some(endpoint),
            Self::Endpoint(endpoint) => Some(endpoint),
            _ => None,
        }
    }
}
