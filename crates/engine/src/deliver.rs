//! One delivery: an attempt through the layers, classified, and what follows from it. Claiming the work is `dispatch`'s.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tidings_core::{DynChannel, Envelope, ErrorKind, Payload, Receipt, SendError, Timestamp};
use tidings_redact::Redactor;
use tidings_store::{Lease, Outcome};

use crate::{
    ledger::{ChannelLedger, Count, Ledger, SinkLedger, Undelivered},
    retry::{Next, RetryPolicy, next},
};

/// A delivery that is older than this is not tried again.
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

    fn delivered(&self) -> &Count {
        match self {
            Self::Sink(sink) => &sink.delivered,
            Self::Channel(channel) => &channel.delivered,
        }
    }

    /// Where what became too old counts: a sink's account has no place of its own for it.
    fn expired(&self) -> &Count {
        match self {
            Self::Sink(sink) => &sink.dead,
            Self::Channel(channel) => &channel.expired,
        }
    }
}

/// A channel with everything that its deliveries need: its layers, its retry plan, how many at a time.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) name: Arc<str>,
    pub(crate) channel: Arc<dyn DynChannel>,
    pub(crate) retry: RetryPolicy,
    pub(crate) concurrency: usize,
    pub(crate) owner: Owner,
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

/// What follows from an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Delivered(Receipt),
    Retry { due: Timestamp, counts: bool },
    Dead,
    Expired,
}

impl Verdict {
    /// What the store is told.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Delivered(receipt) => Outcome::Delivered(receipt.clone()),
            Self::Retry { due, counts } => Outcome::Retry { due: *due, counts: *counts },
            Self::Dead | Self::Expired => Outcome::Dead,
        }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Retry { .. } => "retry",
            Self::Dead => "dead",
            Self::Expired => "expired",
        }
    }
}

/// Judges an attempt: the error and the retry plan decide, and the delivery's age.
pub(crate) fn judge(link: &Link, lease: &Lease, answer: &Result<Receipt, SendError>, now: Timestamp) -> Verdict {
    let error = match answer {
        Ok(receipt) => return Verdict::Delivered(receipt.clone()),
        Err(error) => error,
    };
    match next(&link.retry, lease.attempt, error, fastrand::f64() * 2.0 - 1.0) {
        Next::GiveUp => Verdict::Dead,
        Next::Retry { after, .. } if (now + after).since(lease.delivery.due) >= EXPIRE_AFTER => Verdict::Expired,
        Next::Retry { after, counts } => Verdict::Retry { due: now + after, counts },
    }
}

/// Books what became of a delivery.
pub(crate) fn book(link: &Link, ledger: &Ledger, lease: &Lease, verdict: &Verdict, error: Option<&SendError>) {
    let outcome = verdict.as_str();
    metrics::counter!("tidings_attempts_total", "endpoint" => link.name.to_string(), "outcome" => outcome).increment(1);
    let (endpoint, delivery, attempt) = (&*link.name, lease.delivery.id, lease.attempt);
    let error = error.map(full_text).unwrap_or_default();
    match verdict {
        Verdict::Delivered(_) => return link.owner.delivered().add(1),
        Verdict::Retry { due, .. } => {
            return tracing::info!(endpoint, %delivery, attempt, ?due, "again later: {error}");
        }
        Verdict::Dead => link.owner.dead().add(1),
        Verdict::Expired => link.owner.expired().add(1),
    }
    tracing::warn!(endpoint, %delivery, attempt, "given up: {error}");
    ledger.name_undelivered(Undelivered {
        endpoint: endpoint.to_owned(),
        delivery: Some(delivery),
        what: what(&lease.delivery.payload),
        reason: format!("{error} (attempt {attempt})"),
    });
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
