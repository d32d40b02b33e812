//! What a session gives: messages, a gap, its end. When it gives which is the session's business.

use std::sync::Arc;

use crate::message::Message;

/// Why a session ended, and the number to resume from: the last one that it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// It did not keep up.
    TooSlow {
        /// The last number that was given.
        resume: u64,
    },
    /// The hub was closed.
    ShuttingDown {
        /// The last number that was given.
        resume: u64,
    },
    /// The memory could not be read.
    MemoryFailed {
        /// The last number that was given.
        resume: u64,
    },
}

impl Closed {
    /// The number to resume from.
    #[must_use]
    pub const fn resume(self) -> u64 {
        match self {
            Self::TooSlow { resume } | Self::ShuttingDown { resume } | Self::MemoryFailed { resume } => resume,
        }
    }

    /// A stable name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooSlow { .. } => "too_slow",
            Self::ShuttingDown { .. } => "shutting_down",
            Self::MemoryFailed { .. } => "memory_failed",
        }
    }
}

/// What a session gives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame {
    /// The next message.
    Message(Arc<Message>),
    /// What was asked for is not kept any more: it goes on with `oldest`.
    Reset {
        /// The first number that follows.
        oldest: u64,
    },
    /// The session is over. Nothing follows.
    Closed(Closed),
}
