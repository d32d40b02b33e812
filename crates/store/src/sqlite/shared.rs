//! What the writer and those who ask share in memory: what endpoints owe, the latest payloads, hints. All of it follows the file: it
//! changes behind a commit.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tidings_core::{Event, EventId, Notification, Timestamp};
use tokio::sync::Notify;

use super::{counters::Counters, ids::Ids, options::Opened};
use crate::model::{Outstanding, Pending, Waiting};

/// So many bytes of payloads are kept, as they stand in the file.
const PAYLOADS: usize = 2 << 20;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a transaction changes in memory.
#[derive(Debug)]
pub(crate) enum Change {
    /// A delivery was made.
    Made(Arc<str>),
    /// The delivery of this number was leased until then.
    Leased(Arc<str>, i64, Timestamp),
    /// Its lease is over.
    Freed(Arc<str>, i64),
    /// It is settled.
    Settled(Arc<str>, i64),
    /// Leases up to this time have run out.
    Elapsed(Arc<str>, Timestamp),
    /// An event came in.
    Event(i64, EventId, Arc<Event>, usize),
    /// A notification was planned, and is sent at once.
    Notification(i64, Arc<Notification>, usize),
    /// A notification that waited can never be told.
    WaitLost,
}

/// All that is shared.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The file, as errors name it.
    pub(crate) path: String,
    pub(crate) ids: Ids,
    pub(crate) hints: Hints,
    pub(crate) opened: Opened,
    owed: Mutex<HashMap<Arc<str>, Owed>>,
    payloads: Mutex<Payloads>,
    counters: Mutex<Counters>,
    lost_waits: AtomicU64,
}

impl Shared {
    pub(crate) fn new(path: String, opened: Opened) -> Self {
        Self {
            path,
            ids: Ids::default(),
            hints: Hints::default(),
            opened,
            owed: Mutex::default(),
            payloads: Mutex::default(),
            counters: Mutex::default(),
            lost_waits: AtomicU64::new(0),
        }
    }

    /// Changes what a transaction has made certain.
    pub(crate) fn apply(&self, changes: impl Iterator<Item = Change>, counters: &Counters) {
        *lock(&self.counters) = *counters;
        let (mut owed, mut payloads) = (lock(&self.owed), lock(&self.payloads));
        for change in changes {
            match change {
                Change::Event(number, id, event, size) => payloads.put_event(number, (id, event), size),
                Change::Notification(number, told, size) => payloads.put_notification(number, told, size),
                Change::Made(endpoint) => owed.entry(endpoint).or_default().open += 1,
                Change::Leased(endpoint, number, until) => owed.entry(endpoint).or_default().lease(number, until),
                Change::Freed(endpoint, number) => owed.entry(endpoint).or_default().free(number),
                Change::Settled(endpoint, number) => owed.entry(endpoint).or_default().settle(number),
                Change::Elapsed(endpoint, now) => owed.entry(endpoint).or_default().elapse(now),
                Change::WaitLost => drop(self.lost_waits.fetch_add(1, Relaxed)),
            }
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        *lock(&self.counters)
    }

    /// Sets what was counted: by endpoint, how many deliveries are open. Those that are not there any more, and were not settled, are
    /// lost.
    pub(crate) fn set_owed(&self, counted: Vec<(Arc<str>, u64)>) {
        let mut owed = lock(&self.owed);
        let counted: HashMap<_, _> = counted.into_iter().collect();
        for (endpoint, owed) in owed.iter_mut() {
            let open = counted.get(endpoint).copied().unwrap_or_default();
            owed.lost += owed.open.saturating_sub(open);
            owed.open = open;
        }
        for (endpoint, open) in counted {
            owed.entry(endpoint).or_default().open = open;
        }
    }

    pub(crate) fn set_counters(&self, counters: &Counters) {
        *lock(&self.counters) = *counters;
    }

    pub(crate) fn outstanding(&self, endpoint: &str) -> Outstanding {
        lock(&self.owed).get(endpoint).map(Owed::outstanding).unwrap_or_default()
    }

    /// How many notifications wait, and how many waited in vain.
    pub(crate) fn pending(&self) -> Pending {
        Pending { lost: self.lost_waits.load(Relaxed), ..self.counters().waits.told() }
    }

    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let owed = lock(&self.owed);
        let open = owed.iter().filter(|(_, owed)| owed.open > 0);
        let mut waiting: Vec<_> =
            open.map(|(name, owed)| Waiting { endpoint: name.to_string(), count: owed.open }).collect();
        drop(owed);
        waiting.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
        waiting
    }

