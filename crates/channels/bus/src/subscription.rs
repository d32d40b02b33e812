//! The subscriber's end of the bus: events as they come, and how many it was too slow for. What is let go is the queue's business.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
};

use futures_util::Stream;
use tidings_core::Event;

use crate::{bus::Hub, queue::Queue};

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// An event.
    Event(Arc<Event>),
    /// The subscriber was too slow: so many events were let go since it was last told, the lowest severity first.
    Missed(u64),
}

/// One subscriber's place on the bus, given up when this is dropped.
///
/// As a [`Stream`] it gives events alone, and [`Subscription::missed`] counts the rest; [`Subscription::next_received`] tells both in
/// their order. Both end once the bus and its clones are gone and the queue is empty.
#[derive(Debug)]
pub struct Subscription {
    pub(crate) id: u64,
    pub(crate) queue: Arc<Queue>,
    pub(crate) hub: Weak<Hub>,
}

impl Subscription {
    /// The next event, or how many were missed before it; `None` at the end. Nothing is lost if the future is dropped.
    pub async fn next_received(&mut self) -> Option<Received> {
        poll_fn(|context| self.queue.take(Some(context.waker()))).await
    }

    /// What is there now, without waiting; `None` if there is nothing.
    pub fn try_received(&mut self) -> Option<Received> {
        match self.queue.take(None) {
            Poll::Ready(received) => received,
            Poll::Pending => None,
        }
    }

    /// How many events this subscriber has missed in all.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.queue.missed()
    }
}

impl Stream for Subscription {
    type Item = Arc<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Arc<Event>>> {
        loop {
            match self.queue.take(Some(context.waker())) {
                Poll::Ready(Some(Received::Event(event))) => return Poll::Ready(Some(event)),
                Poll::Ready(Some(Received::Missed(_))) => {}
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.leave(self.id);
        }
    }
}
