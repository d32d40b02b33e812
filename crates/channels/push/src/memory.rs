//! The seam to what remembers: the last messages of every user, in a sequence of their own, read or unread. Who is connected is the
//! hub's knowledge.

use std::{error::Error, fmt, ops::RangeInclusive};

use tidings_core::{BoxFuture, NotificationId, Timestamp};

use crate::message::{Content, Message};

/// A message that has no place in the sequence yet. `Debug` does not show whose it is: that may be an address.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Whose it is.
    pub user: String,
    /// What makes it the same message: the same id again is not appended again.
    pub id: NotificationId,
    /// What it says.
    pub content: Content,
    /// When it came.
    pub at: Timestamp,
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, content, at, .. } = self;
        f.debug_struct("NewMessage").field("id", id).field("content", content).field("at", at).finish_non_exhaustive()
    }
}

/// What became of a new message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The message as it is kept: where it was there before, the one of before.
    pub message: Message,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// What is kept of a user's sequence. Where nothing is kept, `oldest` is the number after `latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first number that is kept.
    pub oldest: u64,
    /// The last number that was given; 0 if none was.
    pub latest: u64,
}

/// Which messages are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only those that were read, or only those that were not.
    pub read: Option<bool>,
    /// Only those before this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { read: None, before: None, limit: 50 }
    }
}

/// The memory could not be read or written.
#[derive(Debug)]
pub struct MemoryError(Box<dyn Error + Send + Sync>);

impl MemoryError {
    /// The memory failed because of this.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the memory of the push channel failed")
    }
}

impl Error for MemoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}

/// What remembers the last messages of every user.
///
/// The numbers of a user go up by one, from 1; an implementation that forgets a user altogether begins behind every number that it may
/// have given. What is appended is seen by every read that begins after `append` has returned, and no number is seen before those below
/// it.
pub trait Memory: Send + Sync + 'static {
    /// What tells these numbers from those of a memory before, where they begin anew with each; `None` where they outlive the process.
    fn stream(&self) -> Option<u64> {
        None
    }

    /// Gives the message the user's next number and keeps it; at most the last N messages of a user stay. A message that is there
    /// already stays what and where it is.
    fn append(&self, message: NewMessage) -> BoxFuture<'_, Result<Appended, MemoryError>>;

    /// The user's messages behind this number, lowest first, at most `limit`.
    fn since<'a>(&'a self, user: &'a str, seq: u64, limit: usize) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>>;

    /// What is kept of the user's sequence.
    fn span<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Span, MemoryError>>;

    /// The user's messages, highest first.
    fn list<'a>(&'a self, user: &'a str, page: Page) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>>;

    /// Notes that these were read, as far as they are kept; tells how many were not before.
    fn mark_read<'a>(&'a self, user: &'a str, seqs: RangeInclusive<u64>) -> BoxFuture<'a, Result<usize, MemoryError>>;
}