    pub(crate) fn event(&self, number: i64) -> Option<(EventId, Arc<Event>)> {
        lock(&self.payloads).events.get(&number).cloned()
    }

    pub(crate) fn notification(&self, number: i64) -> Option<Arc<Notification>> {
        lock(&self.payloads).notifications.get(&number).cloned()
    }

    /// Keeps a payload that was read.
    pub(crate) fn remember(&self, change: Change) {
        match change {
            Change::Event(number, id, event, size) => lock(&self.payloads).put_event(number, (id, event), size),
            Change::Notification(number, told, size) => lock(&self.payloads).put_notification(number, told, size),
            _ => {}
        }
    }
}

/// What one endpoint owes.
#[derive(Debug, Default)]
struct Owed {
    open: u64,
    /// Those whose rows were set aside.
    lost: u64,
    /// Leases that have not run out, as far as a claim has noticed: by delivery, until when.
    leases: BTreeMap<i64, Timestamp>,
}

impl Owed {
    fn lease(&mut self, number: i64, until: Timestamp) {
        self.leases.insert(number, until);
    }

    fn free(&mut self, number: i64) {
        self.leases.remove(&number);
    }

    fn settle(&mut self, number: i64) {
        self.free(number);
        self.open = self.open.saturating_sub(1);
    }

    fn elapse(&mut self, now: Timestamp) {
        self.leases.retain(|_, until| *until > now);
    }

    fn outstanding(&self) -> Outstanding {
        let leased = self.leases.len() as u64;
        Outstanding { ready: self.open.saturating_sub(leased), leased, lost: self.lost }
    }
}

/// The latest events and notifications, so that what has just come in need not be read to be sent.
#[derive(Debug, Default)]
struct Payloads {
    events: HashMap<i64, (EventId, Arc<Event>)>,
    notifications: HashMap<i64, Arc<Notification>>,
    order: VecDeque<(bool, i64, usize)>,
    bytes: usize,
}

impl Payloads {
    fn put_event(&mut self, number: i64, event: (EventId, Arc<Event>), size: usize) {
        if size <= PAYLOADS / 4 && self.events.insert(number, event).is_none() {
            self.grow(true, number, size);
        }
    }

    fn put_notification(&mut self, number: i64, told: Arc<Notification>, size: usize) {
        if size <= PAYLOADS / 4 && self.notifications.insert(number, told).is_none() {
            self.grow(false, number, size);
        }
    }

    fn grow(&mut self, is_event: bool, number: i64, size: usize) {
        self.order.push_back((is_event, number, size));
        self.bytes += size;
        while self.bytes > PAYLOADS {
            let Some((is_event, number, size)) = self.order.pop_front() else { return };
            self.bytes -= size;
            match is_event {
                true => drop(self.events.remove(&number)),
                false => drop(self.notifications.remove(&number)),
            }
        }
    }
}

/// Wakes those who wait for an endpoint's work.
#[derive(Debug, Default)]
pub(crate) struct Hints(Mutex<HashMap<Arc<str>, Arc<Notify>>>);

impl Hints {
    pub(crate) fn of(&self, endpoint: &str) -> Arc<Notify> {
        let mut hints = lock(&self.0);
        if let Some(hint) = hints.get(endpoint) {
            return Arc::clone(hint);
        }
        let hint = Arc::new(Notify::new());
        hints.insert(endpoint.into(), Arc::clone(&hint));
        hint
    }

    pub(crate) fn wake(&self, endpoints: impl Iterator<Item = Arc<str>>) {
        for endpoint in endpoints {
            self.of(&endpoint).notify_one();
        }
    }

    pub(crate) fn wake_all(&self) {
        for hint in lock(&self.0).values() {
            hint.notify_one();
        }
    }
}
