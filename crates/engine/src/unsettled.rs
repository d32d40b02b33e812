//! Notifications that memory let pass and on which a durable store has not spoken yet. What repeats one of them is for the store to
//! judge, since that one may come to nothing. What memory says for good stands in `tidings-dedup`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tidings_core::NotificationId;

/// How a notification passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// It was the first of its key.
    First,
    /// It repeats one that is unsettled.
    Repeat,
}

/// The notifications, where there is a store that may overrule memory.
#[derive(Debug, Default)]
pub(crate) struct Unsettled(Option<Mutex<HashMap<NotificationId, Passed>>>);

impl Unsettled {
    /// In front of a store: one in memory never knows better.
    pub(crate) fn before(durable: bool) -> Self {
        Self(durable.then(Mutex::default))
    }

    fn open(&self) -> Option<MutexGuard<'_, HashMap<NotificationId, Passed>>> {
        self.0.as_ref().map(|open| open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the store has not spoken on this one.
    pub(crate) fn contains(&self, id: NotificationId) -> bool {
        self.open().is_some_and(|open| open.contains_key(&id))
    }

    /// It goes to the store.
    pub(crate) fn add(&self, id: NotificationId, passed: Passed) {
        if let Some(mut open) = self.open() {
            open.insert(id, passed);
        }
    }

    /// The store has spoken; gives how it had passed.
    pub(crate) fn settle(&self, id: NotificationId) -> Option<Passed> {
        self.open()?.remove(&id)
    }
}
