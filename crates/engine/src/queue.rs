//! A bounded queue that gives way by severity: when it is full, the lowest severity is shed first, and nobody waits to put
//! something in. It counts what it was offered and what it shed; what became of the rest is left to its owners.

mod lanes;

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidings_core::Severity;
use tokio::sync::Notify;

pub(crate) use lanes::Batch;
use lanes::Lanes;

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed<T> {
    /// It is in.
    Queued,
    /// It is in, and a newest item of the lowest severity had to go for it.
    Displaced(Severity, T),
    /// It is not in: everything in the queue is at least as severe.
    Full(T),
    /// It is not in: the queue takes nothing any more.
    Closed(T),
}

/// What a queue counted: offered is what was shed, is outstanding, was settled or was written off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Pushed, with whatever success.
    pub(crate) offered: u64,
    /// Displaced or not taken, by severity.
    pub(crate) shed: [u64; 4],
    /// Waiting or in hand.
    pub(crate) outstanding: u64,
}

/// A length that no queue reaches.
const NOBODY_SLEEPS: usize = usize::MAX;

#[derive(Debug)]
struct State<T> {
    lanes: Lanes<T>,
    len: usize,
    arrivals: u64,
    /// Items that a consumer took and has not settled.
    in_hand: usize,
    offered: u64,
    shed: [u64; 4],
    /// How many items wake the sleeping consumer; [`NOBODY_SLEEPS`] while it is awake.
    wake_at: usize,
    closed: bool,
}

/// The queue. Any number of producers; one consumer, a task or a thread.
#[derive(Debug)]
pub(crate) struct ShedQueue<T> {
    state: Mutex<State<T>>,
    capacity: usize,
    wake_task: Notify,
    wake_thread: Condvar,
}

