//! What a service renders from: the message without secrets, how urgent it is, and what tells it from others. Limits and forms are each
//! service's own.

use tidings_core::{Envelope, NotificationKind, Payload, Priority, Scrub, SendError, Severity, Timestamp, id};
use tidings_render::{Message, Text, chat::without_calls};

/// One message, as every service needs it.
pub(crate) struct Subject {
    /// Title, text and facts, calls to everybody broken.
    pub(crate) message: Message,
    /// How much it wants attention.
    pub(crate) priority: Priority,
    /// Whether it tells that something is over.
    pub(crate) resolved: bool,
    /// When it happened.
    pub(crate) at: Timestamp,
    key: String,
}

impl Subject {
    /// The subject of this envelope. Secrets go before anything is cut to a limit: half of one would not be known for one any more.
    pub(crate) fn of(envelope: &Envelope, text: Option<&Text>, scrub: &dyn Scrub) -> Result<Self, SendError> {
        let message = Message::with(&envelope.payload, text)?.scrubbed(scrub);
        let (priority, resolved, at) = match &envelope.payload {
            Payload::Event(event) => (deserved(event.severity), false, event.timestamp),
            Payload::Notification(told) => (told.priority, told.kind == NotificationKind::Resolved, told.created_at),
            _ => (Priority::Low, false, envelope.now),
        };
        Ok(Self { message: without_calls(message), priority, resolved, at, key: key(envelope, scrub) })
    }

    /// What opens and closes an alert: the same in a firing and its resolve. At most this many characters; otherwise its hash.
    pub(crate) fn key(&self, limit: usize) -> String {
        // No path may hold a step that is `.` or `..`.
        let plain = !self.key.chars().all(|c| c == '.') && !self.key.chars().any(char::is_control);
        if plain && self.key.chars().count() <= limit { self.key.clone() } else { hash(&self.key) }
    }

    /// The agent, where one is known.
    pub(crate) fn source(&self) -> &str {
        let agent = self.message.facts.iter().find(|(name, _)| *name == "agent");
        agent.map_or("tidings", |(_, value)| value)
    }

    /// Text and facts, each where there is one; the title where there is neither, since a service refuses an empty text.
    pub(crate) fn text(&self) -> String {
        let text = join(&[&self.message.text, &self.message.facts_line()]);
        if text.is_empty() { self.message.title.clone() } else { text }
    }

    /// Title, text and facts.
    pub(crate) fn whole(&self) -> String {
        join(&[&self.message.title, &self.message.text, &self.message.facts_line()])
    }
}

/// The parts that say something, a line each.
pub(crate) fn join(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.trim().is_empty()).copied().collect::<Vec<_>>().join("\n")
}

/// An incident by its id, which all its users share; what has none by its dedup key; an event by its delivery, so that a second attempt
/// opens nothing new.
fn key(envelope: &Envelope, scrub: &dyn Scrub) -> String {
    let key = match &envelope.payload {
        Payload::Notification(told) => match told.incident {
            Some(incident) => incident.to_string(),
            None => told.dedup_key.clone(),
        },
        _ => envelope.delivery.to_string(),
    };
    // Two keys with different secrets must not become one.
    if *scrub.scrub(key.as_bytes()) == *key.as_bytes() { key } else { hash(&key) }
}

fn hash(key: &str) -> String {
    id::derive("chat.key", &[key.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A raw event has no rule that would say how much it wants attention.
const fn deserved(severity: Severity) -> Priority {
    match severity {
        Severity::Info => Priority::Low,
        Severity::Warning => Priority::Medium,
        Severity::Error => Priority::High,
        Severity::Critical => Priority::Critical,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings_core::{KeepAll, Notification};
    use tidings_testkit::samples;

    use super::*;

    fn of(notification: Notification) -> Subject {
        let envelope = samples::envelope("x", Payload::Notification(Arc::new(notification)));
        Subject::of(&envelope, None, &KeepAll).unwrap()
    }

    #[test]
    fn a_resolve_has_the_key_of_its_firing() {
        let firing = samples::notification("t");
        let resolve = Notification {
            kind: NotificationKind::Resolved,
            user_id: "u2".to_owned(),
            dedup_key: "another".to_owned(),
            ..firing.clone()
        };
        assert_eq!(of(firing).key(255), of(resolve).key(255));
    }

    #[test]
    fn keys_fit_whatever_they_hold() {
        let check = |key: &str, limit, plain: bool| {
            let direct = Notification { incident: None, dedup_key: key.to_owned(), ..samples::notification("t") };
            let told = of(direct).key(limit);
            assert_eq!(told == key, plain, "{key:?}");
            assert!((1..=limit).contains(&told.chars().count()));
        };
        check("samples", 255, true);
        check(&"é".repeat(255), 255, true);
        check(&"é".repeat(256), 255, false);
        check("", 255, false);
        check("..", 255, false);
        check("a\nb", 255, false);
    }

    #[test]
    fn an_event_is_told_by_its_delivery_and_nothing_is_empty() {
        let envelope = samples::envelope("x", Payload::Event(Arc::new(tidings_core::Event::new("custom.x"))));
        let subject = Subject::of(&envelope, None, &KeepAll).unwrap();
        assert_eq!(subject.key(255), envelope.delivery.to_string());
        assert_eq!((subject.text().as_str(), subject.source()), ("[INFO] custom.x", "tidings"));
    }
}
