//! Who is connected, and which attempts wait for whose acknowledgement. What a session is given is `slot`'s and `session`'s.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::{
    config::Acknowledged,
    hub::SubscribeError,
    message::Message,
    slot::{Cut, Slot},
};

/// An attempt that waits. It is told of the success; of the failure by being dropped.
#[derive(Debug)]
struct Waiter {
    seq: u64,
    wants: Acknowledged,
    done: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct User {
    slots: Vec<Arc<Slot>>,
    waiters: Vec<Waiter>,
}

#[derive(Debug, Default)]
struct State {
    users: HashMap<String, User>,
    sessions: usize,
    ids: u64,
    is_closed: bool,
}

/// The bounds of a roster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) queue: usize,
    pub(crate) per_user: usize,
    pub(crate) in_all: usize,
}

/// Everybody who is connected.
#[derive(Debug)]
pub(crate) struct Roster {
    bounds: Bounds,
    state: Mutex<State>,
}

impl User {
    fn has(&self, seq: u64, wants: Acknowledged) -> bool {
        self.slots.iter().any(|slot| match wants {
            Acknowledged::Required => slot.has_acknowledged(seq),
            Acknowledged::Sent => slot.has_sent(seq),
        })
    }

    fn may_get(&self, seq: u64) -> bool {
        self.slots.iter().any(|slot| slot.may_get(seq))
    }

    /// Tells the waiters that need not wait any more.
    fn settle(&mut self) {
        for waiter in std::mem::take(&mut self.waiters) {
            if self.has(waiter.seq, waiter.wants) {
                // An attempt that was given up needs no answer.
                waiter.done.send(()).ok();
            } else if self.may_get(waiter.seq) && !waiter.done.is_closed() {
                self.waiters.push(waiter);
            }
        }
    }
}

impl Roster {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session of this user.
    pub(crate) fn enter(&self, name: &str) -> Result<Arc<Slot>, SubscribeError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(SubscribeError::ShuttingDown);
        }
        if state.sessions >= self.bounds.in_all {
            return Err(SubscribeError::TooMany);
        }
        if state.users.get(name).is_some_and(|user| user.slots.len() >= self.bounds.per_user) {
            return Err(SubscribeError::TooManyOfUser);
        }
        state.sessions += 1;
        state.ids += 1;
        let slot = Arc::new(Slot::new(state.ids, self.bounds.queue));
        state.users.entry(name.to_owned()).or_default().slots.push(Arc::clone(&slot));
        Ok(slot)
    }

    /// The session is over.
    pub(crate) fn leave(&self, name: &str, id: u64) {
        let mut state = self.state();
        state.sessions = state.sessions.saturating_sub(1);
        let Some(user) = state.users.get_mut(name) else { return };
        user.slots.retain(|slot| slot.id != id);
        user.settle();
        if user.slots.is_empty() {
            state.users.remove(name);
        }
    }

    /// Offers a message to every session of the user; none of them can hold it up.
    pub(crate) fn publish(&self, name: &str, message: &Arc<Message>) {
        let mut state = self.state();
        let Some(user) = state.users.get_mut(name) else { return };
        user.slots.iter().for_each(|slot| slot.offer(message));
        user.settle();
    }

    /// Something may have been acknowledged.
    pub(crate) fn settle(&self, name: &str) {
        let mut state = self.state();
        state.users.get_mut(name).into_iter().for_each(User::settle);
    }

    /// Acknowledges for every session of the user that was given so much.
    pub(crate) fn acknowledge(&self, name: &str, seq: u64) {
        let mut state = self.state();
        let Some(user) = state.users.get_mut(name) else { return };
        for slot in &user.slots {
            slot.acknowledge(seq);
        }
        user.settle();
    }

    /// What ends when a session has what was asked for, and is dropped when none can have it any more; `None` where none can now.
    pub(crate) fn wait(&self, name: &str, seq: u64, wants: Acknowledged) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state();
        let user = state.users.get_mut(name)?;
        let (done, waiting) = oneshot::channel();
        user.waiters.push(Waiter { seq, wants, done });
        user.settle();
        Some(waiting)
    }

    pub(crate) fn sessions_of(&self, name: &str) -> usize {
        self.state().users.get(name).map_or(0, |user| user.slots.len())
    }

    pub(crate) fn sessions(&self) -> usize {
        self.state().sessions
    }

    /// Ends every session and takes no more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        for user in state.users.values_mut() {
            user.slots.iter().for_each(|slot| slot.cut(Cut::ShuttingDown));
            user.settle();
        }
    }
}
