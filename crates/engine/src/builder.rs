//! Puts a notifier together: sinks, rules, users, channels, limits. Reading all that from a file is left to `config`.

mod build;
mod check;

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicI64},
    },
    time::Duration,
};

use tidings_core::{Clock, DynChannel, SystemClock};
use tidings_layers::Stack;
use tidings_policy::{EventFilter, Fallbacks, Preferences, StormLimit};
use tidings_redact::Redactor;
use tidings_store::{MemoryStore, Store};
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::{
    configured::Configured,
    deliver::EXPIRE_AFTER,
    held::Held,
    later::Later,
    ledger::{Count, Ledger},
    log::LogChannel,
    people::People,
    queue::ShedQueue,
    reload::Orders,
    replay::Witness,
    retry::RetryPolicy,
    rule::Rule,
    shared::Shared,
    sink::Sink,
    standing::Standing,
    user::{User, Users},
    wiring::{Age, ChannelSpec},
};

pub use check::BuildError;

/// Default room of the queue in events. Bounds: 1 to 1,000,000.
pub const QUEUE_SIZE: usize = 1_000;
/// Default dedup window.
pub const DEDUP_WINDOW: Duration = Duration::from_secs(300);
/// Default limit of a drain.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// Default time for which a durable store keeps what is settled: 30 days.
pub const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Collects the parts of a notifier. The channel `log` is always there.
pub struct Builder {
    sinks: Vec<Sink>,
    rules: Vec<Rule>,
    channels: Vec<ChannelSpec>,
    users: Users,
    operator: Preferences,
    storm: Option<StormLimit>,
    window: Duration,
    fallbacks: Fallbacks,
    expire_after: Duration,
    retention: Duration,
    queue_size: usize,
    sink_queue_size: Option<usize>,
    shutdown_timeout: Duration,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn Store>>,
    event_time: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            sinks: Vec::new(),
            rules: Vec::new(),
            channels: Vec::new(),
            users: Users::default(),
            operator: Preferences::default(),
            storm: Some(StormLimit::default()),
            window: DEDUP_WINDOW,
            fallbacks: Fallbacks::default(),
            expire_after: EXPIRE_AFTER,
            retention: RETENTION,
            queue_size: QUEUE_SIZE,
            sink_queue_size: None,
            shutdown_timeout: SHUTDOWN_TIMEOUT,
            clock: Arc::new(SystemClock::new()),
            store: None,
            event_time: false,
        }
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("sinks", &self.sinks).finish_non_exhaustive()
    }
}

