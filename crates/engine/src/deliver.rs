//! One delivery: an attempt through the layers, and what is told of it. Claiming the work is `dispatch`'s, what follows from an
//! attempt `verdict`'s.

use std::{
    collections::HashSet,
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::FutureExt;
use tidings_core::{Address, DynChannel, Envelope, ErrorKind, Payload, Receipt, SendError, Timestamp};
use tidings_redact::Redactor;
use tidings_store::{Lease, NewDelivery, Note};

use crate::{
    breaker::Breaker,
    ledger::{ChannelLedger, Count, SinkLedger},
    retry::{PATIENCE, RetryPolicy},
    service::Service,
    suspects::Suspects,
    terms::Terms,
    verdict::Refusal,
};

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

    /// Whether both are sinks, or both channels.
    pub(crate) const fn is_like(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Sink(_), Self::Sink(_)) | (Self::Channel(_), Self::Channel(_)))
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
    pub(crate) breaker: Arc<Mutex<Breaker>>,
    pub(crate) suspects: Arc<Mutex<Suspects>>,
    /// Answers that are being written down and are not booked yet.
    pub(crate) settling: Arc<AtomicUsize>,
    /// The addresses that are gone for good; `None` stands for the link as a whole.
    pub(crate) gone: Arc<Mutex<HashSet<Option<Address>>>>,
    pub(crate) service: Service,
}

/// An answer on its way into the store and the books.
pub(crate) struct Settling<'l>(&'l AtomicUsize);

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Link {
    /// Whether users are reached by it.
    pub(crate) const fn is_channel(&self) -> bool {
        matches!(self.owner, Owner::Channel(_))
    }

    /// Says that an answer is being written down, until it is booked: a drain is not over in between.
    pub(crate) fn settling(&self) -> Settling<'_> {
        self.settling.fetch_add(1, SeqCst);
        Settling(&self.settling)
    }

    /// The breaker; held for no longer than a look or a note.
    pub(crate) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has failed and is tried again; held as shortly.
    pub(crate) fn suspects(&self) -> MutexGuard<'_, Suspects> {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Whether a delivery may be too old before it is asked about again.
    pub(crate) fn is_aging(&self, lease: &Lease, now: Timestamp) -> bool {
        now + self.retry.span() + PATIENCE >= self.terms.too_old(lease.made, u32::MAX)
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
