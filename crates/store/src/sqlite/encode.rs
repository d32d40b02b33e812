//! How events and notifications stand in the file: JSON arrays, so that they come back exactly. Times have columns of their own or
//! are whole nanoseconds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tidings_core::{
    Event, EventId, IncidentId, Notification, NotificationId, NotificationKind, Payload, Priority, Severity, Timestamp,
};

type Text<'a> = Option<&'a str>;
type Fields = Map<String, Value>;

#[derive(Serialize)]
struct EventForm<'a>(&'a str, usize, Text<'a>, Text<'a>, Text<'a>, &'a Fields, &'a Fields, Text<'a>, Text<'a>);

type OwnedText = Option<String>;

#[derive(Deserialize)]
struct ReadEvent(String, usize, OwnedText, OwnedText, OwnedText, Fields, Fields, OwnedText, OwnedText);

/// An event without its time.
pub(crate) fn event(event: &Event) -> Vec<u8> {
    let form = EventForm(
        &event.event_type,
        event.severity.index(),
        event.agent_id.as_deref(),
        event.user_id.as_deref(),
        event.session_id.as_deref(),
        &event.data,
        &event.metadata,
        event.id.as_deref(),
        event.source.as_deref(),
    );
    serde_json::to_vec(&form).unwrap_or_default()
}

/// Reads an event; `None` if it is none.
pub(crate) fn read_event(body: &[u8], at: i64) -> Option<Event> {
    let form: ReadEvent = serde_json::from_slice(body).ok()?;
    let ReadEvent(event_type, severity, agent_id, user_id, session_id, data, metadata, id, source) = form;
    let (severity, timestamp) = (*Severity::ALL.get(severity)?, Timestamp::from_nanos(at));
    Some(Event { event_type, severity, timestamp, agent_id, user_id, session_id, data, metadata, id, source })
}

/// A notification as it is kept: what is not on the wire, too.
#[derive(Serialize, Deserialize)]
struct NotificationForm<N> {
    n: N,
    at: i64,
    rule: Option<String>,
    event: Option<EventId>,
    resolved: bool,
    incident: Option<IncidentId>,
}

pub(crate) fn notification(told: &Notification) -> Vec<u8> {
    let form = NotificationForm {
        n: told,
        at: told.created_at.as_nanos(),
        rule: told.rule.clone(),
        event: told.event,
        resolved: told.kind == NotificationKind::Resolved,
        incident: told.incident,
    };
    serde_json::to_vec(&form).unwrap_or_default()
}

/// Reads a notification; `None` if it is none.
pub(crate) fn read_notification(body: &[u8]) -> Option<Notification> {
    let form: NotificationForm<Notification> = serde_json::from_slice(body).ok()?;
    let kind = if form.resolved { NotificationKind::Resolved } else { NotificationKind::Firing };
    let NotificationForm { n, at, rule, event, incident, .. } = form;
    Some(Notification { created_at: Timestamp::from_nanos(at), rule, event, kind, incident, ..n })
}

/// A payload that is not that of a row of its own: a letter for its kind, the time of an event, what it says.
pub(crate) fn payload(payload: &Payload) -> Vec<u8> {
    match payload {
        Payload::Event(sent) => [b"e", &sent.timestamp.as_nanos().to_le_bytes()[..], &event(sent)].concat(),
        Payload::Notification(told) => [b"n", &notification(told)[..]].concat(),
        _ => Vec::new(),
    }
}

pub(crate) fn read_payload(bytes: &[u8]) -> Option<Payload> {
    let (kind, rest) = bytes.split_first()?;
    match kind {
        b'e' => {
            let (at, body) = rest.split_first_chunk()?;
            Some(Payload::Event(read_event(body, i64::from_le_bytes(*at))?.into()))
        }
        b'n' => Some(Payload::Notification(read_notification(rest)?.into())),
        _ => None,
    }
}

/// The notification that a payload is about.
pub(crate) fn notification_of(payload: &Payload) -> Option<NotificationId> {
    match payload {
        Payload::Notification(told) => Some(told.notification_id),
        _ => None,
    }
}

pub(crate) const fn priority_code(priority: Priority) -> i64 {
    priority.index() as i64
}

pub(crate) fn read_priority(code: i64) -> Option<Priority> {
    Priority::ALL.get(usize::try_from(code).ok()?).copied()
}

pub(crate) fn read_severity(code: i64) -> Option<Severity> {
    Severity::ALL.get(usize::try_from(code).ok()?).copied()
}
