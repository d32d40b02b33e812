//! One delivery: an attempt through the layers, classified, and what follows from it. Claiming the work is `dispatch`'s.

use std::{
    collections::HashSet,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tidings_core::{Address, DynChannel, Envelope, ErrorKind, Payload, Receipt, SendError, Timestamp, Verdict};
use tidings_redact::Redactor;
use tidings_store::{Lease, NewDelivery, Note, Outcome};

use crate::{
    breaker::{Breaker, PROBE_EVERY, is_down},
    ledger::{ChannelLedger, Count, SinkLedger},
    retry::{Next, RetryPolicy, next},
    terms::Terms,
};

/// A receiver that was down through all retries is asked again no sooner and no later than that, jitter aside.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);
const MOST_PATIENCE: Duration = Duration::from_secs(600);

/// By default a delivery that is older than this is not tried again, unless its plan of retries lasts longer.
pub const EXPIRE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// On whose account a link's deliveries go.
#[derive(Clone, Debug)]
pub(crate) enum Owner {
    /// A sink's.
    Sink(Arc<SinkLedger>),
    /// A channel's for users.
    Channel(Arc<ChannelLedger>),
}

impl Owner {
    /// Where what is given up counts.
    pub(crate) fn dead(&self) -> &Count {
        match self {
            Self::Sink(sink) => &sink.dead,
            Self::Channel(channel) => &channel.dead,
        }
    }

    pub(crate) fn delivered(&self) -> &Count {
        match self {
            Self::Sink(sink) => &sink.delivered,
            Self::Channel(channel) => &channel.delivered,
        }
    }

    /// Where what became too old counts: a sink's account has no place of its own for it.
    pub(crate) fn expired(&self) -> &Count {
        match self {
            Self::Sink(sink) => &sink.dead,
            Self::Channel(channel) => &channel.expired,
        }
    }
}

/// A channel with everything that its deliveries need: its layers, its retry plan, how many at a time.
pub(crate) struct Link {
    pub(crate) name: Arc<str>,
    pub(crate) channel: Arc<dyn DynChannel>,
    pub(crate) retry: RetryPolicy,
    pub(crate) concurrency: usize,
    pub(crate) owner: Owner,
    pub(crate) terms: Terms,
    pub(crate) breaker: Mutex<Breaker>,
    /// The addresses that are gone for good; `None` stands for the link as a whole.
    pub(crate) gone: Mutex<HashSet<Option<Address>>>,
}

impl Link {
    /// The breaker; held for no longer than a look or a note.
    pub(crate) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends nothing to this address any more.
    pub(crate) fn disable(&self, address: Option<Address>) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(address);
    }

    /// Sends to this address again.
    pub(crate) fn enable(&self, address: Option<&Address>) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).remove(&address.cloned());
    }

    fn is_disabled(&self, delivery: &NewDelivery) -> bool {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        !gone.is_empty() && (gone.contains(&delivery.to) || gone.contains(&None))
    }

    /// What settles a delivery without an attempt: nobody is there any more, or it is too old.
    pub(crate) fn refusal(&self, lease: &Lease, now: Timestamp) -> Option<Refusal> {
        if self.is_disabled(&lease.delivery) {
            return Some(Refusal::Disabled);
        }
        (now >= self.terms.too_old(lease.made, lease.attempt)).then_some(Refusal::TooOld)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("name", &self.name).field("retry", &self.retry).finish_non_exhaustive()
    }
}

/// One try. A channel that panics has failed for good: the next try would panic again.
pub(crate) async fn attempt(link: &Link, envelope: &Envelope) -> Result<Receipt, SendError> {
    AssertUnwindSafe(async { link.channel.send_boxed(envelope).await })
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(SendError::permanent(ErrorKind::Panic, "the channel panicked")))
}

/// Why a delivery is settled, or put off, without an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The receiver said that the address is gone.
    Disabled,
    /// It is not worth sending any more.
    TooOld,
    /// The endpoint is down, and its plan is over: the fallback's turn.
    Down,
}

impl Refusal {
    /// What the store is told of it.
    pub(crate) fn outcome(self, link: &Link, now: Timestamp) -> Outcome {
        match self {
            Self::Disabled => Outcome::Dead,
            Self::Down if !link.terms.is_patient() => Outcome::Dead,
            Self::TooOld => Outcome::Expired,
            // Where its fallbacks are used already there is nothing to do but to wait: no reason to look at it at every probe.
            Self::Down => Outcome::YieldOr { due: now + patience(&link.retry, 0.0).max(PROBE_EVERY) },
        }
    }

