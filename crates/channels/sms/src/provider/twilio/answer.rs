//! What Twilio's answer means for the attempt. Its own words hold the receiver's number, so what is told is said in ours. Source:
//! Twilio's pages on the Messages resource and on errors of the REST API.

use serde_json::Value;
use tidings_core::{ErrorKind, Receipt, SendError, Verdict};
use tidings_http::Exchange;

use crate::{
    Segments,
    callback::{State, Status},
    provider::{Answered, codes},
};

impl Answered {
    /// Reads status and body. A body that cannot be read leaves the verdict to the status.
    pub(super) fn read(exchange: Exchange, segments: Segments) -> Self {
        let body: Value = serde_json::from_slice(&exchange.body).unwrap_or_default();
        match exchange.outcome {
            Ok(receipt) => taken(receipt.code, &body, segments),
            Err(error) => refused(&error, number(&body, "code")),
        }
    }
}

/// A message that Twilio has taken. One that it says has failed already was not sent; an error code says so too, whatever status
/// stands beside it.
fn taken(http: Option<u16>, body: &Value, segments: Segments) -> Answered {
    let status = body.get("status").and_then(Value::as_str).and_then(Status::parse);
    let code = number(body, "error_code").filter(|code| *code != 0);
    let has_arrived = status.map(Status::state) == Some(State::Delivered);
    if status.map(Status::state) == Some(State::Failed) || (code.is_some() && !has_arrived) {
        return failed_at_once(code);
    }
    let sid = body.get("sid").and_then(Value::as_str).filter(|sid| is_message_sid(sid)).unwrap_or("no message SID");
    let status = status.map_or("accepted", Status::as_str);
    Answered {
        result: Ok(Receipt { code: http, detail: Some(format!("{sid} {status}, {segments}")) }),
        opted_out: false,
    }
}

fn failed_at_once(code: Option<u32>) -> Answered {
    let soon = Verdict::Transient { retry_after: None };
    let (verdict, kind) = match code {
        Some(codes::OPTED_OUT) => (Verdict::Permanent, ErrorKind::NoAddress),
        Some(code) if codes::is_too_many(code) => (soon, ErrorKind::RateLimited),
        Some(code) if codes::may_heal(code) => (soon, ErrorKind::Other),
        _ => (Verdict::Permanent, ErrorKind::Other),
    };
    let why = code.map(|code| format!(": {}", codes::told(code))).unwrap_or_default();
    let text = format!("twilio took the message and failed it at once{why}");
    Answered { result: Err(SendError::new(verdict, kind, text)), opted_out: code == Some(codes::OPTED_OUT) }
}

fn refused(error: &SendError, code: Option<u32>) -> Answered {
    let opted_out = code == Some(codes::OPTED_OUT);
    let (verdict, kind) = class(error, code);
    let code = code.map(|code| format!(", {}", codes::told(code))).unwrap_or_default();
    let text = format!("twilio refused the message: {}{code}", status_of(error.kind()));
    Answered { result: Err(SendError::new(verdict, kind, text)), opted_out }
}

/// A fault of Twilio's own may heal whatever the code; otherwise the code goes before the status.
fn class(error: &SendError, code: Option<u32>) -> (Verdict, ErrorKind) {
    match (error.kind(), code) {
        (ErrorKind::Status(500..), _) => (error.verdict(), error.kind()),
        // The user is out of reach here until a START: that takes the fallback at once, and must not disable the number for good.
        (_, Some(codes::OPTED_OUT)) => (Verdict::Permanent, ErrorKind::NoAddress),
        (_, Some(code)) if codes::is_too_many(code) => (transient(error.verdict()), ErrorKind::RateLimited),
        (kind, Some(code)) if codes::is_permanent(code) => (Verdict::Permanent, kind),
        (kind, _) => (error.verdict(), kind),
    }
}

const fn transient(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Transient { retry_after } => Verdict::Transient { retry_after },
        _ => Verdict::Transient { retry_after: None },
    }
}

fn status_of(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::Status(status) => format!("status {status}"),
        ErrorKind::RateLimited => "status 429".to_owned(),
        ErrorKind::Gone => "status 410".to_owned(),
        other => other.as_str().to_owned(),
    }
}

/// A whole number, as such or as text.
fn number(body: &Value, key: &str) -> Option<u32> {
    let value = body.get(key)?;
    value.as_u64().and_then(|number| number.try_into().ok()).or_else(|| value.as_str()?.parse().ok())
}

/// `SM` or `MM` and 32 hex digits: nothing else is kept of what calls itself one.
pub(crate) fn is_message_sid(text: &str) -> bool {
    let digits = text.strip_prefix("SM").or_else(|| text.strip_prefix("MM"));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}
