//! The one error at the channel seam: it says what the caller should do, not only what broke. When a retry happens is decided
//! by the engine.

use std::{error::Error, fmt, time::Duration};

/// What a failed attempt means for the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another attempt cannot help: the address or the request is wrong.
    Permanent,
    /// Another attempt may help.
    Transient {
        /// The receiver asked not to be tried again before this much time has passed.
        retry_after: Option<Duration>,
    },
    /// The receiver may have acted: the connection broke after the request was sent. Retried with the same id.
    Unknown,
}

/// What broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing answered within the attempt's deadline.
    Timeout,
    /// No connection: refused, unreachable, a name without an address, a failed TLS handshake.
    Connect,
    /// The connection broke after the request had been sent.
    Reset,
    /// The destination guard refused the address.
    Destination,
    /// The receiver answered with an error status.
    Status(u16),
    /// The receiver asked for less: uses up no attempt.
    RateLimited,
    /// The receiver says that the address is gone for good: the endpoint is disabled.
    Gone,
    /// The message could not be rendered.
    Render,
    /// The user has no address for this channel.
    NoAddress,
    /// Nobody is connected: take the fallback at once.
    NotConnected,
    /// The channel's own code panicked.
    Panic,
    /// The attempt was cancelled because the notifier stops.
    Cancelled,
    /// Something else.
    Other,
}

impl ErrorKind {
    /// A stable name for logs, metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::Destination => "destination",
            Self::Status(_) => "status",
            Self::RateLimited => "rate_limited",
            Self::Gone => "gone",
            Self::Render => "render",
            Self::NoAddress => "no_address",
            Self::NotConnected => "not_connected",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
            Self::Other => "other",
        }
    }
}

/// A failed attempt: verdict, kind, message and cause.
#[derive(Debug)]
pub struct SendError {
    verdict: Verdict,
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SendError {
    /// An error of any verdict. The message must hold no secret and no URL query; it starts in lower case and ends without a stop.
    #[must_use]
    pub fn new(verdict: Verdict, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { verdict, kind, message: message.into(), source: None }
    }

    /// An error that another attempt cannot mend.
    #[must_use]
    pub fn permanent(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(Verdict::Permanent, kind, message)
    }

    /// An error that another attempt may mend.
    #[must_use]
    pub fn transient(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(Verdict::Transient { retry_after: None }, kind, message)
    }

    /// An attempt of which nobody knows whether the receiver acted on it.
    #[must_use]
    pub fn unknown(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, kind, message)
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the error means for the delivery.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What broke.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, without the cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
