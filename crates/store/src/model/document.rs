//! What people may change while the program runs: who they are and what they wish, and silences. Each is a document with a version, so that
//! two who change one at the same time do not undo each other's change. What stands in one is the engine's knowledge.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use tidings_core::Timestamp;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A person: time zone, contacts, preferences. Its id is the user's.
    Profile,
    /// A silence, by an id of its own.
    Silence,
    /// What links in messages are signed with, and which of them have been used.
    Link,
}

/// A document as it is kept. `Debug` shows how long its content is: it is somebody's.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its id, among those of its kind.
    pub id: String,
    /// Counts up from 1 with every change, also over a removal; of a silence that was removed long ago a purge leaves nothing.
    pub version: u64,
    /// Who made the last change.
    pub author: String,
    /// When that was.
    pub at: Timestamp,
    /// What stands in it, JSON; `None`: it was removed. Then it is not listed, but its version goes on.
    pub content: Option<Arc<str>>,
}

/// A change of a document. `Debug` shows how long its content is.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// What it is.
    pub kind: DocumentKind,
    /// Its id.
    pub id: String,
    /// The version that is changed, 0 where there was none; `None`: whatever stands there. Of several changes of one document in a
    /// batch each is held against what stood before the batch.
    pub expected: Option<u64>,
    /// Who changes it.
    pub author: String,
    /// What stands in it then; `None` removes it.
    pub content: Option<Arc<str>>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("version", &self.version)
            .field("author", &self.author)
            .field("at", &self.at)
            .field("content_bytes", &self.content.as_deref().map(str::len))
            .finish()
    }
}

impl fmt::Debug for DocumentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentChange")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("expected", &self.expected)
            .field("author", &self.author)
            .field("content_bytes", &self.content.as_deref().map(str::len))
            .finish()
    }
}

/// The store's word on a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It stands.
    Done {
        /// Under this version.
        version: u64,
    },
    /// Somebody else has changed it meanwhile; nothing was done.
    Conflict {
        /// The version that stands.
        version: u64,
    },
}