impl<T> ShedQueue<T> {
    /// A queue of at most `capacity` items, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            lanes: Lanes::default(),
            len: 0,
            arrivals: 0,
            in_hand: 0,
            offered: 0,
            shed: [0; 4],
            wake_at: NOBODY_SLEEPS,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            capacity: capacity.max(1),
            wake_task: Notify::new(),
            wake_thread: Condvar::new(),
        }
    }

    /// How many items it takes at most.
    pub(crate) const fn room(&self) -> usize {
        self.capacity
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item in, without waiting.
    pub(crate) fn push(&self, severity: Severity, item: T) -> Pushed<T> {
        let mut state = self.state();
        let pushed = state.push(self.capacity, severity, item);
        let wake = state.wakes();
        drop(state);
        if wake {
            self.wake();
        }
        pushed
    }

    /// Puts several items in, in one step, and hands back what gave way or found no room.
    pub(crate) fn push_all(&self, items: impl Iterator<Item = (Severity, T)>) -> Vec<(Severity, T)> {
        let mut state = self.state();
        let mut shed = Vec::new();
        for (severity, item) in items {
            match state.push(self.capacity, severity, item) {
                Pushed::Queued => {}
                Pushed::Displaced(lower, item) => shed.push((lower, item)),
                Pushed::Full(item) | Pushed::Closed(item) => shed.push((severity, item)),
            }
        }
        let wake = state.wakes();
        drop(state);
        if wake {
            self.wake();
        }
        shed
    }

    fn wake(&self) {
        self.wake_task.notify_one();
        self.wake_thread.notify_one();
    }

    /// Takes everything out into an emptied batch. Until [`ShedQueue::settle`], it counts as outstanding.
    pub(crate) fn take(&self, batch: &mut Batch<T>) {
        debug_assert_eq!(batch.0.len(), 0, "a batch is used up before the next one is taken");
        let mut state = self.state();
        std::mem::swap(&mut state.lanes, &mut batch.0);
        state.in_hand += state.len;
        state.len = 0;
    }

    /// Waits for an item and takes it; `None` once the queue is closed and empty.
    pub(crate) async fn pop(&self) -> Option<T> {
        loop {
            if !self.wait().await {
                return None;
            }
            if let Some(item) = self.state().pop() {
                return Some(item);
            }
        }
    }

    /// [`ShedQueue::pop`] for a thread.
    pub(crate) fn pop_blocking(&self) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(item) = state.pop() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state.wake_at = 1;
            state = self.wake_thread.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until there is an item; `false` once the queue is closed and empty.
    pub(crate) async fn wait(&self) -> bool {
        loop {
            {
                let mut state = self.state();
                if state.len > 0 || state.closed {
                    return state.len > 0;
                }
                state.wake_at = 1;
            }
            self.wake_task.notified().await;
        }
    }

    /// Lets items gather for at most `pause`, unless half of the room is taken before. Under load a consumer that lingers before
    /// it takes the next batch spares its producers the cost of waking it for every item.
    pub(crate) async fn linger(&self, pause: Duration) {
        {
            let mut state = self.state();
            let half = self.capacity.div_ceil(2);
            if state.closed || state.len >= half {
                return;
            }
            state.wake_at = half;
        }
        // Both ends of the wait are good: the time is over, or there is enough to do.
        drop(tokio::time::timeout(pause, self.wake_task.notified()).await);
        self.state().wake_at = NOBODY_SLEEPS;
    }

    /// Says that so many items taken are dealt with, and books them in the same step: no account sees them twice or not at all.
    /// Items that were written off before are not booked again.
    pub(crate) fn settle(&self, count: usize, book: impl FnOnce()) {
        let mut state = self.state();
        if state.in_hand >= count {
            state.in_hand -= count;
            book();
        }
    }

    /// What came and what became of it, at one moment.
    pub(crate) fn tally(&self) -> Tally {
        let state = self.state();
        Tally { offered: state.offered, shed: state.shed, outstanding: (state.len + state.in_hand) as u64 }
    }

    /// Items waiting or in hand.
    pub(crate) fn outstanding(&self) -> u64 {
        self.tally().outstanding
    }

    /// Takes nothing more; what is in stays to be taken.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.wake();
    }

    /// Writes off everything that is left, in hand or waiting, and says how much it was.
    pub(crate) fn write_off(&self) -> u64 {
        let mut state = self.state();
        let left = (state.len + state.in_hand) as u64;
        let lanes = std::mem::take(&mut state.lanes);
        (state.len, state.in_hand, state.closed) = (0, 0, true);
        drop(state);
        drop(lanes);
        self.wake();
        left
    }
}

impl<T> State<T> {
    fn push(&mut self, capacity: usize, severity: Severity, item: T) -> Pushed<T> {
        self.offered += 1;
        if self.closed {
            self.shed[severity.index()] += 1;
            return Pushed::Closed(item);
        }
        let displaced = if self.len < capacity { None } else { self.displace(severity) };
        if self.len >= capacity {
            self.shed[severity.index()] += 1;
            return Pushed::Full(item);
        }
        self.arrivals += 1;
        self.len += 1;
        self.lanes.0[severity.index()].push_back((self.arrivals, item));
        displaced.map_or(Pushed::Queued, |(lower, item)| Pushed::Displaced(lower, item))
    }

    /// Whether the consumer sleeps and there is enough to wake it for.
    fn wakes(&mut self) -> bool {
        let wakes = self.len >= self.wake_at;
        if wakes {
            self.wake_at = NOBODY_SLEEPS;
        }
        wakes
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.lanes.pop()?;
        self.len -= 1;
        self.in_hand += 1;
        Some(item)
    }

    /// Removes the newest item of the lowest severity below `severity`.
    fn displace(&mut self, severity: Severity) -> Option<(Severity, T)> {
        let lower = Severity::ALL.into_iter().take_while(|lower| *lower < severity);
        for lower in lower {
            if let Some((_, item)) = self.lanes.0[lower.index()].pop_back() {
                self.len -= 1;
                self.shed[lower.index()] += 1;
                return Some((lower, item));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
