//! What of a progress outlives the process, and what whoever keeps it has heard of it. The form in which it is kept is `state`.

use std::sync::Arc;

use tidings_core::{Event, Timestamp};

use super::{Beginning, Phase, Progress, after};
use crate::Condition;

/// What whoever keeps a progress has heard of it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::rules) struct Note {
    /// It is not as it was when it was told.
    pub(in crate::rules) changed: bool,
    /// It is in the list of what is to be told.
    pub(in crate::rules) listed: bool,
    /// What was told of it is kept somewhere.
    pub(in crate::rules) told: bool,
}

/// A phase to compare with, without the events themselves: as long as one is held, no other is in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::rules) enum Mark {
    Idle,
    Holding(Timestamp, *const Event, bool),
    Firing(Timestamp, Option<(Timestamp, *const Event)>),
}

impl Progress {
    /// What a stand-in leaves to the first agent that it stood for. It is told under another name from now on.
    pub(in crate::rules) fn inherited(other: &mut Self) -> Self {
        let note = Note { changed: true, ..Note::default() };
        Self { phase: std::mem::take(&mut other.phase), armed: None, note }
    }

    pub(in crate::rules) const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Leaves nothing behind.
    pub(in crate::rules) const fn take_phase(&mut self) -> Phase {
        std::mem::replace(&mut self.phase, Phase::Idle)
    }

    /// Goes on from what was kept.
    pub(in crate::rules) fn put_back(&mut self, phase: Phase) {
        self.phase = phase;
    }

    pub(in crate::rules) fn mark(&self) -> Mark {
        match &self.phase {
            Phase::Idle => Mark::Idle,
            Phase::Holding { since, event, spent } => Mark::Holding(*since, Arc::as_ptr(event), *spent),
            Phase::Firing { begun, clearing } => {
                Mark::Firing(begun.since, clearing.as_ref().map(|(since, event)| (*since, Arc::as_ptr(event))))
            }
        }
    }

    /// Takes note of whether it is still as it was.
    pub(in crate::rules) fn note_change(&mut self, before: Mark) {
        self.note.changed |= self.mark() != before;
    }

    /// When its hold is over.
    pub(in crate::rules) fn held_at(&self, condition: &Condition) -> Option<Timestamp> {
        match &self.phase {
            Phase::Holding { since, .. } => Some(after(*since, condition.hold())),
            _ => None,
        }
    }

    /// When it fired that is not over.
    pub(in crate::rules) const fn firing_since(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Firing { begun, .. } => Some(begun.since),
            _ => None,
        }
    }

    /// When time alone changes it next, be it in the past: awaited things aside.
    pub(in crate::rules) fn left_due(&self, condition: &Condition, rested: Timestamp) -> Option<Timestamp> {
        match &self.phase {
            Phase::Holding { spent: false, .. } => self.held_at(condition).map(|due| due.max(rested)),
            Phase::Firing { clearing: Some((since, _)), .. } => Some(after(*since, condition.resolve_hold())),
            _ => None,
        }
    }
}

impl Phase {
    /// What is left of it where the condition has changed: a firing that the new one can end. A hold starts anew.
    pub(in crate::rules) fn under_another(self, condition: &Condition) -> Self {
        let ends = condition.resolve().is_some() || !condition.expression().absences.is_empty();
        match self {
            Self::Firing { begun, .. } if ends => Self::Firing { begun, clearing: None },
            _ => Self::Idle,
        }
    }

    /// The last event that it speaks of.
    pub(in crate::rules) const fn event(&self) -> Option<&Arc<Event>> {
        match self {
            Self::Holding { event, .. } | Self::Firing { clearing: Some((_, event)), .. } => Some(event),
            Self::Firing { begun, .. } => Some(&begun.origin),
            Self::Idle => None,
        }
    }

    /// The same with all times earlier.
    pub(in crate::rules) fn shifted(self, by: std::time::Duration) -> Self {
        match self {
            Self::Idle => Self::Idle,
            Self::Holding { since, event, spent } => Self::Holding { since: since - by, event, spent },
            Self::Firing { begun, clearing } => {
                let clearing = clearing.map(|(since, event)| (since - by, event));
                Self::Firing { begun: Beginning { since: begun.since - by, ..begun }, clearing }
            }
        }
    }
}
