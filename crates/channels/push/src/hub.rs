//! The hub: takes messages into the memory and hands them to whoever is connected. What counts as delivered is the channel's
//! business, sockets are the server's.

use std::sync::Arc;

use tidings_core::Problem;
use tokio::sync::oneshot;

use crate::{
    config::{Acknowledged, HubConfig},
    memory::{Appended, Memory, MemoryError, NewMessage},
    position::Position,
    roster::{Bounds, Roster},
    session::Session,
};

/// Settings are wrong: all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Problem::told(.0))]
pub struct Invalid(pub Vec<Problem>);

/// Why a user cannot be connected now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The user has as many sessions as one may have.
    #[error("this user has too many sessions: close one first")]
    TooManyOfUser,
    /// There are as many sessions as there may be.
    #[error("there are too many sessions: try again later")]
    TooMany,
    /// The hub is closed.
    #[error("the hub is shutting down: connect again later")]
    ShuttingDown,
    /// The memory could not be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// Live sessions for each user, over a memory of what they missed. Cheap to clone; all clones are one hub.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) memory: Arc<dyn Memory>,
    pub(crate) roster: Roster,
}

impl Hub {
    /// A hub over this memory.
    ///
    /// # Errors
    /// Tells every wrong setting at once.
    pub fn new(memory: Arc<dyn Memory>, config: &HubConfig) -> Result<Self, Invalid> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(Invalid(problems));
        }
        let &HubConfig { queue, sessions_per_user: per_user, sessions: in_all } = config;
        Ok(Self(Arc::new(Shared { memory, roster: Roster::new(Bounds { queue, per_user, in_all }) })))
    }

    /// What remembers the messages: the inbox.
    #[must_use]
    pub fn memory(&self) -> &Arc<dyn Memory> {
        &self.0.memory
    }

    /// A session of this user. It gives what was kept behind `since`, the last number of this hub that the user has seen, and then
    /// whatever comes; without it only what comes from now on.
    ///
    /// # Errors
    /// If there are too many sessions, or if the memory fails.
    pub async fn subscribe(&self, user: &str, since: Option<u64>) -> Result<Session, SubscribeError> {
        self.enter(user, since.map(Position::from)).await
    }

    /// The same from a place that a client has kept. One of another stream, from before a restart, is told as a reset.
    ///
    /// # Errors
    /// If there are too many sessions, or if the memory fails.
    pub async fn resume(&self, user: &str, since: Position) -> Result<Session, SubscribeError> {
        self.enter(user, Some(since)).await
    }

    async fn enter(&self, user: &str, since: Option<Position>) -> Result<Session, SubscribeError> {
        // It enters before it asks how far the memory is: what comes in between waits in its queue.
        let slot = self.0.roster.enter(user)?;
        Session::open(Arc::clone(&self.0), user.to_owned(), slot, since).await
    }

    /// Keeps the message and hands it to the user's sessions; no session can hold this up.
    ///
    /// # Errors
    /// If the memory fails.
    pub async fn append(&self, message: NewMessage) -> Result<Appended, MemoryError> {
        let user = message.user.clone();
        let appended = self.0.memory.append(message).await?;
        // An earlier attempt may have got as far as the memory only: a session that has it does not take it again.
        self.0.roster.publish(&user, &Arc::new(appended.message.clone()));
        Ok(appended)
    }

    /// Acknowledges everything up to this number for all sessions of the user, as far as each was given it: for transports that cannot
    /// say by which session.
    pub fn acknowledge(&self, user: &str, seq: u64) {
        self.0.roster.acknowledge(user, seq);
    }

    /// How many sessions the user has.
    #[must_use]
    pub fn sessions_of(&self, user: &str) -> usize {
        self.0.roster.sessions_of(user)
    }

    /// How many sessions there are.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.0.roster.sessions()
    }

    /// Ends every session with a close that says how to resume, and takes no more.
    pub fn close(&self) {
        self.0.roster.close();
    }

    pub(crate) fn wait(&self, user: &str, seq: u64, wants: Acknowledged) -> Option<oneshot::Receiver<()>> {
        self.0.roster.wait(user, seq, wants)
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("sessions", &self.sessions()).finish_non_exhaustive()
    }
}
