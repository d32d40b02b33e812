//! What goes over the wire for one envelope: subject, headers and body. How it gets there is `link`'s business.

use std::fmt::Write;

use tidings_core::{Envelope, ErrorKind, Payload, SendError};

/// The longest subject in bytes: a server takes 4096 for its whole line.
const SUBJECT_LIMIT: usize = 2048;
/// What stands in a subject for an empty word; no other text is written so.
const EMPTY: &str = "%";
/// The word under which notifications go out.
const NOTIFICATION: &str = "notification";

/// One message, ready to be sent.
pub(super) struct Message {
    pub(super) subject: String,
    /// The header block, its closing empty line included.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// The message of this envelope: its JSON, scrubbed.
    pub(super) fn of(envelope: &Envelope, topic: &str) -> Result<Self, SendError> {
        let (subject, name, body) = match &envelope.payload {
            Payload::Event(event) => {
                let event_type = scrubbed(envelope, &event.event_type);
                (event_subject(topic, &event_type), event_type, event.to_wire())
            }
            Payload::Notification(notification) => {
                let body = serde_json::to_vec(notification).map_err(|error| {
                    SendError::permanent(ErrorKind::Render, "the notification has no JSON form").caused_by(error)
                })?;
                (notification_subject(topic, &notification.user_id), NOTIFICATION.to_owned(), body)
            }
            _ => return Err(SendError::permanent(ErrorKind::Render, "the bus does not know this kind of message")),
        };
        if subject.len() > SUBJECT_LIMIT {
            let text = format!("the subject would have {} bytes, and {SUBJECT_LIMIT} are the most", subject.len());
            return Err(SendError::permanent(ErrorKind::Render, text));
        }
        let body = envelope.scrub.scrub(&body).into_owned();
        Ok(Self { subject, head: head(envelope, &name), body })
    }

    /// The command that publishes it, to be answered at `reply` where there is one, and a ping behind it.
    pub(super) fn encode(&self, reply: Option<&str>) -> Vec<u8> {
        let reply = reply.map(|reply| format!("{reply} ")).unwrap_or_default();
        let (head, total) = (self.head.len(), self.length());
        let mut bytes = format!("HPUB {} {reply}{head} {total}\r\n{}", self.subject, self.head).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes.extend_from_slice(b"\r\nPING\r\n");
        bytes
    }

