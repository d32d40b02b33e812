//! An event with its id, which takes as long to work out as the event takes to read: whoever reads on another thread does both there.

use tidings_core::{Event, EventId};

/// An event with the id that it has unless it repeats itself. Of an [`Event`] it is made by `into`.
#[derive(Clone, Debug)]
pub struct Identified {
    pub(crate) event: Event,
    pub(crate) id: EventId,
}

impl Identified {
    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }
}

impl From<Event> for Identified {
    fn from(event: Event) -> Self {
        let id = event.identity(0);
        Self { event, id }
    }
}