    /// What the log is told of it.
    pub(crate) fn note(self) -> Note {
        let (kind, text) = match self {
            Self::Disabled => ("disabled", "the receiver said before that this address is gone"),
            Self::TooOld => ("expired", "it is too old to be worth sending"),
            Self::Down => ("down", "the endpoint is down, and the time of all retries is over"),
        };
        Note { kind: Some(kind), text: Some(text.to_owned()), ..Note::default() }
    }
}

/// What follows from an attempt: the error and the retry plan decide, and the delivery's age. Where the store is durable, a
/// receiver that is down is waited for, unless another channel may stand in.
pub(crate) fn judge(
    link: &Link,
    lease: &Lease,
    answer: &Result<Receipt, SendError>,
    now: Timestamp,
    has_fallback: bool,
) -> Outcome {
    let error = match answer {
        Ok(receipt) => return Outcome::Delivered(receipt.clone()),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::Gone => return Outcome::Gone,
        // Whatever the channel hopes for: no attempt will find an address.
        ErrorKind::NoAddress => return Outcome::Dead,
        _ => {}
    }
    let spread = fastrand::f64() * 2.0 - 1.0;
    match next(&link.retry, lease.attempt, error, spread) {
        // Nobody is connected: another channel is better at once than this one later.
        Next::Retry { after, .. } if error.kind() == ErrorKind::NotConnected => Outcome::YieldOr { due: now + after },
        Next::Retry { after, .. } if has_fallback && is_overdue(lease, error, now, now + after) => {
            Outcome::YieldOr { due: now + after }
        }
        // At the end of the plan it is tried, or gives way behind an endpoint that is down.
        Next::Retry { after, counts } if has_fallback => {
            Outcome::Retry { due: (now + after).min(lease.delivery.expires), counts }
        }
        Next::Retry { after, counts } => {
            let attempt = lease.attempt.saturating_add(counts.into());
            let is_old = now + after >= link.terms.too_old(lease.made, attempt);
            if is_old { Outcome::Expired } else { Outcome::Retry { due: now + after, counts } }
        }
        Next::GiveUp if link.terms.is_patient() && is_down(error) == Some(true) => {
            let due = now + patience(&link.retry, spread);
            let is_old = due >= link.terms.too_old(lease.made, u32::MAX);
            if is_old && !has_fallback { Outcome::Expired } else { Outcome::YieldOr { due } }
        }
        Next::GiveUp => Outcome::Dead,
    }
}

/// Whether the time of all retries is over, or will be before the receiver wants to be asked again.
fn is_overdue(lease: &Lease, error: &SendError, now: Timestamp, due: Timestamp) -> bool {
    let asks_for_time = error.kind() == ErrorKind::RateLimited
        || matches!(error.verdict(), Verdict::Transient { retry_after: Some(_) });
    now >= lease.delivery.expires || (asks_for_time && due > lease.delivery.expires)
}

/// The pause before a receiver is asked again that was down through all of the plan's retries.
fn patience(retry: &RetryPolicy, spread: f64) -> Duration {
    let last = retry.delays.last().copied().unwrap_or_default().clamp(LEAST_PATIENCE, MOST_PATIENCE);
    last.mul_f64(1.0 + 0.2 * spread)
}

/// The log's note on an attempt.
pub(crate) fn note(link: &Link, answer: &Result<Receipt, SendError>, took: Duration) -> Note {
    let attempts = u32::try_from(link.retry.delays.len()).unwrap_or(u32::MAX).saturating_add(1);
    match answer {
        Ok(receipt) => Note { kind: None, code: receipt.code, text: receipt.detail.clone(), took, attempts },
        Err(error) => {
            let code = if let ErrorKind::Status(code) = error.kind() { Some(code) } else { None };
            Note { kind: Some(error.kind().as_str()), code, text: Some(full_text(error)), took, attempts }
        }
    }
}

/// The error with its causes.
fn full_text(error: &SendError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A message's name for people: an event's type, a notification's title without its secrets.
pub(crate) fn what(payload: &Payload) -> String {
    match payload {
        Payload::Event(event) => event.event_type.clone(),
        Payload::Notification(told) => Redactor::default().redact_text(&told.title).into_owned(),
        _ => "message".to_owned(),
    }
}
