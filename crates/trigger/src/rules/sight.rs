//! What a rule set looks at: an event, and the moment.

use std::sync::Arc;

use tidings_core::{Event, Timestamp};

use crate::{Condition, path::Frame, value::Map};

/// An event as conditions see it, at a moment of the engine's clock.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    pub(crate) event: &'a Arc<Event>,
    /// What stands for the event's data, in case files.
    pub(crate) data: Option<Map<'a>>,
    /// What stands for its metadata.
    pub(crate) metadata: Option<Map<'a>>,
    pub(crate) now: Timestamp,
    /// Whether nothing has happened but that time has passed.
    pub(crate) timed: bool,
}

impl<'a> Sight<'a> {
    pub(crate) const fn of(event: &'a Arc<Event>, now: Timestamp) -> Self {
        Self { event, data: None, metadata: None, now, timed: false }
    }

    pub(crate) fn frame(&self, condition: &'a Condition) -> Frame<'a> {
        let mut frame = condition.expression().frame(self.event);
        if let Some(data) = &self.data {
            frame.data = data.clone();
        }
        if let Some(metadata) = &self.metadata {
            frame.metadata = metadata.clone();
        }
        frame
    }
}
