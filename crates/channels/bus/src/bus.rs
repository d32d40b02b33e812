//! The bus in the process: hands every event to all whose pattern wants it, and waits for none of them. What a slow one loses is the
//! queue's business.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
    task::Waker,
};

use tidings_core::Event;

use crate::{BadPattern, EventPattern, Subscription, queue::Queue};

/// How many events a subscriber may fall behind by, unless it asks for another number.
pub const DEFAULT_CAPACITY: usize = 1024;

/// A bus that events are put on: ours, or a host program's own. A closure is one.
pub trait EventBus: Send + Sync + 'static {
    /// Puts the event on the bus. Must not block: the caller has other events to carry.
    fn emit(&self, event_type: &str, event: &Arc<Event>);

    /// This bus as a callback sink takes it: a closure over the event. The event is copied once, whatever the number of subscribers.
    fn into_callback(self) -> impl Fn(&Event) + Send + Sync + 'static
    where
        Self: Sized,
    {
        move |event| self.emit(&event.event_type, &Arc::new(event.clone()))
    }
}

impl<F: Fn(&str, &Arc<Event>) + Send + Sync + 'static> EventBus for F {
    fn emit(&self, event_type: &str, event: &Arc<Event>) {
        self(event_type, event);
    }
}

/// The bus. Clones are the same bus; the subscriptions end once all clones are dropped.
#[derive(Clone, Default)]
pub struct Bus {
    hub: Arc<Hub>,
}

impl Bus {
    /// A bus without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Subscribes to the events whose type the pattern matches, with a queue of [`DEFAULT_CAPACITY`].
    ///
    /// # Errors
    /// If the pattern is neither an event type nor a glob.
    pub fn subscribe(&self, pattern: &str) -> Result<Subscription, BadPattern> {
        Ok(self.subscribe_with(pattern.parse()?, DEFAULT_CAPACITY))
    }

    /// Subscribes with a queue of this many events; one at least.
    #[must_use]
    pub fn subscribe_with(&self, pattern: EventPattern, capacity: usize) -> Subscription {
        let queue = Arc::new(Queue::new(capacity));
        let id = self.hub.join(pattern, Arc::clone(&queue));
        Subscription { id, queue, hub: Arc::downgrade(&self.hub) }
    }

    /// Hands the event to every subscriber that wants this type. Never waits for one, whatever it does.
    pub fn emit(&self, event_type: &str, event: &Arc<Event>) {
        self.hub.emit(event_type, event);
    }

    /// How many subscribe now.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.hub.read(|members| members.list.len())
    }
}

impl EventBus for Bus {
    fn emit(&self, event_type: &str, event: &Arc<Event>) {
        self.hub.emit(event_type, event);
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("subscribers", &self.subscribers()).finish()
    }
}

/// Who subscribes to what.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    members: RwLock<Members>,
}

/// In the order of their ids, which only grow.
#[derive(Debug, Default)]
struct Members {
    next: u64,
    list: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    id: u64,
    pattern: EventPattern,
    queue: Arc<Queue>,
}

impl Hub {
    fn join(&self, pattern: EventPattern, queue: Arc<Queue>) -> u64 {
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        let id = members.next;
        members.next += 1;
        members.list.push(Member { id, pattern, queue });
        id
    }

    /// Takes the subscriber off the bus. Its queue is dropped outside the lock.
    pub(crate) fn leave(&self, id: u64) {
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        let place = members.list.binary_search_by_key(&id, |member| member.id);
        let left = place.ok().map(|place| members.list.remove(place));
        drop(members);
        drop(left);
    }

    fn emit(&self, event_type: &str, event: &Arc<Event>) {
        let wakers: Vec<Waker> = self.read(|members| {
            let wants = members.list.iter().filter(|member| member.pattern.matches(event_type));
            wants.filter_map(|member| member.queue.push(event)).collect()
        });
        wakers.into_iter().for_each(wake);
    }

    fn read<T>(&self, read: impl FnOnce(&Members) -> T) -> T {
        read(&self.members.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let members = self.members.get_mut().unwrap_or_else(PoisonError::into_inner);
        members.list.drain(..).filter_map(|member| member.queue.close()).for_each(wake);
    }
}

/// A waker is the subscriber's code: where it panics, that is the subscriber's own loss.
fn wake(waker: Waker) {
    drop(catch_unwind(AssertUnwindSafe(|| waker.wake())));
}