impl Builder {
    /// Adds a sink; a closure `Fn(&Event)` is one. A second sink of the same name gets a number.
    #[must_use]
    pub fn sink(mut self, sink: impl Into<Sink>) -> Self {
        let mut sink = sink.into();
        let wanted = sink.name.clone();
        let mut number = 1;
        while self.sinks.iter().any(|other| other.name == sink.name) {
            number += 1;
            sink.name = format!("{wanted}-{number}");
        }
        self.sinks.push(sink);
        self
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a channel for users, under the name that rules and preferences use, with a retry plan of its own.
    #[must_use]
    pub fn channel(mut self, name: &str, channel: Arc<dyn DynChannel>, retry: RetryPolicy) -> Self {
        self.channels.push(ChannelSpec { name: name.to_owned(), channel: Some(channel), retry });
        self
    }

    /// For [`Notifier::reload`](crate::Notifier::reload): the channel that runs under this name stays, with what is known of its
    /// receivers; only its retries may be others.
    #[must_use]
    pub fn keep_channel(mut self, name: &str, retry: RetryPolicy) -> Self {
        self.channels.push(ChannelSpec { name: name.to_owned(), channel: None, retry });
        self
    }

    /// For [`Notifier::reload`](crate::Notifier::reload): the sink that runs under this name stays, with its queue; only its filter may be
    /// another one, and of an in-process sink in front of a durable store not even that.
    #[must_use]
    pub fn keep_sink(self, name: &str, filter: EventFilter) -> Self {
        self.sink(Sink::kept(name, filter))
    }

    /// Adds a person.
    #[must_use]
    pub fn user(mut self, id: &str, user: User) -> Self {
        self.users.insert(id, user);
        self
    }

    /// The preferences of everybody who has none of their own.
    #[must_use]
    pub fn preferences(mut self, operator: Preferences) -> Self {
        self.operator = operator;
        self
    }

    /// When a rule tells a user so much at once that it is summed up; `None`: never. Default: more than 20 messages in 10 min.
    #[must_use]
    pub const fn storm_limit(mut self, limit: Option<StormLimit>) -> Self {
        self.storm = limit;
        self
    }

    /// How long the same message is not repeated. Default: 5 min.
    #[must_use]
    pub const fn dedup_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// What is tried where a channel fails, and how many channels a critical notification needs. Default: nothing, and two.
    #[must_use]
    pub fn fallbacks(mut self, fallbacks: Fallbacks) -> Self {
        self.fallbacks = fallbacks;
        self
    }

    /// The age at which a delivery is not worth sending any more, unless its retries last longer. Default: [`EXPIRE_AFTER`].
    #[must_use]
    pub const fn expire_after(mut self, limit: Duration) -> Self {
        self.expire_after = limit;
        self
    }

    /// How long a durable store keeps what is settled, with the events of it. Default: [`RETENTION`].
    #[must_use]
    pub const fn retention(mut self, span: Duration) -> Self {
        self.retention = span;
        self
    }

    /// Room of the queue in front of the rules, in events, and of each sink's unless that is set apart.
    #[must_use]
    pub const fn queue_size(mut self, events: usize) -> Self {
        self.queue_size = events;
        self
    }

    /// Room of each sink's own queue, in events.
    #[must_use]
    pub const fn sink_queue_size(mut self, events: usize) -> Self {
        self.sink_queue_size = Some(events);
        self
    }

    /// How long a stop drains. Default: 10 s.
    #[must_use]
    pub const fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Tells the time by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Remembers in this store. Default: in memory.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Lets rules, cooldowns and dedup go by the events' own times: for a file of past events. Deliveries go by the clock.
    #[must_use]
    pub const fn event_time(mut self) -> Self {
        self.event_time = true;
        self
    }

    /// Puts the parts together.
    fn assemble(mut self) -> Result<Shared, BuildError> {
        let room = self.sink_queue_size.unwrap_or(self.queue_size);
        let store = self.store.take().unwrap_or_else(|| Arc::new(MemoryStore::new(room)));
        let (queue_size, clock, event_time) = (self.queue_size, Arc::clone(&self.clock), self.event_time);
        let durable = store.durable();
        let (pipeline, local) = self.configured(durable)?.pipeline()?;
        Ok(Shared {
            queue: ShedQueue::new(queue_size),
            inbound: Count::default(),
            timed: Count::default(),
            accepted: watch::Sender::new(0),
            first_new: watch::Sender::new(None),
            recovered: AtomicBool::new(!durable),
            doorway: Arc::default(),
            store,
            runtime: OnceLock::new(),
            clock,
            standing: Standing::new(pipeline),
            orders: Orders::default(),
            ledger: Ledger::default(),
            event_time,
            latest: AtomicI64::new(i64::MIN),
            stop: watch::Sender::new(false),
            started: AtomicBool::new(false),
            later: Later::default(),
            held: Held::default(),
            witness: Witness::default(),
            local: Mutex::new(local),
            tasks: AsyncMutex::default(),
        })
    }

    /// The parts of a configuration, checked, in front of a store that outlives the process or not.
    pub(crate) fn configured(mut self, durable: bool) -> Result<Configured, BuildError> {
        self.add_log_channel();
        self.check(durable)?;
        Ok(Configured {
            sinks: self.sinks,
            channels: self.channels,
            rules: self.rules,
            given: People::given(self.operator, self.users),
            storm: self.storm,
            window: self.window,
            fallbacks: self.fallbacks,
            age: Age { limit: self.expire_after, patient: durable },
            room: self.sink_queue_size.unwrap_or(self.queue_size),
            retention: self.retention,
            shutdown_timeout: self.shutdown_timeout,
        })
    }

    fn add_log_channel(&mut self) {
        if self.channels.iter().all(|channel| channel.name != "log") {
            let retry = RetryPolicy { delays: Vec::new(), jitter: 0.0 };
            // A log outlives its reader's rights: what nobody set up otherwise is redacted.
            let channel = Stack::new("log").redact(Redactor::default()).around(Arc::new(LogChannel));
            self.channels.push(ChannelSpec { name: "log".to_owned(), channel: Some(channel), retry });
        }
    }
}
