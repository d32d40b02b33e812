//! What every chat service is told of a message, as text that cannot do harm in any of them. Limits are each service's own.

use tidings_core::{Event, Notification, NotificationKind, Payload, RESOLVED};

/// A character of no width, which breaks a mention and is not seen.
const GAP: char = '\u{200b}';
/// The words behind `@` that call everybody, in one service or another.
const EVERYBODY: [&str; 4] = ["everyone", "here", "channel", "all"];

/// Title, text and facts of a message, neutralised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// One line, never empty: `[HIGH] title`, or `[RESOLVED] title`.
    pub(super) title: String,
    /// The text; may be empty.
    pub(super) text: String,
    /// Name and value of what else is known.
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Message {
    pub(super) fn of(payload: &Payload) -> Self {
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
        let one_line = neutral(title).replace('\n', " ");
        let known = |(name, value): (&'static str, &Option<String>)| Some((name, neutral(value.as_deref()?)));
        Self {
            title: format!("[{}] {}", rank.to_ascii_uppercase(), one_line.trim()),
            text: neutral(text),
            facts: facts.into_iter().filter_map(known).collect(),
        }
    }

    /// The facts as one line.
    pub(super) fn facts_line(&self) -> String {
        self.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(" · ")
    }
}

/// The text without control characters and marks of direction, and with every call to everybody broken.
pub(super) fn neutral(text: &str) -> String {
    let clean: String = text.replace("\r\n", "\n").chars().filter(|c| !is_hidden(*c)).collect();
    let mut neutral = String::with_capacity(clean.len());
    for (index, character) in clean.char_indices() {
        neutral.push(character);
        let rest = &clean[index + character.len_utf8()..];
        if (character == '@' && calls_everybody(rest)) || (character == '<' && rest.starts_with(['!', '@', '#'])) {
            neutral.push(GAP);
        }
    }
    neutral
}

fn calls_everybody(rest: &str) -> bool {
    EVERYBODY.iter().any(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
}

fn is_hidden(character: char) -> bool {
    let direction = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    direction || (character.is_control() && character != '\n' && character != '\t')
}

/// At most this many characters, with `…` in place of what was cut off.
pub(super) fn clip(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_to_everybody_are_broken_and_hidden_marks_go() {
        let check = |text: &str, expected: &str| assert_eq!(neutral(text), expected);
        check("@everyone and @HERE", "@\u{200b}everyone and @\u{200b}HERE");
        check("<!channel> <@U1> <#C1> <b>", "<\u{200b}!channel> <\u{200b}@U1> <\u{200b}#C1> <b>");
        check("me@example.com @\u{e9}", "me@example.com @\u{e9}");
        check("a\r\nb\rc\0d\u{202e}e\tf", "a\nbcde\tf");
        // What is hidden goes first, so that nothing comes together behind the check.
        check("@every\u{202e}one", "@\u{200b}everyone");
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
    }
}
