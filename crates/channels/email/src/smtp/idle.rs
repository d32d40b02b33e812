//! Connections that wait for the next message. Whether one is still alive is asked when it is used.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tidings_core::clock::instant_now;

use super::talk::Talk;

/// How many wait at most, and how long: mail servers close a silent connection after minutes, and many sooner.
const MOST: usize = 16;
const LONGEST: Duration = Duration::from_secs(60);

/// The connections, the freshest last.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<(Talk, Instant)>>);

impl Idle {
    /// The freshest one. Those that waited too long are closed.
    pub(super) fn take(&self) -> Option<Talk> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = instant_now();
        waiting.retain(|(_, since)| now.duration_since(*since) < LONGEST);
        waiting.pop().map(|(connection, _)| connection)
    }

    /// Closes them all.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps it, unless there are enough.
    pub(super) fn keep(&self, connection: Talk) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push((connection, instant_now()));
        }
    }
}
