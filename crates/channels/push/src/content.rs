//! Makes the content of a message of what an envelope carries, cleaned and scrubbed. Who gets it is read here too; what happens to it
//! then is the channels' business.

use serde::Serialize;
use tidings_core::{
    Envelope, ErrorKind, Event, Notification, NotificationId, Payload, Priority, SendError, Severity, Timestamp,
};
use tidings_render::{Message as Rendered, Text, clean, clip};

use crate::{memory::NewMessage, message::Content};

/// The longest title and the longest body in characters: a message must fit a socket's frame and a memory of many.
const TITLE: usize = 500;
const BODY: usize = 16_000;
/// The longest name of a user in bytes.
const USER: usize = 256;

/// What a message says; the names are those of a notification.
#[derive(Serialize)]
struct Fields<'a> {
    id: NotificationId,
    delivery_id: String,
    title: String,
    body: String,
    priority: Priority,
    agent_id: Option<String>,
    kind: &'a str,
    incident: Option<String>,
    rule: Option<String>,
    user_id: &'a str,
    created_at: Timestamp,
}

/// What this envelope tells whom.
///
/// # Errors
/// If it names no user, or if it cannot be said.
pub(crate) fn new_message(envelope: &Envelope, text: Option<&Text>) -> Result<NewMessage, SendError> {
    let user = user_of(envelope)?.to_owned();
    let fields = fields(envelope, &user, &Rendered::with(&envelope.payload, text)?.text)?;
    let id = fields.id;
    let json = serde_json::to_vec(&fields)
        .map_err(|error| SendError::permanent(ErrorKind::Render, "the message has no JSON form").caused_by(error))?;
    let content = content(&envelope.scrub.scrub(&json))?;
    Ok(NewMessage { user, id, content, at: envelope.now })
}

/// An address names the user as the sockets know them; without one it is the payload's own user.
fn user_of(envelope: &Envelope) -> Result<&str, SendError> {
    let own = match &envelope.payload {
        Payload::Notification(notification) => Some(notification.user_id.as_str()),
        Payload::Event(event) => event.user_id.as_deref(),
        _ => None,
    };
    let user = envelope.to.as_ref().map(tidings_core::Address::as_str).or(own).ok_or_else(|| {
        SendError::permanent(ErrorKind::NoAddress, "the event names no user: only what has a `user_id` can be pushed")
    })?;
    let is_good = !user.trim().is_empty() && user.len() <= USER && !user.contains(char::is_control);
    if is_good {
        return Ok(user);
    }
    let told = format!("the user to push to must be named by 1 to {USER} bytes without control characters");
    Err(SendError::permanent(ErrorKind::NoAddress, told))
}

fn fields<'a>(envelope: &'a Envelope, user_id: &'a str, text: &str) -> Result<Fields<'a>, SendError> {
    let body = clip(text, BODY);
    match &envelope.payload {
        Payload::Notification(notification) => Ok(of_notification(envelope, notification, user_id, body)),
        Payload::Event(event) => Ok(of_event(envelope, event, user_id, body)),
        _ => Err(SendError::permanent(ErrorKind::Render, "the push channel does not know this kind of message")),
    }
}

fn of_notification<'a>(envelope: &Envelope, told: &'a Notification, user_id: &'a str, body: String) -> Fields<'a> {
    Fields {
        id: told.notification_id,
        delivery_id: envelope.delivery.to_string(),
        title: one_line(&told.title),
        body,
        priority: told.priority,
        agent_id: told.agent_id.as_deref().map(one_line),
        kind: told.kind.as_str(),
        incident: told.incident.map(|incident| incident.to_string()),
        rule: told.rule.as_deref().map(one_line),
        user_id,
        created_at: told.created_at,
    }
}

fn of_event<'a>(envelope: &Envelope, event: &'a Event, user_id: &'a str, body: String) -> Fields<'a> {
    Fields {
        id: NotificationId::from_bytes(*envelope.delivery.as_bytes()),
        delivery_id: envelope.delivery.to_string(),
        title: one_line(&event.event_type),
        body,
        priority: priority(event.severity),
        agent_id: event.agent_id.as_deref().map(one_line),
        kind: "event",
        incident: None,
        rule: None,
        user_id,
        created_at: event.timestamp,
    }
}

const fn priority(severity: Severity) -> Priority {
    match severity {
        Severity::Info => Priority::Low,
        Severity::Warning => Priority::Medium,
        Severity::Error => Priority::High,
        Severity::Critical => Priority::Critical,
    }
}

fn one_line(text: &str) -> String {
    clip(clean(text).replace(['\n', '\t'], " ").trim(), TITLE)
}

/// What a scrub leaves must still be JSON; what is not goes to nobody.
fn content(scrubbed: &[u8]) -> Result<Content, SendError> {
    let text = std::str::from_utf8(scrubbed).ok();
    text.and_then(|text| Content::parse(text).ok()).ok_or_else(|| {
        SendError::permanent(
            ErrorKind::Render,
            "the message is no JSON any more without its secrets, so it is kept back",
        )
    })
}

#[cfg(test)]
mod tests;
