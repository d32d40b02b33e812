//! What a failed attempt means, in the words of the channel seam. A server's own words are repeated only where they hold no secret of
//! ours, and never where they name the subject, which may name a person.

use std::io;

use tidings_core::{Envelope, ErrorKind, SendError, Verdict};

/// The longest piece of a server's words that is repeated, in characters.
const WORDS_LIMIT: usize = 200;

/// Why there is no connection, or no confirmation.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection cannot be made, or it broke.
    Broken(io::Error),
    /// The server said no.
    Refused(String),
    /// The stream said no.
    NotStored { code: u16, words: String },
    /// No stream listens.
    NoStream,
    /// It can never work like this.
    Unfit(&'static str),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Failure {
    /// The failure of an attempt of which the server has seen nothing.
    pub(super) fn before(self, words: &Words<'_>) -> SendError {
        match self {
            Self::Broken(error) => {
                SendError::transient(ErrorKind::Connect, "cannot connect to the server").caused_by(error)
            }
            Self::Refused(text) => refused_login(&text, words),
            other => other.after(words),
        }
    }

    /// The failure of an attempt whose message was handed over.
    pub(super) fn after(self, words: &Words<'_>) -> SendError {
        match self {
            Self::Broken(error) => {
                SendError::unknown(ErrorKind::Reset, "the connection broke before the server had confirmed the message")
                    .caused_by(error)
            }
            Self::Refused(text) => refused_message(&text, words),
            Self::NotStored { code, words: text } => {
                let healing = matches!(code, 408 | 429 | 500..);
                let verdict = if healing { Verdict::Transient { retry_after: None } } else { Verdict::Permanent };
                let text = format!("the stream did not store the message: {}", words.clean(&text));
                SendError::new(verdict, ErrorKind::Status(code), text)
            }
            Self::NoStream => SendError::permanent(
                ErrorKind::Destination,
                "no JetStream stream takes this subject: make one whose subjects hold the topic's, or set `jetstream: false`",
            ),
            Self::Unfit(text) => SendError::permanent(ErrorKind::Other, text),
        }
    }
}

fn refused_login(text: &str, words: &Words<'_>) -> SendError {
    let lower = text.to_ascii_lowercase();
    let permanent = |text: &str| SendError::permanent(ErrorKind::Connect, text);
    if lower.contains("permissions violation for subscription") {
        permanent(
            "the login may not subscribe to `_INBOX.>`, where JetStream answers: grant it, or set `jetstream: false`",
        )
    } else if lower.contains("expired") || lower.contains("revoked") {
        permanent("the login has expired or was revoked: give a new one")
    } else if lower.contains("authorization violation") {
        permanent("the server refuses the login: look at user, password, token or key")
    } else {
        let text = format!("the server takes no connection now: {}", words.clean(text));
        SendError::transient(ErrorKind::Connect, text)
    }
}

fn refused_message(text: &str, words: &Words<'_>) -> SendError {
    let lower = text.to_ascii_lowercase();
    let permanent = |kind, text: &str| SendError::permanent(kind, text);
    if lower.contains("permissions violation") {
        permanent(ErrorKind::Destination, "the login may not publish to this subject: grant it the topic's subjects")
    } else if lower.contains("invalid") && lower.contains("subject") {
        permanent(ErrorKind::Destination, "the server finds the subject invalid")
    } else if lower.contains("maximum payload") {
        permanent(ErrorKind::Render, "the message is larger than the server takes (`max_payload`)")
    } else if lower.contains("maximum control line") {
        permanent(ErrorKind::Render, "the subject is longer than the server takes (`max_control_line`)")
    } else {
        let text = format!("the server answered with an error: {}", words.clean(text));
        SendError::unknown(ErrorKind::Other, text)
    }
}

/// Makes a server's words fit to be repeated.
pub(super) struct Words<'a> {
    pub(super) envelope: &'a Envelope,
    pub(super) secrets: Vec<&'a str>,
    pub(super) subject: &'a str,
}

impl Words<'_> {
    /// The words on one line, without our secrets, the subject and what the scrub knows.
    pub(super) fn clean(&self, words: &str) -> String {
        let open = words.replace(self.subject, "[subject]");
        let masked = self.secrets.iter().fold(open, |text, secret| text.replace(secret, "[REDACTED:secret]"));
        let scrubbed = self.envelope.scrub.scrub(masked.as_bytes());
        let text = String::from_utf8_lossy(&scrubbed);
        text.chars().filter(|character| !character.is_control()).take(WORDS_LIMIT).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings_core::{DeliveryId, Event, EventId, Payload, Timestamp};

    use super::*;

    #[test]
    fn a_refusal_says_whether_it_can_heal() {
        let delivery = DeliveryId::of_event(EventId::named("test", "1"), "bus");
        let envelope = Envelope::plain(delivery, Payload::Event(Arc::new(Event::new("a"))), Timestamp::EPOCH);
        let words = Words { envelope: &envelope, secrets: vec!["hunter2"], subject: "t.notification.ann@example" };
        let check = |text: &str, before: Verdict, after: Verdict| {
            let error = Failure::Refused(text.to_owned()).before(&words);
            assert_eq!(error.verdict(), before, "{text} before");
            let error = Failure::Refused(text.to_owned()).after(&words);
            assert_eq!(error.verdict(), after, "{text} after");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("ann@"), "{error}");
        };
        let (never, soon, unknown) = (Verdict::Permanent, Verdict::Transient { retry_after: None }, Verdict::Unknown);
        check("Authorization Violation", never, unknown);
        check("User Authentication Expired", never, unknown);
        check("Authentication Timeout", soon, unknown);
        check("maximum connections exceeded", soon, unknown);
        check("Permissions Violation for Subscription to \"_INBOX.x\"", never, never);
        check("Permissions Violation for Publish to \"t.notification.ann@example\"", soon, never);
        check("Maximum Payload Violation", soon, never);
        check("Stale Connection", soon, unknown);
        check("hunter2 t.notification.ann@example", soon, unknown);
    }

    #[test]
    fn a_stream_that_is_full_may_have_room_later() {
        let delivery = DeliveryId::of_event(EventId::named("test", "1"), "bus");
        let envelope = Envelope::plain(delivery, Payload::Event(Arc::new(Event::new("a"))), Timestamp::EPOCH);
        let words = Words { envelope: &envelope, secrets: Vec::new(), subject: "t.a" };
        let check = |code: u16, expected: Verdict| {
            let error = Failure::NotStored { code, words: "why\r\n".to_owned() }.after(&words);
            assert_eq!((error.verdict(), error.kind()), (expected, ErrorKind::Status(code)));
        };
        check(503, Verdict::Transient { retry_after: None });
        check(400, Verdict::Permanent);
    }
}
