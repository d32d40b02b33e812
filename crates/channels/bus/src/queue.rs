//! What one subscriber has not taken yet: bounded, and honest about what it let go. Who subscribes to what is the bus's business.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
};

use tidings_core::{Event, Severity};

use crate::subscription::Received;

/// A bounded queue between the bus and one subscriber. Neither side waits for the other longer than a few steps under its lock.
#[derive(Debug)]
pub(crate) struct Queue {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// One lane for each severity, lowest first; each event with its place in the order of all.
    lanes: [VecDeque<(u64, Arc<Event>)>; Severity::ALL.len()],
    next: u64,
    held: usize,
    /// How many were let go since the subscriber was last told.
    untold: u64,
    missed: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl Queue {
    /// A queue of at least one place.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), state: Mutex::default() }
    }

    /// Puts the event in, and gives the waker that the caller wakes once it holds no lock.
    pub(crate) fn push(&self, event: &Arc<Event>) -> Option<Waker> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        if state.held >= self.capacity && !state.make_room(event.severity) {
            state.miss();
        } else {
            state.put(Arc::clone(event));
        }
        state.waker.take()
    }

    /// The next thing for the subscriber: what it missed first, then the oldest event; `None` once the bus is gone and all is taken.
    pub(crate) fn take(&self, waker: Option<&Waker>) -> Poll<Option<Received>> {
        let mut state = self.state();
        if state.untold > 0 {
            let count = std::mem::take(&mut state.untold);
            return Poll::Ready(Some(Received::Missed(count)));
        }
        if let Some(event) = state.oldest() {
            return Poll::Ready(Some(Received::Event(event)));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        // Who only looks must not take away the waker of who waits.
        if let Some(waker) = waker {
            state.waker = Some(waker.clone());
        }
        Poll::Pending
    }

    /// No more events come; what is in the queue can still be taken.
    pub(crate) fn close(&self) -> Option<Waker> {
        let mut state = self.state();
        state.closed = true;
        state.waker.take()
    }

    /// How many events were let go in all.
    pub(crate) fn missed(&self) -> u64 {
        self.state().missed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets go of the oldest event of the lowest severity, if that is not above the newcomer's; else the newcomer has to go.
    fn make_room(&mut self, newcomer: Severity) -> bool {
        let lowest = self.lanes.iter_mut().take(newcomer.index() + 1).find_map(VecDeque::pop_front);
        let found = lowest.is_some();
        if found {
            self.held -= 1;
            self.miss();
        }
        found
    }

    fn put(&mut self, event: Arc<Event>) {
        let place = self.next;
        if let Some(lane) = self.lanes.get_mut(event.severity.index()) {
            lane.push_back((place, event));
            self.next += 1;
            self.held += 1;
        }
    }

    fn oldest(&mut self) -> Option<Arc<Event>> {
        let first = |lane: &VecDeque<(u64, Arc<Event>)>| lane.front().map(|(place, _)| *place);
        let lane = self.lanes.iter_mut().filter(|lane| !lane.is_empty()).min_by_key(|lane| first(lane))?;
        let (_, event) = lane.pop_front()?;
        self.held -= 1;
        Some(event)
    }

    const fn miss(&mut self) {
        self.untold = self.untold.saturating_add(1);
        self.missed = self.missed.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
