//! A short builder: the engine's, with the layers already around every channel.

use std::{path::Path, sync::Arc, time::Duration};

#[cfg(feature = "yaml")]
use tidings_core::DynChannel;
use tidings_core::{Channel, Clock};
use tidings_engine::{Replay, RetryPolicy, Rule, Sink, User};
use tidings_layers::Stack;
use tidings_policy::{Fallbacks, Preferences, StormLimit};
use tidings_redact::Redactor;
use tidings_store::Store;

use crate::{Error, Notifier, doors::Doors};

/// How many requests a network sink has in flight.
pub(crate) const SINK_CONCURRENCY: usize = 16;

/// Collects the parts of a [`Notifier`]. The channel `log` is always there.
#[derive(Debug, Default)]
pub struct Builder {
    pub(crate) inner: tidings_engine::Builder,
    pub(crate) doors: Doors,
    /// The configuration that it was made of.
    #[cfg(feature = "yaml")]
    pub(crate) plan: Option<Arc<tidings_config::Plan>>,
    /// The users that were added beside it.
    #[cfg(feature = "yaml")]
    pub(crate) own_users: Vec<(String, User)>,
}

impl Builder {
    /// Adds a sink for raw events; a closure `Fn(&Event)` is one.
    #[must_use]
    pub fn sink(self, sink: impl Into<Sink>) -> Self {
        self.map(|inner| inner.sink(sink))
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(self, rule: Rule) -> Self {
        self.map(|inner| inner.rule(rule))
    }

    /// Adds a channel for users under the name that rules and preferences use; it is traced, redacted, and has a deadline of
    /// 15 s an attempt. Retries: 30 s, 2 min, 10 min.
    #[must_use]
    pub fn channel(self, name: &str, channel: impl Channel) -> Self {
        let channel = layers(name, Some(Redactor::default())).around(Arc::new(channel));
        self.map(|inner| inner.channel(name, channel, RetryPolicy::user()))
    }

    /// Adds a channel as a sink for raw events, in order for each agent, with its layers as [`Builder::channel`] has them.
    #[must_use]
    pub fn channel_sink(self, name: &str, channel: impl Channel, retry: RetryPolicy) -> Self {
        let channel = layers(name, Some(Redactor::default())).around(Arc::new(channel));
        self.map(|inner| inner.sink(Sink::channel(name, channel, retry, SINK_CONCURRENCY)))
    }

    /// Adds the channels `push` and `inbox` over this hub of live sessions.
    ///
    /// # Errors
    /// Never with the defaults that this sets.
    #[cfg(feature = "push")]
    pub fn push(self, hub: tidings_push::Hub) -> Result<Self, Error> {
        drop(self.doors.hub.set(hub.clone()));
        let push = tidings_push::Push::new(hub.clone(), tidings_push::PushConfig::default())?;
        Ok(self.channel("push", push).channel("inbox", tidings_push::Inbox::new(hub)))
    }

    /// Adds a sink that hands events to the subscribers of this bus, without secrets and personal data.
    #[cfg(feature = "bus")]
    #[must_use]
    pub fn bus(self, name: &str, bus: tidings_bus::Bus) -> Self {
        drop(self.doors.bus.set(bus.clone()));
        self.sink(bus_sink(name, bus, Some(Redactor::default())))
    }

    /// Adds a person.
    #[must_use]
    #[cfg_attr(not(feature = "yaml"), expect(unused_mut, reason = "there is no configuration beside it"))]
    pub fn user(mut self, id: &str, user: User) -> Self {
        #[cfg(feature = "yaml")]
        self.own_users.push((id.to_owned(), user.clone()));
        self.map(|inner| inner.user(id, user))
    }

    /// The preferences of everybody who has none of their own.
    #[must_use]
    pub fn preferences(self, operator: Preferences) -> Self {
        self.map(|inner| inner.preferences(operator))
    }

    /// When a rule tells a user so much at once that the rest is told in one summary a window; `None`: never. Default: more than 20
    /// messages in 10 min.
    #[must_use]
    pub fn storm_limit(self, limit: Option<StormLimit>) -> Self {
        self.map(|inner| inner.storm_limit(limit))
    }

    /// How long the same message is not repeated. Default: 5 min.
    #[must_use]
    pub fn dedup_window(self, window: Duration) -> Self {
        self.map(|inner| inner.dedup_window(window))
    }

    /// Room of the queue, in events: 1 to 1,000,000, default 1,000.
    #[must_use]
    pub fn queue_size(self, events: usize) -> Self {
        self.map(|inner| inner.queue_size(events))
    }

    /// Room of each sink's own queue, in events. Default: as the queue's.
    #[must_use]
    pub fn sink_queue_size(self, events: usize) -> Self {
        self.map(|inner| inner.sink_queue_size(events))
    }

    /// How long a stop drains. Default: 10 s.
    #[must_use]
    pub fn shutdown_timeout(self, limit: Duration) -> Self {
        self.map(|inner| inner.shutdown_timeout(limit))
    }

    /// Tells the time by this clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        self.map(|inner| inner.clock(clock))
    }

