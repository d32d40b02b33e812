//! What follows from an attempt, or from the lack of one: again, given up, or another channel's turn. Pure but for the jitter; who
//! writes it down is `dispatch`'s, which fallbacks there are `tell`'s.

use std::time::Duration;

use tidings_core::{ErrorKind, Receipt, SendError, Timestamp, Verdict};
use tidings_policy::{Delay, Muted};
use tidings_store::{Lease, Note, Outcome};

use crate::{
    breaker::{Health, PROBE_EVERY, is_down},
    deliver::Link,
    retry::{Next, PATIENCE, RetryPolicy, next},
};

/// A receiver that was down through all retries is asked again no sooner and no later than that, jitter and its own wish aside.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);
const MOST_PATIENCE: Duration = Duration::from_secs(600);

/// Why a delivery is settled, or put off, without an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The receiver said that the address is gone.
    Disabled,
    /// It is not worth sending any more.
    TooOld,
    /// The endpoint is down, and its plan is over: the fallback's turn.
    Down,
    /// Its user is not to be disturbed until then.
    Held { until: Timestamp, why: Delay },
    /// Its user does not want it there any more.
    Unwanted(Muted),
}

impl Refusal {
    /// How the log calls what holds a delivery.
    pub(crate) const HOLDS: [&'static str; 2] = ["snooze", "quiet_hours"];

    /// What the store is told of it.
    pub(crate) fn outcome(&self, link: &Link, now: Timestamp) -> Outcome {
        match self {
            Self::Disabled => Outcome::Dead,
            Self::Down if !link.terms.is_patient() => Outcome::Dead,
            Self::TooOld => Outcome::Expired,
            Self::Held { until, .. } => Outcome::Retry { due: *until, counts: false },
            Self::Unwanted(muted) => Outcome::Withdrawn(muted.clone()),
            // Where its fallbacks are used already there is nothing to do but to wait: no reason to look at it at every probe.
            Self::Down => Outcome::YieldOr { due: now + last_pause(&link.retry).max(PROBE_EVERY), counts: true },
        }
    }

    /// What the log is told of it.
    pub(crate) fn note(&self) -> Note {
        let (kind, text) = match self {
            Self::Disabled => ("disabled", "the receiver said before that this address is gone".to_owned()),
            Self::TooOld => ("expired", "it is too old to be worth sending".to_owned()),
            Self::Down => ("down", "the endpoint is down, and the time of all retries is over".to_owned()),
            Self::Held { until, why: Delay::Snooze } => ("snooze", format!("its user sleeps until {}", told(*until))),
            Self::Held { until, .. } => ("quiet_hours", format!("it is held until {}", told(*until))),
            Self::Unwanted(_) => ("unwanted", "its user does not want it there any more".to_owned()),
        };
        Note { kind: Some(kind), text: Some(text), ..Note::default() }
    }
}

/// A moment, for people.
pub(crate) fn told(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_secs()).unwrap_or_default().to_string()
}

/// An attempt that was answered, and how things stand.
pub(crate) struct Answered<'a> {
    pub(crate) lease: &'a Lease,
    pub(crate) answer: &'a Result<Receipt, SendError>,
    pub(crate) now: Timestamp,
    /// Whether another channel may stand in.
    pub(crate) has_fallback: bool,
    /// How often the endpoint took others between two failures of this one.
    pub(crate) alone: u32,
}

/// What follows from an attempt: the error and the retry plan decide, and the delivery's age. Where the store is durable, a
/// receiver that is down is waited for, unless another channel may stand in.
pub(crate) fn judge(link: &Link, answered: &Answered<'_>) -> Outcome {
    let &Answered { lease, now, has_fallback, .. } = answered;
    let error = match answered.answer {
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
        Next::Retry { after, counts } if error.kind() == ErrorKind::NotConnected => {
            Outcome::YieldOr { due: now + after, counts }
        }
        Next::Retry { after, counts } if has_fallback && is_overdue(lease, error, now, now + after) => {
            Outcome::YieldOr { due: now + after, counts }
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
        Next::GiveUp if link.terms.is_patient() && is_down(error) == Some(true) && !is_to_blame(link, answered) => {
            let due = now + patience(link, lease.attempt, error, spread);
            let is_old = due >= link.terms.too_old(lease.made, u32::MAX);
            if is_old && !has_fallback { Outcome::Expired } else { Outcome::YieldOr { due, counts: true } }
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

/// Whether it fails by itself, since the endpoint is up: between its failures others got through, as often as its plan has retries.
fn is_to_blame(link: &Link, answered: &Answered<'_>) -> bool {
    answered.alone as usize >= link.retry.delays.len().max(1)
}

/// The pause before a receiver is asked again that was down through all of the plan's retries; never less than it wishes, as far as
/// a wish is followed. It doubles while others get through. Once they do not, the breaker spares the receiver, and a longer pause
/// would only be told later that it is back.
fn patience(link: &Link, attempt: u32, error: &SendError, spread: f64) -> Duration {
    let last = last_pause(&link.retry);
    let retries = u32::try_from(link.retry.delays.len()).unwrap_or(u32::MAX);
    let beyond = attempt.saturating_sub(retries.saturating_add(1));
    let doublings = if link.breaker().health() == Health::Up { beyond } else { 0 };
    let pause = last.saturating_mul(2u32.saturating_pow(doublings)).min(MOST_PATIENCE);
    let wish = if let Verdict::Transient { retry_after } = error.verdict() { retry_after } else { None };
    pause.mul_f64(1.0 + 0.2 * spread).max(wish.unwrap_or_default().min(last + PATIENCE))
}

fn last_pause(retry: &RetryPolicy) -> Duration {
    retry.delays.last().copied().unwrap_or_default().clamp(LEAST_PATIENCE, MOST_PATIENCE)
}

#[cfg(test)]
mod tests;
