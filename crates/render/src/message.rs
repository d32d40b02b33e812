//! What a message says to a person, whatever it goes out by: a title, a text, and what else is known, without hidden characters. Limits
//! and escapes are each channel's own.

use std::{fmt, sync::Arc};

use tidings_core::{Event, Notification, NotificationKind, Payload, RESOLVED, SendError};

/// What gives a text, or says why it cannot.
type Give = dyn Fn(&Payload) -> Result<String, SendError> + Send + Sync;

/// Gives the text in place of a message's own: a channel's template, or a closure.
#[derive(Clone)]
pub struct Text(Arc<Give>);

impl Text {
    /// A text that this closure gives.
    pub fn new(give: impl Fn(&Payload) -> Result<String, SendError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text")
    }
}

/// Title, text and facts of a message, without control characters and marks of direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line, never empty: `[HIGH] title`, or `[RESOLVED] title`.
    pub title: String,
    /// The text; may be empty.
    pub text: String,
    /// Name and value of what else is known.
    pub facts: Vec<(&'static str, String)>,
}

impl Message {
    /// What this payload says, with `text` in place of its own where there is one.
    ///
    /// # Errors
    /// What the text says is wrong.
    pub fn with(payload: &Payload, text: Option<&Text>) -> Result<Self, SendError> {
        let message = Self::of(payload);
        match text {
            Some(text) => Ok(Self { text: clean(&(text.0)(payload)?), ..message }),
            None => Ok(message),
        }
    }

    /// What this payload says.
    #[must_use]
    pub fn of(payload: &Payload) -> Self {
        match payload {
            Payload::Event(event) => Self::of_event(event),
            Payload::Notification(notification) => Self::of_notification(notification),
            _ => Self::new("NEW", "message", "", []),
        }
    }

    fn of_event(event: &Event) -> Self {
        let line = |(key, value): (&String, &serde_json::Value)| match value.as_str() {
            Some(text) => format!("{key}: {text}"),
            None => format!("{key}: {value}"),
        };
        let text = event.data.iter().map(line).collect::<Vec<_>>().join("\n");
        let facts = [("agent", &event.agent_id), ("user", &event.user_id), ("session", &event.session_id)];
        Self::new(event.severity.as_str(), &event.event_type, &text, facts)
    }

    fn of_notification(notification: &Notification) -> Self {
        let facts = [("agent", &notification.agent_id), ("rule", &notification.rule)];
        // An end that is called critical would alarm: its own word stands where the priority does.
        let (rank, title) = match notification.kind {
            NotificationKind::Firing => (notification.priority.as_str(), notification.title.as_str()),
            NotificationKind::Resolved => {
                ("resolved", notification.title.strip_prefix(RESOLVED).unwrap_or(&notification.title))
            }
        };
        Self::new(rank, title, &notification.body, facts)
    }

    fn new<'a>(
        rank: &str,
        title: &str,
        text: &str,
        facts: impl IntoIterator<Item = (&'static str, &'a Option<String>)>,
    ) -> Self {
        let one_line = clean(title).replace(['\n', '\t'], " ");
        let known = |(name, value): (&'static str, &Option<String>)| {
            Some((name, clean(value.as_deref()?))).filter(|(_, value)| !value.trim().is_empty())
        };
        Self {
            title: format!("[{}] {}", rank.to_ascii_uppercase(), one_line.trim()),
            text: clean(text),
            facts: facts.into_iter().filter_map(known).collect(),
        }
    }

    /// The facts as one line.
    #[must_use]
    pub fn facts_line(&self) -> String {
        self.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(" · ")
    }
}

/// The text without control characters and marks of direction; lines end in one line feed.
#[must_use]
pub fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\u{2028}', '\u{2029}'], "\n");
    lines.chars().filter(|c| !is_hidden(*c)).collect()
}

fn is_hidden(character: char) -> bool {
    let direction =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    direction || (character.is_control() && character != '\n' && character != '\t')
}

/// At most this many characters, with `…` in place of what was cut off.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go() {
        let check = |text: &str, expected: &str| assert_eq!(clean(text), expected);
        check("a\r\nb\rc\0d\u{202e}e\tf", "a\nbcde\tf");
        check("@every\u{202e}one @every\u{61c}one", "@everyone @everyone");
        check("a\u{2028}b\u{2029}c", "a\nb\nc");
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
    }
}