    /// Remembers in this store. Default: in memory.
    #[must_use]
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        self.map(|inner| inner.store(store))
    }

    /// Keeps what is accepted in this SQLite file, which is made where it is not there: it outlives the process, and the next one goes
    /// on from it. Needs the feature `store-sqlite`.
    ///
    /// # Errors
    /// If the file is another program's, of a newer version, in use by another process, or cannot be written.
    pub fn kept_in(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(self.store(open(path.as_ref())?))
    }

    /// How long a durable store keeps what is settled, with the events of it. Default: 30 days.
    #[must_use]
    pub fn retention(self, span: Duration) -> Self {
        self.map(|inner| inner.retention(span))
    }

    /// What is tried where a channel fails, and how many channels a critical notification needs. Default: nothing, and two.
    #[must_use]
    pub fn fallbacks(self, fallbacks: Fallbacks) -> Self {
        self.map(|inner| inner.fallbacks(fallbacks))
    }

    /// The age at which a delivery is not worth sending any more, unless its retries last longer. Default: 24 h.
    #[must_use]
    pub fn expire_after(self, limit: Duration) -> Self {
        self.map(|inner| inner.expire_after(limit))
    }

    /// Lets rules, cooldowns and dedup go by the events' own times: for a file of past events.
    #[must_use]
    pub fn event_time(self) -> Self {
        self.map(tidings_engine::Builder::event_time)
    }

    /// Puts the parts together. Nothing runs yet; events can be emitted.
    ///
    /// # Errors
    /// Names the first part that does not fit.
    pub fn build(self) -> Result<Notifier, Error> {
        Ok(Notifier {
            engine: self.inner.build()?,
            doors: Arc::new(self.doors),
            #[cfg(feature = "yaml")]
            plan: Arc::new(std::sync::Mutex::new(self.plan)),
            #[cfg(feature = "yaml")]
            reloading: Arc::default(),
            #[cfg(feature = "yaml")]
            own_users: Arc::new(self.own_users),
        })
    }

    /// Puts the parts together for a replay of past events, by their own times, in memory and with nothing sent.
    ///
    /// # Errors
    /// Names the first part that does not fit.
    pub fn replay(self) -> Result<Replay, Error> {
        Ok(self.inner.replay()?)
    }

    pub(crate) fn map(self, change: impl FnOnce(tidings_engine::Builder) -> tidings_engine::Builder) -> Self {
        Self { inner: change(self.inner), ..self }
    }
}

/// Opens the store in this file.
pub(crate) fn open(path: &Path) -> Result<Arc<dyn Store>, Error> {
    #[cfg(feature = "store-sqlite")]
    {
        let options = tidings_store::sqlite::Options::default();
        let now = tidings_core::clock::system_now();
        let (store, opened) = tidings_store::sqlite::SqliteStore::open(path, &options, now)?;
        tracing::debug!(path = %path.display(), ?opened, "the store is open");
        Ok(Arc::new(store))
    }
    #[cfg(not(feature = "store-sqlite"))]
    Err(Error::Feature { name: path.display().to_string(), feature: "store-sqlite" })
}

/// The layers of a sink or a channel.
pub(crate) fn layers(name: &str, redactor: Option<Redactor>) -> Stack {
    let stack = Stack::new(name);
    match redactor {
        Some(redactor) => stack.redact(redactor),
        None => stack,
    }
}

/// A sink that hands events to the subscribers of a bus in the process.
#[cfg(feature = "bus")]
pub(crate) fn bus_sink(name: &str, bus: tidings_bus::Bus, redactor: Option<Redactor>) -> Sink {
    Sink::callback_async(name, move |event: Arc<tidings_core::Event>| {
        let clean = redactor.as_ref().map(|redactor| Arc::new(redactor.redact_event(&event)));
        let event = clean.unwrap_or(event);
        bus.emit(&event.event_type, &event);
        std::future::ready(())
    })
}

/// A channel as the layers take it.
#[cfg(feature = "yaml")]
pub(crate) fn boxed(channel: impl Channel) -> Arc<dyn DynChannel> {
    Arc::new(channel)
}
