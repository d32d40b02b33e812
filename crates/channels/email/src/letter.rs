//! The message as it goes over the wire: headers, two parts, and ids that thread an incident. What the parts say stands in `page`;
//! who carries them is the transport's business.

use std::time::{Duration, SystemTime};

use lettre::{
    Address,
    message::{
        Body, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use tidings_core::{Envelope, ErrorKind, IncidentId, Payload, SendError, Timestamp};
use tidings_render::{Message, Text, clip};

use crate::{Unsubscribe, address, page};

/// Characters of a subject, of a title in the text, of the text, and of a fact.
const SUBJECT: usize = 150;
const TITLE: usize = 1000;
const TEXT: usize = 100_000;
const FACT: usize = 500;

/// How messages are written.
pub(crate) struct Style {
    pub(crate) from: Mailbox,
    pub(crate) text: Option<Text>,
    pub(crate) unsubscribe: Option<Unsubscribe>,
    pub(crate) redact: bool,
}

/// A message that is ready to go: from whom, to whom, and its bytes, which are ASCII where the addresses are.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

impl Style {
    /// Writes the message of this envelope; at every attempt the same, but for its date.
    ///
    /// # Errors
    /// If the user has no address, or the text cannot be rendered.
    pub(crate) fn write(&self, envelope: &Envelope) -> Result<Letter, SendError> {
        let to = recipient(envelope)?;
        let message = self.content(envelope)?;
        let (plain, html) = (page::plain(&message), page::html(&message));
        let parts = parts(envelope, self.scrub(envelope, &plain), self.scrub(envelope, &html));
        let written = self.headers(envelope, &to, &message.title).multipart(parts).map_err(|error| {
            SendError::permanent(ErrorKind::Render, "the message could not be put together").caused_by(error)
        })?;
        Ok(Letter { from: self.from.email.clone(), to, bytes: written.formatted() })
    }

    /// What the message says, scrubbed piece by piece: in HTML an escape could stand in the middle of a secret. What is cut to
    /// length is scrubbed before, so that no secret is cut beyond recognition.
    fn content(&self, envelope: &Envelope) -> Result<Message, SendError> {
        let message = Message::with(&envelope.payload, self.text.as_ref())?;
        let fit = |text: &str, limit| clip(&self.scrub(envelope, text), limit);
        Ok(Message {
            title: address::one_line(&fit(&message.title, TITLE)),
            text: fit(&message.text, TEXT),
            facts: message.facts.iter().map(|(name, value)| (*name, fit(value, FACT))).collect(),
        })
    }

    fn scrub(&self, envelope: &Envelope, text: &str) -> String {
        if self.redact {
            String::from_utf8_lossy(&envelope.scrub.scrub(text.as_bytes())).into_owned()
        } else {
            text.to_owned()
        }
    }

    fn headers(&self, envelope: &Envelope, to: &Address, title: &str) -> MessageBuilder {
        let domain = self.from.email.domain();
        // An encoded word in a title would be decoded by the reader, whatever it hides.
        let subject = clip(title, SUBJECT).replace("=?", "= ?");
        let message = lettre::Message::builder()
            .date(date(envelope.now))
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(subject);
        let id = format!("<{}@{domain}>", envelope.delivery);
        let thread = incident(&envelope.payload).map(|incident| format!("<incident-{incident}@{domain}>"));
        let link = self.link(&envelope.payload);
        let headers = [
            (HeaderName::new_from_ascii_str("Message-ID"), Some(id)),
            (HeaderName::new_from_ascii_str("In-Reply-To"), thread.clone()),
            (HeaderName::new_from_ascii_str("References"), thread),
            (HeaderName::new_from_ascii_str("Auto-Submitted"), Some("auto-generated".to_owned())),
            (HeaderName::new_from_ascii_str("List-Unsubscribe"), link.as_ref().map(|link| format!("<{link}>"))),
            (
                HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
                link.map(|_| "List-Unsubscribe=One-Click".to_owned()),
            ),
        ];
        let known = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        known.fold(message, |message, (name, value)| {
            // Ids and links are ASCII without blanks; folding or encoding would change them.
            message.raw_header(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
        })
    }

    fn link(&self, payload: &Payload) -> Option<String> {
        match payload {
            Payload::Notification(notification) => self.unsubscribe.as_ref()?.link(notification),
            _ => None,
        }
    }
}

fn recipient(envelope: &Envelope) -> Result<Address, SendError> {
    let Some(to) = &envelope.to else {
        return Err(SendError::permanent(ErrorKind::NoAddress, "the user has no mail address"));
    };
    address::address(to.as_str()).ok_or_else(|| {
        let shown = address::one_line(&to.to_string());
        SendError::permanent(ErrorKind::NoAddress, format!("the user's address {shown} is not a mail address"))
    })
}

fn incident(payload: &Payload) -> Option<IncidentId> {
    match payload {
        Payload::Notification(notification) => notification.incident,
        _ => None,
    }
}

/// Text and HTML. Quoted-printable never holds `=_`, so that no content can look like the boundary.
fn parts(envelope: &Envelope, plain: String, html: String) -> MultiPart {
    let part = |kind: ContentType, content: String| {
        let encoded = Body::new_with_encoding(content, ContentTransferEncoding::QuotedPrintable);
        SinglePart::builder().header(kind).body(encoded.unwrap_or_else(Body::new))
    };
    MultiPart::alternative()
        .boundary(format!("=_{}", envelope.delivery))
        .singlepart(part(ContentType::TEXT_PLAIN, plain))
        .singlepart(part(ContentType::TEXT_HTML, html))
}

/// The header's time; what was before 1970 is told as its first second.
fn date(now: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
