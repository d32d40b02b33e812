//! The memory of all keys: bounded, and atomic for each. The verdict on one key is left to `seen`.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::{notification::RemovalCause, ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use tidings_core::{IncidentId, Notification, NotificationId, NotificationKind, Timestamp};

use crate::seen::Seen;

/// The verdict on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// New: send it.
    First {
        /// How many duplicates of its key were swallowed and not told yet: "3 more suppressed".
        suppressed: u32,
    },
    /// A repeat within the window: do not send it.
    Duplicate {
        /// The message that it repeats.
        of: NotificationId,
    },
}

/// First or duplicate, by key, within a window. Cheap to clone; clones share one memory.
///
/// Time is only what callers say: a virtual clock works, nothing expires by the wall clock. When `capacity` keys are held, the
/// one that was asked for longest ago makes room; if its window was still open that is counted, see [`Dedup::live_evictions`].
#[derive(Clone)]
pub struct Dedup {
    window: Duration,
    seen: Cache<String, Seen>,
    watch: Arc<Watch>,
}

/// What the eviction listener needs to know whether an eviction hurts.
#[derive(Debug)]
struct Watch {
    /// In nanoseconds.
    window: AtomicU64,
    latest: AtomicI64,
    live_evictions: AtomicU64,
}

impl Dedup {
    /// A memory of at most `capacity` keys (at least one), each blocking repeats for `window` from its first message.
    #[must_use]
    pub fn new(window: Duration, capacity: u64) -> Self {
        let watch = Arc::new(Watch {
            window: AtomicU64::new(nanoseconds(window)),
            latest: AtomicI64::new(i64::MIN),
            live_evictions: AtomicU64::new(0),
        });
        let listener = Arc::clone(&watch);
        let seen = Cache::builder()
            .max_capacity(capacity.max(1))
            // The default policy may refuse new keys when full: then every repeat of them would pass.
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, seen, cause| listener.evicted(seen, cause))
            .build();
        Self { window, seen, watch }
    }

    /// The same memory with another window, from the next question on.
    #[must_use]
    pub fn within(&self, window: Duration) -> Self {
        self.watch.window.store(nanoseconds(window), Ordering::Relaxed);
        Self { window, ..self.clone() }
    }

    /// Whether the notification is the first of its `dedup_key` within the window, or a repeat.
    ///
    /// Exactly at the window's end it still is a repeat. One of a higher priority passes and opens a new window. A `now` earlier
    /// than the first message starts its window again from there, so that a clock set back never blocks for longer than a window.
    /// A resolve is never a repeat: it passes, and frees the key if that stands for its incident, so that the next one is told.
    /// Whether it was told before, and its firing at all, is for the store to know.
    ///
    /// Atomic: of any number of callers with the same key at the same time exactly one hears [`Admit::First`].
    #[must_use]
    pub fn admit(&self, notification: &Notification, now: Timestamp) -> Admit {
        self.watch.latest.fetch_max(now.as_nanos(), Ordering::Relaxed);
        let mut verdict = Admit::First { suppressed: 0 };
        if notification.kind == NotificationKind::Resolved {
            self.resolve(&notification.dedup_key, notification.incident);
            return verdict;
        }
        self.seen.entry_by_ref(&notification.dedup_key).and_compute_with(|entry| {
            let before = entry.map(moka::Entry::into_value);
            let (after, admit) = Seen::admit(before, notification, now, self.window);
            verdict = admit;
            Op::Put(after)
        });
        verdict
    }

    /// Frees a key whose message `of` failed everywhere: the next one is a first at any time, and tells what was suppressed.
    /// Does nothing if the key stands for another message by now.
    pub fn release(&self, key: &str, of: NotificationId) {
        self.change(key, |seen| seen.release(of));
    }

    /// How many repeats of `of` were swallowed and not told yet, while its key stands for it: who tells it late tells of them as well,
    /// and says so by [`Dedup::note_told`].
    #[must_use]
    pub fn suppressed_by(&self, key: &str, of: NotificationId) -> u32 {
        self.seen.get(key).map(|seen| seen.suppressed_by(of)).unwrap_or_default()
    }

    /// So many repeats of `of` were told with it: the next message of the key does not tell of them again.
    pub fn note_told(&self, key: &str, of: NotificationId, count: u32) {
        self.change(key, |seen| seen.note_told(of, count));
    }

    /// A store, which knows better, let a message pass that was taken for a repeat: from `at` on the key stands for that one, unless
    /// it stands for another one by now.
    pub fn confirm(&self, notification: &Notification, at: Timestamp) {
        self.seen.entry_by_ref(&notification.dedup_key).and_compute_with(|entry| {
            let before = entry.map(moka::Entry::into_value);
            Seen::confirm(before, notification, at).map_or(Op::Nop, Op::Put)
        });
    }

    fn resolve(&self, key: &str, incident: Option<IncidentId>) {
        self.change(key, |seen| seen.resolve(incident?));
    }

    /// Replaces what is remembered of a key; `None` leaves it as it is.
    fn change(&self, key: &str, change: impl FnOnce(Seen) -> Option<Seen>) {
        self.seen.entry_by_ref(key).and_compute_with(|entry| {
            match entry.and_then(|entry| change(entry.into_value())) {
                Some(after) if after.is_blank() => Op::Remove,
                Some(after) => Op::Put(after),
                None => Op::Nop,
            }
        });
    }

    /// How many keys were forgotten for want of room while their window was open, since the start: repeats of those may have
    /// passed. Anything but 0 says that the capacity is too small.
    #[must_use]
    pub fn live_evictions(&self) -> u64 {
        // The cache evicts by the way; this makes it finish first.
        self.seen.run_pending_tasks();
        self.watch.live_evictions.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Dedup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup")
            .field("window", &self.window)
            .field("keys", &self.seen.entry_count())
            .finish_non_exhaustive()
    }
}

fn nanoseconds(window: Duration) -> u64 {
    u64::try_from(window.as_nanos()).unwrap_or(u64::MAX)
}

impl Watch {
    fn evicted(&self, seen: Seen, cause: RemovalCause) {
        let latest = Timestamp::from_nanos(self.latest.load(Ordering::Relaxed));
        let window = Duration::from_nanos(self.window.load(Ordering::Relaxed));
        if cause == RemovalCause::Size && seen.is_live(latest, window) {
            self.live_evictions.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
