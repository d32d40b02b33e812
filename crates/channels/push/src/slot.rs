//! What the hub and one session share: the bounded queue of live messages, and how far the session is. Nothing here waits.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::sync::Notify;

use crate::message::Message;

/// Why a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    TooSlow,
    ShuttingDown,
    MemoryFailed,
}

/// What a session should do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Give this: it is the very next one.
    Live(Arc<Message>),
    /// The memory has more than the queue.
    Behind,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Arc<Message>>,
    /// Numbers above this one are the session's; none before it knows where it begins.
    from: Option<u64>,
    last: u64,
    acknowledged: u64,
    sent: u64,
    catching_up: bool,
    /// Something was taken since the queue was emptied for want of room.
    moved: bool,
    /// The queue was emptied: what was in it is in the memory only.
    missed: bool,
    cut: Option<Cut>,
    waker: Option<Waker>,
}

/// The hub's side of a session.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: u64,
    capacity: usize,
    state: Mutex<State>,
    is_cut: Notify,
}

impl Slot {
    pub(crate) fn new(id: u64, capacity: usize) -> Self {
        let state = State {
            queue: VecDeque::new(),
            from: None,
            last: 0,
            acknowledged: 0,
            sent: 0,
            catching_up: true,
            moved: true,
            missed: false,
            cut: None,
            waker: None,
        };
        Self { id, capacity, state: Mutex::new(state), is_cut: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session begins behind `last`; numbers above `from` are its own to acknowledge.
    pub(crate) fn begin(&self, from: u64, last: u64) {
        let mut state = self.state();
        state.from = Some(from);
        state.last = last;
        state.acknowledged = last;
        state.sent = last;
    }

    /// Goes on behind a gap that nobody can fill: what lies before is neither seen nor acknowledged.
    pub(crate) fn restart(&self, last: u64) {
        self.begin(last, last);
    }

    /// Hands over a live message without ever waiting. A session that takes nothing is cut off when its queue is full.
    pub(crate) fn offer(&self, message: &Arc<Message>) {
        let mut state = self.state();
        let has_it = message.seq <= state.last || state.queue.iter().any(|queued| queued.seq == message.seq);
        if state.cut.is_some() || has_it {
            return;
        }
        if state.queue.len() >= self.capacity {
            if !(state.catching_up && state.moved) {
                drop(state);
                return self.cut(Cut::TooSlow);
            }
            // It reads the memory all the while, and finds these there.
            state.queue.clear();
            state.moved = false;
            state.missed = true;
        } else {
            state.queue.push_back(Arc::clone(message));
        }
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Ends the session. The first reason stays.
    pub(crate) fn cut(&self, reason: Cut) {
        let mut state = self.state();
        state.cut.get_or_insert(reason);
        state.queue = VecDeque::new();
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        self.is_cut.notify_waiters();
    }

    pub(crate) fn reason(&self) -> Option<Cut> {
        self.state().cut
    }

    /// Waits until the session is cut off.
    pub(crate) async fn until_cut(&self) {
        let notified = self.is_cut.notified();
        let mut notified = std::pin::pin!(notified);
        notified.as_mut().enable();
        if self.reason().is_none() {
            notified.await;
        }
    }

    /// Has the task woken when the session is cut off, while it waits for something else.
    pub(crate) fn watch(&self, context: &Context<'_>) {
        self.state().waker = Some(context.waker().clone());
    }

    /// What comes next; pending where everything was seen.
    pub(crate) fn poll_next(&self, context: &Context<'_>) -> Poll<Next> {
        let mut state = self.state();
        let last = state.last;
        while state.queue.front().is_some_and(|message| message.seq <= last) {
            state.queue.pop_front();
        }
        let next = state.queue.front().map(|message| message.seq);
        if next == Some(last + 1)
            && let Some(message) = state.queue.pop_front()
        {
            return Poll::Ready(Next::Live(message));
        }
        if next.is_some() || state.missed {
            state.missed = false;
            state.catching_up = true;
            return Poll::Ready(Next::Behind);
        }
        state.catching_up = false;
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// The memory has more than one read gave.
    pub(crate) fn expect_more(&self) {
        self.state().missed = true;
    }

    /// The lowest number that waits.
    pub(crate) fn front(&self) -> Option<u64> {
        let state = self.state();
        state.queue.iter().map(|message| message.seq).filter(|seq| *seq > state.last).min()
    }

    pub(crate) fn last(&self) -> u64 {
        self.state().last
    }

    /// The session was given this.
    pub(crate) fn took(&self, seq: u64) {
        let mut state = self.state();
        state.last = seq;
        state.moved = true;
    }

    /// Whether the user has acknowledged this here. What was never given cannot be.
    pub(crate) fn has_acknowledged(&self, seq: u64) -> bool {
        let state = self.state();
        state.from.is_some_and(|from| from < seq) && seq <= state.acknowledged
    }

    /// Whether the transport has taken this.
    pub(crate) fn has_sent(&self, seq: u64) -> bool {
        let state = self.state();
        state.from.is_some_and(|from| from < seq) && seq <= state.sent.max(state.acknowledged)
    }

    /// Whether this may still be acknowledged here.
    pub(crate) fn may_get(&self, seq: u64) -> bool {
        let state = self.state();
        state.cut.is_none() && state.from.is_some_and(|from| from < seq)
    }

    /// Acknowledges up to this number, as far as it was given; tells whether that is news.
    pub(crate) fn acknowledge(&self, seq: u64) -> bool {
        let mut state = self.state();
        let seq = seq.min(state.last);
        let is_news = seq > state.acknowledged;
        state.acknowledged = state.acknowledged.max(seq);
        is_news
    }

    /// Notes that the transport took everything up to this number, as far as it was given.
    pub(crate) fn note_sent(&self, seq: u64) -> bool {
        let mut state = self.state();
        let seq = seq.min(state.last);
        let is_news = seq > state.sent;
        state.sent = state.sent.max(seq);
        is_news
    }
}
