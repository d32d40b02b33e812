//! What came of an attempt, in the words of the channel seam. Source of the classes: spec/delivery.md, "Retry".

use std::error::Error;

use http::StatusCode;
use tidings_core::{ErrorKind, Receipt, SendError, Timestamp, Verdict};

use super::{answer::Answer, retry_after};
use crate::Blocked;

/// Judges an answer by its status.
pub(super) fn status(answer: &Answer, detail: Option<String>, now: Timestamp) -> Result<Receipt, SendError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(Receipt { code: Some(status.as_u16()), detail });
    }
    let verdict = if may_heal(status) {
        Verdict::Transient { retry_after: retry_after::read(&answer.headers, now) }
    } else {
        Verdict::Permanent
    };
    Err(SendError::new(verdict, kind(status), message(status, detail.as_deref())))
}

/// A destination that the guard refused. A name without an address may get one: that heals, a refusal does not.
pub(super) fn refused(blocked: &Blocked) -> SendError {
    if blocked.why() == "unresolved" {
        SendError::transient(ErrorKind::Connect, blocked.to_string())
    } else {
        SendError::permanent(ErrorKind::Destination, blocked.to_string())
    }
}

/// An attempt without an answer. The error's own text would hold the URL, so only its cause is kept.
pub(super) fn failed(error: reqwest::Error) -> SendError {
    let error = error.without_url();
    if let Some(blocked) = cause::<Blocked>(&error) {
        return refused(blocked);
    }
    let failure = if error.is_timeout() {
        SendError::transient(ErrorKind::Timeout, "the receiver did not answer in time")
    } else if error.is_connect() {
        SendError::transient(ErrorKind::Connect, "cannot connect to the receiver")
    } else if error.is_builder() {
        SendError::permanent(ErrorKind::Other, "the request cannot be built")
    } else {
        SendError::unknown(ErrorKind::Reset, "the connection broke before the receiver's answer was complete")
    };
    failure.caused_by(error)
}

fn may_heal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500..)
}

fn kind(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::GONE => ErrorKind::Gone,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        other => ErrorKind::Status(other.as_u16()),
    }
}

fn message(status: StatusCode, detail: Option<&str>) -> String {
    let advice = if status.is_redirection() { "; redirects are not followed, give the final URL" } else { "" };
    let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("the receiver answered {status}{advice}{detail}")
}

/// The first error of this type down the chain.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
