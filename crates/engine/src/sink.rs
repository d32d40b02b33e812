//! Subscriptions to raw events: what a sink wants and where it goes. In-process sinks at work stand in `local`; network sinks are
//! links (`deliver`).

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tidings_core::{DynChannel, Event, Severity};
use tidings_policy::EventFilter;

use crate::{log::LogSink, retry::RetryPolicy};

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
    Channel {
        channel: Arc<dyn DynChannel>,
        retry: RetryPolicy,
        concurrency: usize,
    },
    /// The one that runs under this name.
    Kept,
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

    /// The sink that runs under this name.
    pub(crate) fn kept(name: &str, filter: EventFilter) -> Self {
        Self::new(name, Outlet::Kept).filter(filter)
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
