//! One message as it is kept and as it goes over the wire: its content, and what the memory adds to it. How a notification becomes
//! content is `content`'s business.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};
use tidings_core::{NotificationId, Timestamp};

use crate::position::Position;

/// A text is no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the content of a push message must be one JSON object on one line, with at least one key")]
pub struct BadContent;

/// What a message says, as JSON: one object on one line, without what the memory adds. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Content(Arc<str>);

impl Content {
    /// Content from its text, as [`Content::as_str`] gave it.
    ///
    /// # Errors
    /// If it is not one JSON object on one line.
    pub fn parse(text: &str) -> Result<Self, BadContent> {
        let text = text.trim();
        // A line break of its own would end an SSE field.
        if text.contains(char::is_control) {
            return Err(BadContent);
        }
        let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| BadContent)?;
        if object.is_empty() { Err(BadContent) } else { Ok(Self(Arc::from(text))) }
    }

    /// The text, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

/// One message of one user, as the memory keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the user's sequence, from 1.
    pub seq: u64,
    /// What makes it the same message.
    pub id: NotificationId,
    /// What it says.
    pub content: Content,
    /// When it was appended.
    pub at: Timestamp,
    /// Whether the user has read it.
    pub read: bool,
}

impl Message {
    /// The message as it goes over the wire, where its number alone says where it stands.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_json_at(self.seq.into())
    }

    /// The message as it goes over the wire, with the place that its reader resumes from.
    #[must_use]
    pub fn to_json_at(&self, position: Position) -> String {
        // Content is an object with at least one key, so its first brace gives way to what is known only now.
        let rest = self.content.0.strip_prefix('{').unwrap_or("}");
        format!(r#"{{"type":"notification","seq":{},"position":"{position}","read":{},{rest}"#, self.seq, self.read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_one_object_on_one_line() {
        let check = |text: &str, good: bool| assert_eq!(Content::parse(text).is_ok(), good, "{text:?}");
        check(r#"{"title":"a"}"#, true);
        check(" {\"title\":\"a\"}\n", true);
        for text in ["", "{}", "[]", "null", "{\"a\":1}{\"a\":2}", "{\"a\":\n1}", "{\"a\":1", "[REDACTED:unreadable]"] {
            check(text, false);
        }
    }

    #[test]
    fn the_wire_form_is_json_with_the_sequence() {
        let content = Content::parse(r#"{"title":"a \" b","body":""}"#).unwrap();
        let id = NotificationId::from_bytes([0; 16]);
        let message = Message { seq: 7, id, content, at: Timestamp::EPOCH, read: true };
        let json = message.to_json_at(Position { stream: Some(255), seq: 7 });
        assert_eq!(
            json,
            r#"{"type":"notification","seq":7,"position":"00000000000000ff-7","read":true,"title":"a \" b","body":""}"#
        );
        assert!(serde_json::from_str::<Value>(&json).is_ok());
    }
}
