//! What is remembered of one key, and the verdict it gives: pure. Where it is kept, and for how many keys, is left to the window.

use std::time::Duration;

use tidings_core::{IncidentId, Notification, NotificationId, Priority, Timestamp};

use crate::Admit;

/// The message that a key stands for now.
#[derive(Clone, Copy, Debug)]
struct First {
    id: NotificationId,
    incident: Option<IncidentId>,
    priority: Priority,
    at: Timestamp,
    /// How many suppressed ones it told of.
    told: u32,
}

/// One key's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// `None` after a release or a resolve: the next message is a first whatever the time.
    first: Option<First>,
    /// Duplicates that nobody has been told of yet.
    suppressed: u32,
}

impl Seen {
    /// The verdict on a message, and what to remember after it.
    pub(crate) fn admit(
        before: Option<Self>,
        notification: &Notification,
        now: Timestamp,
        window: Duration,
    ) -> (Self, Admit) {
        match before {
            Some(Self { first: Some(first), suppressed }) if first.covers(notification.priority, now, window) => {
                // A clock that was set back takes the window's start along; else it would block for longer than a window.
                let first = First { at: first.at.min(now), ..first };
                let after = Self { first: Some(first), suppressed: suppressed.saturating_add(1) };
                (after, Admit::Duplicate { of: first.id })
            }
            _ => {
                let told = before.map_or(0, |seen| seen.suppressed);
                let first = First::of(notification, now, told);
                (Self { first: Some(first), suppressed: 0 }, Admit::First { suppressed: told })
            }
        }
    }

    /// What to remember once a message was sent that had been counted as a repeat. `None` if the key stands for another one.
    pub(crate) fn confirm(before: Option<Self>, notification: &Notification, at: Timestamp) -> Option<Self> {
        let suppressed = before.map_or(0, |seen| seen.suppressed.saturating_sub(1));
        let is_free = before.is_none_or(|seen| seen.first.is_none());
        is_free.then(|| Self { first: Some(First::of(notification, at, 0)), suppressed })
    }

    /// What to remember once the message `of` failed everywhere: nothing of it, but still what had been suppressed, which
    /// nobody has heard of now. `None` if the key stands for another message.
    pub(crate) fn release(self, of: NotificationId) -> Option<Self> {
        let first = self.first.filter(|first| first.id == of)?;
        Some(Self { first: None, suppressed: self.suppressed.saturating_add(first.told) })
    }

    /// How many repeats of `of` nobody has been told of, while the key stands for it.
    pub(crate) fn suppressed_by(&self, of: NotificationId) -> u32 {
        if self.first.is_some_and(|first| first.id == of) { self.suppressed } else { 0 }
    }

    /// What to remember once `of` has told of so many repeats. `None` if the key stands for another message.
    pub(crate) fn note_told(self, of: NotificationId, count: u32) -> Option<Self> {
        let first = self.first.filter(|first| first.id == of)?;
        let first = First { told: first.told.saturating_add(count), ..first };
        Some(Self { first: Some(first), suppressed: self.suppressed.saturating_sub(count) })
    }

    /// What to remember once `incident` is over: whoever reads that must not miss the next one. `None` if the key stands for
    /// something else.
    pub(crate) fn resolve(self, incident: IncidentId) -> Option<Self> {
        self.first.filter(|first| first.incident == Some(incident))?;
        Some(Self { first: None, ..self })
    }

    /// Whether nothing would be lost if this were forgotten.
    pub(crate) const fn is_blank(&self) -> bool {
        self.first.is_none() && self.suppressed == 0
    }

    /// Whether forgetting this could let a duplicate pass at `now`.
    pub(crate) fn is_live(&self, now: Timestamp, window: Duration) -> bool {
        self.first.is_some_and(|first| now <= first.at + window)
    }
}

impl First {
    fn of(notification: &Notification, at: Timestamp, told: u32) -> Self {
        let (id, incident, priority) = (notification.notification_id, notification.incident, notification.priority);
        Self { id, incident, priority, at, told }
    }

    /// Whether a message of this priority is a repeat of this one; at the window's very end it still is.
    fn covers(&self, priority: Priority, now: Timestamp, window: Duration) -> bool {
        priority <= self.priority && now <= self.at + window
    }
}