    /// What counts against the server's `max_payload`: headers and body.
    pub(super) fn length(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// `Nats-Msg-Id` is what JetStream knows a repetition by.
fn head(envelope: &Envelope, name: &str) -> String {
    let clean = |text: &str| text.chars().filter(|character| !character.is_control()).collect::<String>();
    let name = clean(&scrubbed(envelope, &clean(name)));
    let id = envelope.delivery;
    format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\nTidings-Delivery: {id}\r\nTidings-Event: {name}\r\n\r\n")
}

/// An agent may name its event after a secret.
fn scrubbed(envelope: &Envelope, text: &str) -> String {
    String::from_utf8_lossy(&envelope.scrub.scrub(text.as_bytes())).into_owned()
}

/// Whether subjects can begin with this: words joined by dots, not those of a server's own.
pub(super) fn is_topic(topic: &str) -> bool {
    tidings_core::taxonomy::is_dotted_words(topic) && !topic.split('.').any(|word| word == "_INBOX")
}

/// `tidings.tool.error`. A type that would pass for a notification has its first letter escaped.
fn event_subject(topic: &str, event_type: &str) -> String {
    let mut words = event_type.split('.');
    let first = words.next().unwrap_or_default();
    let first = if first == NOTIFICATION { "%6Eotification".to_owned() } else { token(first) };
    words.fold(format!("{topic}.{first}"), |subject, word| format!("{subject}.{}", token(word)))
}

/// `tidings.notification.ann`.
fn notification_subject(topic: &str, user: &str) -> String {
    format!("{topic}.{NOTIFICATION}.{}", token(user))
}

/// One word of a subject: what means something in a subject, what cannot be seen and what is not ASCII is written as `%` and two hex
/// digits, so that two users never share a subject.
fn token(word: &str) -> String {
    if word.is_empty() {
        return EMPTY.to_owned();
    }
    word.bytes().fold(String::with_capacity(word.len()), |mut token, byte| {
        if byte.is_ascii_graphic() && !matches!(byte, b'.' | b'*' | b'>' | b'%') {
            token.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            write!(token, "%{byte:02X}").unwrap_or_default();
        }
        token
    })
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, sync::Arc};

    use proptest::prelude::*;
    use tidings_core::{DeliveryId, Event, EventId, Scrub, Timestamp};

    use super::*;

    fn envelope(event: Event) -> Envelope {
        let delivery = DeliveryId::of_event(EventId::named("test", "1"), "bus");
        Envelope::plain(delivery, Payload::Event(Arc::new(event)), Timestamp::EPOCH)
    }

    #[test]
    fn subjects_are_the_documented_ones() {
        let check = |event_type: &str, expected: &str| assert_eq!(event_subject("tidings", event_type), expected);
        check("tool.error", "tidings.tool.error");
        check("custom.my-event_2", "tidings.custom.my-event_2");
        check("", "tidings.%");
        check("a..b", "tidings.a.%.b");
        check("tool.*", "tidings.tool.%2A");
        check(">", "tidings.%3E");
        check("a b\r\nPUB x 1", "tidings.a%20b%0D%0APUB%20x%201");
        check("notification.ann", "tidings.%6Eotification.ann");
        check("notifications.ann", "tidings.notifications.ann");
        assert_eq!(notification_subject("a.b", "ann@example.com"), "a.b.notification.ann@example%2Ecom");
        assert_eq!(notification_subject("a", ""), "a.notification.%");
    }

    #[test]
    fn topics_are_plain_words() {
        for good in ["tidings", "agents.prod", "a-b_c"] {
            assert!(is_topic(good), "{good}");
        }
        for bad in ["", ".", "a.", "a b", "*", "a.>", "$SYS", "$JS.API", "_INBOX", "_INBOX.x", "a\r\n"] {
            assert!(!is_topic(bad), "{bad}");
        }
    }

    #[test]
    fn a_command_is_what_the_protocol_says() {
        let message = Message { subject: "a.b".into(), head: "NATS/1.0\r\n\r\n".into(), body: b"hi".to_vec() };
        assert_eq!(message.encode(None), b"HPUB a.b 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\n");
        assert_eq!(message.encode(Some("i.1")), b"HPUB a.b i.1 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\n");
    }

    #[derive(Debug)]
    struct Hides(&'static str);

    impl Scrub for Hides {
        fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
            Cow::Owned(String::from_utf8_lossy(bytes).replace(self.0, "[gone]").into_bytes())
        }
    }

    #[test]
    fn a_secret_in_the_name_of_an_event_reaches_no_subject() {
        let scrub = Arc::new(Hides("hunter2"));
        let message = Message::of(&Envelope { scrub, ..envelope(Event::new("custom.hunter2")) }, "tidings").unwrap();
        assert_eq!(message.subject, "tidings.custom.[gone]");
        assert!(message.head.contains("Tidings-Event: custom.[gone]\r\n"), "{}", message.head);
        assert!(!String::from_utf8_lossy(&message.body).contains("hunter2"));
    }

    #[test]
    fn a_subject_beyond_the_limit_is_refused() {
        let refused = Message::of(&envelope(Event::new("x".repeat(3000))), "tidings").err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Render);
    }

    proptest! {
        #[test]
        fn no_two_users_share_a_subject_and_none_breaks_out(one: String, other: String) {
            let (first, second) = (token(&one), token(&other));
            prop_assert_eq!(first == second, one == other);
            prop_assert!(!first.is_empty());
            prop_assert!(first.bytes().all(|byte| byte.is_ascii_graphic() && !b".*>".contains(&byte)));
        }

        #[test]
        fn no_type_adds_a_header(event_type in "[a-z\r\n\0: \u{85}]{0,40}") {
            let message = Message::of(&envelope(Event::new(event_type)), "tidings").unwrap();
            prop_assert_eq!(message.head.matches("\r\n").count(), 5);
            prop_assert_eq!(message.head.matches(['\r', '\n']).count(), 10);
        }
    }
}
