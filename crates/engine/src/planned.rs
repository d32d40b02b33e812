//! What goes into the pipeline and what comes out of it. How the one becomes the other stands in `pipeline`.

use std::{
    sync::{Arc, MutexGuard},
    time::Duration,
};

use tidings_core::{Event, EventId, Notification, NotificationId, Timestamp};
use tidings_policy::Muted;
use tidings_store::{RulePlan, UserPlan};
use tidings_trigger::RuleSet;

use crate::local::Item;

/// An event that is in, with its id.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) id: EventId,
    pub(crate) event: Arc<Event>,
    /// How rules see it, where it was taken in by a process before.
    pub(crate) past: Option<Past>,
}

/// An event that a process before has taken in, by the clock of today.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// When rules see it.
    pub(crate) at: Timestamp,
    /// The event, with a time as that clock would have it.
    pub(crate) event: Arc<Event>,
    /// By how much that clock is behind the one of its acceptance.
    pub(crate) behind: Duration,
}

impl Accepted {
    /// One that was taken in now.
    pub(crate) const fn now(id: EventId, event: Arc<Event>) -> Self {
        Self { id, event, past: None }
    }

    /// What rules see.
    pub(crate) fn seen(&self) -> &Arc<Event> {
        self.past.as_ref().map_or(&self.event, |past| &past.event)
    }

    /// When they see it: what came due while nobody ran came due after it.
    pub(crate) fn seen_at(&self, at: Moment) -> Timestamp {
        self.past.as_ref().map_or(at.now, |past| past.at.min(at.now))
    }

    /// The same by the clock of its acceptance, for the store.
    pub(crate) fn judged_at(&self, at: Moment) -> Timestamp {
        self.seen_at(at) + self.past.as_ref().map_or(Duration::ZERO, |past| past.behind)
    }
}

/// The two clocks of a step: the one that rules, dedup and preferences go by, and the wall clock that deliveries go by. They
/// differ only where a file of past events is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) wall: Timestamp,
}

/// What one event gave, or time alone; ready to be made durable.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) rule: RulePlan,
    /// When, by the clock that rules go by.
    pub(crate) at: Timestamp,
    /// Notifications that end here, each with the claim to fire that it hangs on; `None` for a resolve.
    pub(crate) ended: Vec<(Option<usize>, Unsent)>,
}

impl Planned {
    /// Nothing yet, of this event.
    pub(crate) const fn nothing(event: EventId, at: Timestamp) -> Self {
        Self { rule: RulePlan::nothing(event), at, ended: Vec::new() }
    }
}

/// What a batch of events is processed with.
pub(crate) struct Step<'a> {
    pub(crate) rules: MutexGuard<'a, RuleSet>,
    pub(crate) handover: Handover,
}

/// The events of a batch for each in-process sink, by its place among the sinks. One wake-up a batch, not one an event.
#[derive(Debug, Default)]
pub(crate) struct Handover(pub(crate) Vec<(usize, Vec<Item>)>);

impl Handover {
    pub(crate) fn add(&mut self, sink: usize, item: Item) {
        match self.0.iter_mut().find(|(other, _)| *other == sink) {
            Some((_, items)) => items.push(item),
            None => self.0.push((sink, vec![item])),
        }
    }
}

/// Why a notification goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Told before, within the window.
    Duplicate {
        /// What was told then.
        of: NotificationId,
    },
    /// The end of what was not told: it shares the fate of its beginning.
    Untold,
    /// A silence covers it.
    Silenced,
    /// Wanted on no channel.
    Denied,
}

/// A notification that goes nowhere.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) why: Ended,
    pub(crate) told: Notification,
    /// The channels that it is not wanted on.
    pub(crate) muted: Vec<Muted>,
}

/// What the stages decided on a notification.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It goes nowhere.
    Ended(Box<Unsent>),
    /// To be sent, unless the store knows better.
    Send(Box<UserPlan>),
}
