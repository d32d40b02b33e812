//! What went wrong in a conversation, and what it means for the delivery. What the server said is quoted without our secrets and
//! without the recipient's address.

use std::{error::Error as _, io};

use lettre::transport::smtp::{
    Error,
    response::{Response, Severity},
};
use secrecy::{ExposeSecret, SecretString};
use tidings_core::{Address, ErrorKind, Receipt, Scrub, SendError};

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
    Data,
    /// From its first byte on the server may have the whole message.
    Message,
}

impl Step {
    /// The answer, if it is of this kind.
    pub(super) fn expect(self, kind: Severity, answer: Result<Response, Error>) -> Result<Response, Failure> {
        match answer {
            Ok(response) if response.code().severity == kind => Ok(response),
            Ok(_) => Err(Failure::Senseless(self)),
            Err(error) => Err(Failure::of(self, &error)),
        }
    }

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
    /// What this error is, at this step.
    pub(super) fn of(step: Step, error: &Error) -> Self {
        let cause = || error.source().map(ToString::to_string).unwrap_or_default();
        match error.status() {
            Some(code) => Self::Refused { step, code: code.into(), text: cause() },
            // Its text would repeat the answer.
            None if error.is_response() => {
                Self::Broken { step, text: "it closed the connection, or answered no SMTP".to_owned() }
            }
            None => Self::Broken { step, text: cause() },
        }
    }

    /// Nothing listens there, the name has no address, or TLS did not come about.
    pub(super) fn unreachable(error: &io::Error) -> Self {
        Self::Broken { step: Step::Connect, text: error.to_string() }
    }

    /// Whether the conversation can go on with the next message: the server refused this one and nothing else. 421 says that it
    /// closes the connection.
    pub(super) const fn keeps_connection(&self) -> bool {
        matches!(self, Self::Refused { step: Step::Sender | Step::Recipient | Step::Data | Step::Message, code, .. } if *code != 421)
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

/// How the server's words are quoted.
pub(super) struct Quote<'a> {
    pub(super) scrub: &'a dyn Scrub,
    pub(super) secrets: &'a [SecretString],
    pub(super) recipient: &'a str,
}

impl Quote<'_> {
    /// What the server answered to a message that it took.
    pub(super) fn receipt(&self, response: &Response) -> Receipt {
        let text = response.message().collect::<Vec<_>>().join(" ");
        let detail = Some(self.line(&text, RECEIPT)).filter(|detail| !detail.is_empty());
        Receipt { code: Some(response.code().into()), detail }
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
