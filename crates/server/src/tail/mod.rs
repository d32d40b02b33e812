//! Follows the log and the events as they grow, for whoever looks on: counts the last hour, and hands on each line. It reads only when
//! there is news or somebody looks. What is counted stands in `tally`.

mod follow;
mod read;
mod tally;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tidings::Timestamp;
use tokio::sync::{Mutex as AsyncMutex, Notify, broadcast};

use self::tally::Tally;
pub(crate) use self::{
    follow::follow,
    read::{Place, entries_after, entry_line, event_line, events_after, last_place},
    tally::Need,
};

/// How many lines a listener may be behind until it is cut off.
const BEHIND: usize = 1_024;
/// How long after a look somebody still counts as looking.
const LOOKING: Duration = Duration::from_secs(10);
/// How far back a backlog is compared.
const COMPARED: Duration = Duration::from_secs(60);
/// A backlog below this grows without anybody having to mind.
const SMALL: u64 = 100;

/// A line for listeners, as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What it is: `entry`, `event` or `now`.
    pub(crate) kind: &'static str,
    /// The agent that it concerns.
    pub(crate) agent: Option<String>,
    /// The user that it concerns.
    pub(crate) user: Option<String>,
    /// The place behind it.
    pub(crate) place: Place,
    /// Its JSON, without secrets.
    pub(crate) data: Arc<str>,
}

/// Follows what is new. There is one in a daemon.
#[derive(Debug)]
pub(crate) struct Tail {
    place: AsyncMutex<Option<Place>>,
    tally: Mutex<Tally>,
    lines: broadcast::Sender<Line>,
    listeners: AtomicUsize,
    looked: AtomicI64,
    wake: Notify,
    seen: Mutex<Seen>,
}

/// What is seen of endpoints when somebody looks, to be compared later.
#[derive(Debug, Default)]
struct Seen {
    /// Since when breakers are known to be open.
    open: HashMap<String, Timestamp>,
    /// How many waited, and when.
    waiting: HashMap<String, (Timestamp, u64, u64)>,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            place: AsyncMutex::default(),
            tally: Mutex::default(),
            lines: broadcast::Sender::new(BEHIND),
            listeners: AtomicUsize::new(0),
            looked: AtomicI64::new(i64::MIN),
            wake: Notify::new(),
            seen: Mutex::default(),
        }
    }
}

/// Somebody who listens, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    app: crate::app::App,
    pub(crate) lines: broadcast::Receiver<Line>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.app.tail().listeners.fetch_sub(1, Relaxed);
    }
}

impl Tail {
    /// The counts; held for no longer than a look or a note.
    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens from now on; `None` if so many listen already.
    pub(crate) fn listen(app: &crate::app::App, most: usize) -> Option<Listening> {
        let tail = app.tail();
        let enter = |count: usize| (count < most).then_some(count + 1);
        tail.listeners.fetch_update(Relaxed, Relaxed, enter).ok()?;
        let listening = Listening { app: app.clone(), lines: tail.lines.subscribe() };
        tail.wake.notify_one();
        Some(listening)
    }

    /// Notes that somebody looks.
    pub(crate) fn look(&self, now: Timestamp) {
        self.looked.store(now.as_nanos(), Relaxed);
        self.wake.notify_one();
    }

    /// Whether somebody looks or listens.
    fn is_watched(&self, now: Timestamp) -> bool {
        self.has_listeners() || now.since(Timestamp::from_nanos(self.looked.load(Relaxed))) < LOOKING
    }

    fn has_listeners(&self) -> bool {
        self.listeners.load(Relaxed) > 0
    }

    /// Since when this breaker is known to be open; `None` where it is not.
    pub(crate) fn open_since(&self, endpoint: &str, is_open: bool, now: Timestamp) -> Option<Timestamp> {
        let mut seen = self.seen();
        if is_open {
            return Some(*seen.open.entry(endpoint.to_owned()).or_insert(now));
        }
        seen.open.remove(endpoint);
        None
    }

    /// Whether a backlog has grown by half or more within about a minute.
    pub(crate) fn grows(&self, endpoint: &str, waiting: u64, now: Timestamp) -> bool {
        let mut seen = self.seen();
        let (at, before, last) = seen.waiting.entry(endpoint.to_owned()).or_insert((now, waiting, waiting));
        if now.since(*at) >= COMPARED {
            (*at, *before, *last) = (now, *last, waiting);
        }
        waiting >= SMALL && waiting > before.saturating_add(*before / 2)
    }
}
