//! How far an in-process sink in front of a durable store is: what it was given, what it has called, what is noted of that, and how
//! many of the events before it it wants. Reading them is `reader`'s business, noting `notes`'.

use std::sync::{
    Mutex, PoisonError,
    atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

use tidings_policy::EventFilter;
use tidings_store::StoredEvent;
use tokio::sync::watch;

use crate::queue::ShedQueue;

/// The places of one sink, by the store's numbers.
#[derive(Debug)]
pub(crate) struct Progress {
    /// All up to here was read, and what of it is wanted was given to the sink.
    given: AtomicU64,
    /// The last one that was called.
    called: AtomicU64,
    /// What the store knows.
    noted: watch::Sender<u64>,
    /// Whether what is in the queue was written off: then an empty queue says nothing.
    ended: AtomicBool,
    /// All up to here was looked at by the filter; `None` until it is known where the sink begins.
    counted: Mutex<Option<u64>>,
    /// The last news of accepted events for which all has been called. Until the sink has looked once nobody knows what the
    /// process before left.
    pub(crate) caught_up: AtomicU64,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            given: AtomicU64::new(0),
            called: AtomicU64::new(0),
            noted: watch::Sender::new(0),
            ended: AtomicBool::new(false),
            counted: Mutex::new(None),
            caught_up: AtomicU64::new(u64::MAX),
        }
    }
}

impl Progress {
    /// The store knows this place.
    pub(crate) fn note(&self, place: u64) {
        self.noted.send_replace(place);
    }

    /// What the store knows.
    pub(crate) fn noted(&self) -> u64 {
        *self.noted.borrow()
    }

    /// Waits until the store knows that all that was given has been called.
    pub(crate) async fn all_noted(&self) {
        let given = self.given.load(SeqCst);
        // The sender lives as long as this does.
        drop(self.noted.subscribe().wait_for(|noted| *noted >= given).await);
    }

    /// All up to this number is with the sink: its items must be in the queue by now.
    pub(crate) fn give(&self, number: u64) {
        self.given.store(number, SeqCst);
    }

    /// The item of this number has been called. Items are called in their order.
    pub(crate) fn call(&self, number: u64) {
        self.called.store(number, SeqCst);
    }

    /// What is in the queue will not be called any more.
    pub(crate) fn end(&self) {
        self.ended.store(true, SeqCst);
    }

    /// Whether it is at its end.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(SeqCst)
    }

    /// Up to where all has been called. The order of the looks matters: the queue is filled before `given` moves, and written off
    /// after `ended` is set.
    pub(crate) fn place<T>(&self, queue: &ShedQueue<T>) -> u64 {
        let given = self.given.load(SeqCst);
        let all_called = queue.outstanding() == 0 && !self.has_ended();
        if all_called { given } else { self.called.load(SeqCst) }
    }

    /// Where the count stands.
    pub(crate) fn counted(&self) -> Option<u64> {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sink begins behind this number.
    pub(crate) fn begin(&self, number: u64) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(number);
    }

    /// How many of a page the filter wants that were not counted before. Pages of different readers may overlap: each event is
    /// counted once.
    pub(crate) fn count(&self, filter: &EventFilter, page: &[StoredEvent], book: impl FnOnce(u64)) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(before), Some(last)) = (*counted, page.last()) else { return };
        let new = page.iter().filter(|kept| kept.number > before);
        book(new.filter(|kept| filter.wants(&kept.event)).count() as u64);
        *counted = Some(before.max(last.number));
    }

    /// Whether all has been called that this news told of.
    pub(crate) fn is_behind(&self, news: u64) -> bool {
        self.caught_up.load(Relaxed) != news
    }
}
