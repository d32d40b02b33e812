//! A bounded queue from many callers to a thread that takes all that is there at once. What the items are is left to others.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidings_core::clock::instant_now;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often the taker lets others run while the queue still grows: a larger group costs the same one sync.
const PATIENCE: usize = 8;
/// How long the taker of groups stays awake after one: about as long as it takes to fall asleep and to be woken.
const AWAKE: Duration = Duration::from_micros(60);

/// The queue has been closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueClosed;

struct Items<T> {
    waiting: VecDeque<(T, OwnedSemaphorePermit)>,
    takers: usize,
    closed: bool,
}

/// The queue. Closing it lets the takers finish what is in it.
pub(crate) struct Queue<T> {
    items: Mutex<Items<T>>,
    filled: Condvar,
    room: Arc<Semaphore>,
}

impl<T> std::fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("room", &self.room.available_permits()).finish_non_exhaustive()
    }
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let items = Items { waiting: VecDeque::new(), takers: 0, closed: false };
        Self { items: Mutex::new(items), filled: Condvar::new(), room: Arc::new(Semaphore::new(capacity.max(1))) }
    }

    /// Puts an item in, once there is room.
    pub(crate) async fn push(&self, item: T) -> Result<(), QueueClosed> {
        let room = Arc::clone(&self.room);
        let permit = match Arc::clone(&room).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => room.acquire_owned().await.map_err(|_| QueueClosed)?,
        };
        let mut items = self.items();
        if items.closed {
            return Err(QueueClosed);
        }
        items.waiting.push_back((item, permit));
        let asleep = items.takers > 0;
        drop(items);
        if asleep {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Takes the first item, or waits for one; `None` once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<T> {
        self.filled()?.waiting.pop_front().map(|(item, _)| item)
    }

    /// Takes all that is there, at most `limit` items, or waits for the first; `None` once the queue is closed and empty.
    ///
    /// Those who were answered by the last group are about to come back: they are let in first.
    pub(crate) fn take_all(&self, limit: usize) -> Option<Vec<T>> {
        self.linger();
        let mut items = self.filled()?;
        for _ in 0..PATIENCE {
            let seen = items.waiting.len();
            drop(items);
            std::thread::yield_now();
            items = self.items();
            if items.waiting.len() == seen || seen >= limit {
                break;
            }
        }
        let count = items.waiting.len().min(limit);
        Some(items.waiting.drain(..count).map(|(item, _)| item).collect())
    }

    /// Stays awake for a moment: one event is several commands, each given as soon as the one before is answered.
    fn linger(&self) {
        let began = instant_now();
        while began.elapsed() < AWAKE {
            let items = self.items();
            if items.closed || !items.waiting.is_empty() {
                return;
            }
            drop(items);
            std::thread::yield_now();
        }
    }

    /// Waits until there is something.
    fn filled(&self) -> Option<MutexGuard<'_, Items<T>>> {
        let mut items = self.items();
        while items.waiting.is_empty() {
            if items.closed {
                return None;
            }
            items.takers += 1;
            items = self.filled.wait(items).unwrap_or_else(PoisonError::into_inner);
            items.takers -= 1;
        }
        Some(items)
    }

    /// Lets nothing in any more.
    pub(crate) fn close(&self) {
        self.items().closed = true;
        self.room.close();
        self.filled.notify_all();
    }

    /// Lets nothing in any more, and drops what is in it: nobody takes it.
    pub(crate) fn abandon(&self) {
        self.close();
        let left = std::mem::take(&mut self.items().waiting);
        drop(left);
    }

    fn items(&self) -> MutexGuard<'_, Items<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
