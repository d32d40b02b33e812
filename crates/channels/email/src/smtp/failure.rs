//! What went wrong in a conversation, and what it means for the delivery. What the server said is quoted without our secrets and
//! without the recipient's address.

use std::io;

use secrecy::{ExposeSecret, SecretString};
use tidings_core::{Address, ErrorKind, Receipt, Scrub, SendError};

use super::reply::Reply;

/// How much of what the server said is kept in an error and in a receipt, in bytes.
const ERROR: usize = 256;
const RECEIPT: usize = 1024;

/// Where in the conversation an attempt was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Login,
    Sender,
    Recipient,
    /// Up to the message's last byte.
    Data,
    /// From the final dot on the server may have the message.
    Message,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Data | Self::Message => "the message",
        }
    }
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said no, for now or for good.
    Refused { step: Step, code: u16, text: String },
    /// The connection could not be made or broke.
    Broken { step: Step, text: String },
    /// The server was not there, or did not answer, in time.
    Silent(Step),
    /// The server answered what makes no sense here.
    Senseless(Step),
    /// The server does not secure the connection.
    NoStartTls,
    /// The server takes no login that we know.
    NoLogin,
    /// The server does not take addresses that are not ASCII.
    ForeignAddress,
}

impl Failure {
    /// The server could not be reached or secured, went away, or answered no SMTP.
    pub(super) fn broken(step: Step, error: &io::Error) -> Self {
        Self::Broken { step, text: format!("{error}{}", advice(error)) }
    }

    /// Whether the conversation can go on with the next message: this one was refused and nothing else. 421 says that the server
    /// closes the connection.
    pub(super) const fn keeps_connection(&self) -> bool {
        match self {
            Self::Refused { step: Step::Connect | Step::Login, .. } => false,
            Self::Refused { code, .. } => *code != 421,
            Self::ForeignAddress => true,
            _ => false,
        }
    }

    /// The error that it is for the engine.
    pub(super) fn told(self, quote: &Quote<'_>) -> SendError {
        match self {
            Self::Refused { step, code, text } => {
                let text = format!("the mail server refused {}: {code} {}", step.name(), quote.line(&text, ERROR));
                let kind = ErrorKind::Status(code);
                // 5xx is for good (RFC 5321, 4.2.1).
                if code >= 500 { SendError::permanent(kind, text) } else { SendError::transient(kind, text) }
            }
            Self::Broken { step: Step::Message, text } => {
                let text =
                    format!("the mail server had the message and the connection broke: {}", quote.line(&text, ERROR));
                SendError::unknown(ErrorKind::Reset, text)
            }
            Self::Broken { text, .. } => {
                let text = format!("no connection to the mail server: {}", quote.line(&text, ERROR));
                SendError::transient(ErrorKind::Connect, text)
            }
            Self::Silent(step) => silent(step),
            Self::Senseless(Step::Message) => {
                SendError::unknown(ErrorKind::Other, "the mail server had the message and its answer makes no sense")
            }
            Self::Senseless(step) => {
                let text = format!("the mail server's answer to {} makes no sense", step.name());
                SendError::transient(ErrorKind::Other, text)
            }
            // Somebody on the way may have taken the offer out: it is no fault of the message.
            Self::NoStartTls => {
                let text =
                    "the mail server does not offer STARTTLS: set `tls: implicit`, or `none` for one on this machine";
                SendError::transient(ErrorKind::Connect, text)
            }
            Self::NoLogin => {
                let text = "the mail server offers no login by PLAIN or LOGIN: check host, port and `tls`, or leave the password out";
                SendError::permanent(ErrorKind::Other, text)
            }
            Self::ForeignAddress => {
                let text = "the mail server takes no addresses with letters beyond ASCII (SMTPUTF8)";
                SendError::permanent(ErrorKind::NoAddress, text)
            }
        }
    }
}

/// What an operator can do about it.
fn advice(error: &io::Error) -> &'static str {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_)) => {
            " (the certificate must be for `smtp_host` and of an authority that this machine trusts)"
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            " (no TLS is spoken there: check port and `tls`; `implicit` has 465, `starttls` 587)"
        }
        _ => "",
    }
}

fn silent(step: Step) -> SendError {
    let kind = ErrorKind::Timeout;
    match step {
        Step::Message => SendError::unknown(kind, "the mail server had the message and did not answer in time"),
        Step::Connect => SendError::transient(
            kind,
            "the mail server did not answer in time: if it never does, check host, port and `tls` (port 465 wants `implicit`)",
        ),
        _ => SendError::transient(kind, format!("the mail server did not answer to {} in time", step.name())),
    }
}

/// How the server's words are quoted.
pub(super) struct Quote<'a> {
    pub(super) scrub: &'a dyn Scrub,
    pub(super) secrets: &'a [SecretString],
    pub(super) recipient: &'a str,
}

impl Quote<'_> {
    /// What the server answered to a message that it took.
    pub(super) fn receipt(&self, reply: &Reply) -> Receipt {
        let detail = Some(self.line(&reply.text(), RECEIPT)).filter(|detail| !detail.is_empty());
        Receipt { code: Some(reply.code), detail }
    }

    /// One line of at most so many bytes, without what must not be told.
    fn line(&self, text: &str, limit: usize) -> String {
        let known = self
            .secrets
            .iter()
            .fold(text.to_owned(), |text, secret| replaced(&text, secret.expose_secret(), "[REDACTED:echo]"));
        let masked = Address::new(self.recipient).to_string();
        let known = replaced(&known, self.recipient, &masked);
        let scrubbed = self.scrub.scrub(known.as_bytes());
        let line = String::from_utf8_lossy(&scrubbed).replace(is_break, " ");
        line.trim()[..line.trim().floor_char_boundary(limit)].to_owned()
    }
}

/// A line break in a log would be a line of its own.
fn is_break(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// The text with every `what`, in whatever case, replaced.
fn replaced(text: &str, what: &str, by: &str) -> String {
    if what.is_empty() {
        return text.to_owned();
    }
    let (low, what) = (text.to_ascii_lowercase(), what.to_ascii_lowercase());
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    // Lower case of ASCII keeps every place.
    for (place, found) in low.match_indices(&what) {
        replaced.push_str(&text[from..place]);
        replaced.push_str(by);
        from = place + found.len();
    }
    replaced.push_str(&text[from..]);
    replaced
}

#[cfg(test)]
mod tests;
