//! Who is inside: calls that wait for an answer are counted from before they look whether the door is open, so that a stop can
//! wait for them. What they do inside is `emit`'s and `notify`'s.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::AcqRel},
};

use tokio::sync::mpsc;

use crate::planned::Accepted;

/// The way from `accept` to the worker.
pub(crate) type Inbox = mpsc::Sender<Vec<Accepted>>;

/// Before the start, between start and stop, after it.
#[derive(Debug, Default)]
enum Door {
    #[default]
    NotYet,
    Open(Inbox),
    Closed,
}

/// The door for everything but `emit`.
#[derive(Debug, Default)]
pub(crate) struct Doorway {
    door: Mutex<Door>,
    inside: AtomicU64,
}

impl Doorway {
    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets callers in, unless it was closed for good.
    pub(crate) fn open(&self, inbox: Inbox) {
        let mut door = self.door();
        if matches!(*door, Door::NotYet) {
            *door = Door::Open(inbox);
        }
    }

    /// Lets nobody in any more; who is inside stays.
    pub(crate) fn close(&self) {
        *self.door() = Door::Closed;
    }

    /// Lets a caller in, if the door is open.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<(Visit, Inbox)> {
        let door = self.door();
        let Door::Open(inbox) = &*door else { return None };
        self.inside.fetch_add(1, AcqRel);
        Some((Visit(Arc::clone(self)), inbox.clone()))
    }

    /// How many callers are inside.
    pub(crate) fn inside(&self) -> u64 {
        // A read that also sees all that those who left have counted.
        self.inside.fetch_add(0, AcqRel)
    }
}

/// A caller inside; leaves when it is dropped.
#[derive(Debug)]
pub(crate) struct Visit(Arc<Doorway>);

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, AcqRel);
    }
}
