//! Subscriptions to raw events: what a sink wants and where it goes. In-process sinks have a queue and a worker of their own
//! here; network sinks are links (`deliver`).

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tidings_core::{DynChannel, Event, EventId, Severity};
use tidings_policy::EventFilter;
use tokio::sync::Notify;

use crate::{ledger::SinkLedger, log::LogSink, queue::ShedQueue, retry::RetryPolicy};

/// How long a callback may take before it counts as late.
pub const CALLBACK_DEADLINE: Duration = Duration::from_secs(30);

/// A callback that runs on a thread of its own.
pub(crate) type SyncCallback = Arc<dyn Fn(&Event) + Send + Sync>;
/// A callback that runs as a task.
pub(crate) type AsyncCallback = Arc<dyn Fn(Arc<Event>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Where a sink's events go.
#[derive(Clone)]
pub(crate) enum Outlet {
    Log(LogSink),
    Sync(SyncCallback),
    Async(AsyncCallback),
    Channel { channel: Arc<dyn DynChannel>, retry: RetryPolicy, concurrency: usize },
}

/// A subscription to raw events.
#[derive(Clone)]
pub struct Sink {
    pub(crate) name: String,
    pub(crate) filter: EventFilter,
    pub(crate) outlet: Outlet,
    pub(crate) deadline: Duration,
}

impl Sink {
    /// A closure, called on a detached thread of its own: it may block or panic without harm to the agent or to other sinks.
    #[must_use]
    pub fn callback(name: &str, callback: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self::new(name, Outlet::Sync(Arc::new(callback)))
    }

    /// An async closure, run as a task; one that takes longer than its deadline is cut off.
    #[must_use]
    pub fn callback_async<F>(name: &str, callback: impl Fn(Arc<Event>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::new(name, Outlet::Async(Arc::new(move |event| Box::pin(callback(event)))))
    }

    /// One line in the program's log for each event.
    #[must_use]
    pub fn log(name: &str, sink: LogSink) -> Self {
        Self::new(name, Outlet::Log(sink))
    }

    /// A channel: with retries, at most `concurrency` attempts at a time, in order for each agent.
    #[must_use]
    pub fn channel(name: &str, channel: Arc<dyn DynChannel>, retry: RetryPolicy, concurrency: usize) -> Self {
        Self::new(name, Outlet::Channel { channel, retry, concurrency })
    }

    fn new(name: &str, outlet: Outlet) -> Self {
        Self { name: name.to_owned(), filter: EventFilter::default(), outlet, deadline: CALLBACK_DEADLINE }
    }

    /// Only what this filter lets through.
    #[must_use]
    pub fn filter(mut self, filter: EventFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Only from this severity on.
    #[must_use]
    pub const fn min_severity(mut self, least: Severity) -> Self {
        self.filter.min_severity = Some(least);
        self
    }

    /// How long a callback may take. Default: [`CALLBACK_DEADLINE`].
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl<F: Fn(&Event) + Send + Sync + 'static> From<F> for Sink {
    fn from(callback: F) -> Self {
        Self::callback("callback", callback)
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("name", &self.name).field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// An event on its way to an in-process sink.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: EventId,
    pub(crate) event: Arc<Event>,
}

/// An in-process sink at work: its queue and its counts.
pub(crate) struct LocalSink {
    pub(crate) name: Arc<str>,
    pub(crate) queue: ShedQueue<Item>,
    pub(crate) ledger: Arc<SinkLedger>,
    pub(crate) deadline: Duration,
    /// Told with every call that has ended.
    pub(crate) called: Notify,
    /// In front of a durable store: the last news of accepted events for which all has been called. Until it has looked once
    /// nobody knows what the process before left.
    pub(crate) caught_up: AtomicU64,
}

impl LocalSink {
    /// A sink with room for so many events.
    pub(crate) fn new(name: Arc<str>, room: usize, ledger: Arc<SinkLedger>, deadline: Duration) -> Self {
        let queue = ShedQueue::new(room);
        Self { name, queue, ledger, deadline, called: Notify::new(), caught_up: AtomicU64::new(u64::MAX) }
    }

    /// Waits until everything in the queue has been called.
    pub(crate) async fn all_called(&self) {
        while self.queue.outstanding() > 0 {
            self.called.notified().await;
        }
    }

    /// Queues events; where there is no room, the lowest severity goes first.
    pub(crate) fn offer(&self, items: Vec<Item>) {
        self.ledger.matched.add(items.len() as u64);
        for (severity, _) in self.queue.push_all(items.into_iter().map(|item| (item.event.severity, item))) {
            self.ledger.shed(&self.name, severity);
        }
    }

    /// Counts what became of one item, unless it was written off meanwhile.
    pub(crate) fn finish(&self, delivered: bool, took: Duration) {
        if took > self.deadline {
            metrics::counter!("tidings_sink_late_total", "sink" => self.name.to_string()).increment(1);
            tracing::warn!(sink = %self.name, ?took, "a callback was late");
        }
        let count = if delivered { &self.ledger.delivered } else { &self.ledger.dead };
        self.queue.settle(1, || count.add(1));
        self.called.notify_one();
    }
}

impl fmt::Debug for LocalSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSink").field("name", &self.name).finish_non_exhaustive()
    }
}
