//! What the parts that a builder collected become: a notifier, or a replay of past events. Collecting them is left to `builder`.

use std::sync::Arc;

use tidings_store::MemoryStore;

use super::{BuildError, Builder};
use crate::{
    emit::{Notifier, StopGuard},
    replay::{Replay, Witness},
    sink::Outlet,
};

/// How much may wait in a replay: more than anybody is told in a digest.
const ROOM: usize = 1_000_000;

impl Builder {
    /// Puts the parts together. Nothing runs yet; events can be emitted.
    ///
    /// # Errors
    /// Names the first part that does not fit.
    pub fn build(self) -> Result<Notifier, BuildError> {
        let shared = Arc::new(self.assemble()?);
        Ok(Notifier { _guard: Arc::new(StopGuard(Arc::clone(&shared))), shared })
    }

    /// Puts the parts together for a replay: by the events' own time, in memory, and with nothing sent. Of sinks and channels only the names
    /// matter, and what sinks want.
    ///
    /// # Errors
    /// Names the first part that does not fit.
    pub fn replay(mut self) -> Result<Replay, BuildError> {
        for sink in &mut self.sinks {
            sink.outlet = Outlet::Sync(Arc::new(|_| {}));
        }
        self.store = Some(Arc::new(MemoryStore::forgetful(ROOM)));
        let mut shared = self.event_time().assemble()?;
        // Sinks are counted by the replay itself: none of them runs.
        shared.standing.change(|pipeline| pipeline.hands_over = false);
        shared.witness = Witness::looking_on();
        Ok(Replay::of(shared))
    }
}

impl Notifier {
    /// Begins a notifier.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }
}
