//! Counts as things happen, on any thread. What the counts mean stands in `account`.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

use serde::Serialize;
use tidings_core::{DeliveryId, Severity, Timestamp};
use tidings_store::Pending;

use crate::{
    account::{ChannelAccount, DeliveryAccount, EventAccount, NotificationAccount, SinkAccount},
    queue::Tally,
};

/// How many undelivered messages are kept by name.
pub(crate) const NAMED: usize = 100;
/// A warning about shed events is repeated at most so often.
const WARN_EVERY_NANOS: i64 = 10_000_000_000;

/// A counter, on a cache line of its own: the worker and a callback's thread count side by side.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    /// Takes so much back; `false` if there is not so much, since everything was taken back before.
    pub(crate) fn sub(&self, count: u64) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |value| value.checked_sub(count)).is_ok()
    }

    /// Takes everything back.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Relaxed)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A message that did not get through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The sink or channel.
    pub endpoint: String,
    /// Its delivery, where it had one of its own.
    pub delivery: Option<DeliveryId>,
    /// What it was: an event's type or a notification's title.
    pub what: String,
    /// Why: the last error, or `stopped`.
    pub reason: String,
}

/// Counts of one sink.
#[derive(Debug, Default)]
pub(crate) struct SinkLedger {
    pub(crate) matched: Count,
    pub(crate) delivered: Count,
    pub(crate) dead: Count,
    pub(crate) shed: Count,
}

impl SinkLedger {
    pub(crate) fn account(&self, waiting: u64) -> SinkAccount {
        SinkAccount {
            matched: self.matched.get(),
            delivered: self.delivered.get(),
            dead: self.dead.get(),
            shed: self.shed.get(),
            waiting,
        }
    }

    /// The account of a sink that reads from a durable store: what it wants and has not called waits there.
    pub(crate) fn of_backlog(&self) -> SinkAccount {
        // What has ended is read first: each event is counted before it is called.
        let (delivered, dead, shed) = (self.delivered.get(), self.dead.get(), self.shed.get());
        let matched = self.matched.get();
        SinkAccount { matched, delivered, dead, shed, waiting: matched.saturating_sub(delivered + dead + shed) }
    }

    pub(crate) fn shed(&self, name: &str, severity: Severity) {
        self.shed.add(1);
        metrics::counter!("tidings_sink_shed_total", "sink" => name.to_owned(), "severity" => severity.as_str())
            .increment(1);
    }
}

/// Counts of one channel for users.
#[derive(Debug, Default)]
pub(crate) struct ChannelLedger {
    pub(crate) delivered: Count,
    pub(crate) dead: Count,
    pub(crate) expired: Count,
}

impl ChannelLedger {
    pub(crate) fn account(&self, waiting: u64) -> ChannelAccount {
        let (delivered, dead, expired) = (self.delivered.get(), self.dead.get(), self.expired.get());
        ChannelAccount { delivered, dead, expired, waiting }
    }
}

/// All counts that are not a sink's, a channel's or a rule's.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Events that `accept` took; what `emit` was offered and shed is counted by its queue.
    pub(crate) accepted: Count,
    /// Events that a stop left unplanned.
    pub(crate) stopped: Count,
    pub(crate) refused: Count,
    pub(crate) duplicate: Count,
    pub(crate) planned: Count,
    pub(crate) made: Count,
    pub(crate) repeated: Count,
    pub(crate) denied: Count,
    pub(crate) silenced: Count,
    /// Those that waited until nobody wanted them any more.
    pub(crate) withdrawn: Count,
    /// Those that were told in a digest, or left out of it.
    pub(crate) digested: Count,
    pub(crate) told: Count,
    pub(crate) deliveries: Count,
    undelivered: Mutex<VecDeque<Undelivered>>,
    warned: AtomicI64,
}

impl Ledger {
    /// The account of the events: those that `emit` took, by its queue, and the `inbound` ones that `accept` took.
    pub(crate) fn events(&self, emitted: Tally, inbound: u64) -> EventAccount {
        let refused = self.refused.get();
        EventAccount {
            offered: emitted.offered + self.accepted.get() + refused,
            shed: emitted.shed.iter().sum::<u64>() + self.stopped.get(),
            refused,
            duplicate: self.duplicate.get(),
            planned: self.planned.get(),
            waiting: emitted.outstanding + inbound,
        }
    }

    pub(crate) fn notifications(&self) -> NotificationAccount {
        NotificationAccount {
            made: self.made.get(),
            duplicate: self.repeated.get(),
            silenced: self.silenced.get(),
            denied: self.denied.get(),
            planned: self.told.get(),
        }
    }

    pub(crate) fn deliveries<'a>(
        &self,
        pending: Pending,
        channels: impl Iterator<Item = &'a ChannelAccount>,
    ) -> DeliveryAccount {
        let mut account = DeliveryAccount {
            made: self.deliveries.get(),
            held: pending.held + self.withdrawn.get(),
            digested: pending.digested + self.digested.get(),
            // What the store had to give up by itself.
            dead: pending.lost,
            ..DeliveryAccount::default()
        };
        for channel in channels {
            account.delivered += channel.delivered;
            account.dead += channel.dead;
            account.expired += channel.expired;
            account.waiting += channel.waiting;
        }
        account
    }

    /// Tells the metrics of a shed event, and the caller whether it is time to warn of it again.
    pub(crate) fn shed_event(&self, severity: Severity, now: Timestamp) -> bool {
        metrics::counter!("tidings_events_shed_total", "severity" => severity.as_str()).increment(1);
        let (now, last) = (now.as_nanos(), self.warned.load(Relaxed));
        let due = now.saturating_sub(last) >= WARN_EVERY_NANOS;
        due && self.warned.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
    }

    /// Keeps the name of what did not get through; the oldest names go first.
    pub(crate) fn name_undelivered(&self, undelivered: Undelivered) {
        let mut list = self.undelivered.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() == NAMED {
            list.pop_front();
        }
        list.push_back(undelivered);
    }

    /// Keeps the name of what waited and is lost, which pushes out no failure.
    pub(crate) fn name_waiting(&self, waiting: Undelivered) {
        let mut list = self.undelivered.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() < NAMED {
            list.push_back(waiting);
        }
    }

    /// Names what an in-process sink had not done when it was stopped.
    pub(crate) fn name_stopped(&self, sink: &str, left: u64) {
        if left > 0 {
            self.name_undelivered(Undelivered {
                endpoint: sink.to_owned(),
                delivery: None,
                what: format!("{left} events"),
                reason: "stopped".to_owned(),
            });
        }
    }

    pub(crate) fn undelivered(&self) -> Vec<Undelivered> {
        self.undelivered.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
