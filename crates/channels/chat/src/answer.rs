//! What a service's answer means where its status alone does not tell: failures behind a 2xx, waits in a body, webhooks that were removed.
//! Statuses are judged by the HTTP client already.

use std::time::Duration;

use serde_json::Value;
use tidings_core::{ErrorKind, Receipt, SendError, Verdict};
use tidings_http::Exchange;

use crate::target::Target;

/// The longest wait that is believed, as with the header.
const LONGEST: f64 = 24.0 * 3600.0;
/// What a connector of Teams says, with status 200, of a message that did not arrive.
const TEAMS_FAILED: &str = "Webhook message delivery failed";
/// The code of a webhook that is not there. Source: Discord, "Opcodes and status codes".
const UNKNOWN_WEBHOOK: u64 = 10_015;
/// What Slack says of a webhook that was removed. Source: Slack, "Sending messages using incoming webhooks", errors.
const SLACK_REMOVED: [&str; 4] = ["no_service", "no_active_hooks", "no_team", "channel_not_found"];

/// The outcome in this service's words.
pub(crate) fn judge(target: &Target, exchange: Exchange) -> Result<Receipt, SendError> {
    let Exchange { outcome, body } = exchange;
    match outcome {
        Ok(receipt) => taken(target, receipt, &body),
        Err(error) => Err(refused(target, error, &body)),
    }
}

/// A 2xx: it may tell of a failure all the same.
fn taken(target: &Target, receipt: Receipt, body: &[u8]) -> Result<Receipt, SendError> {
    let json = json(body);
    let failed = match target {
        Target::Teams { .. } => teams(&String::from_utf8_lossy(body)),
        Target::Telegram { .. } if json["ok"] == false => Some(verdict(status(&json["error_code"]), wait(&json))),
        Target::Slack { .. } if json["ok"] == false => Some(verdict(None, None)),
        Target::Pushover { .. } if json["status"] == 0 => Some(verdict(None, None)),
        _ => None,
    };
    match failed {
        Some((verdict, kind)) => {
            let said = receipt.detail.unwrap_or_default();
            Err(SendError::new(verdict, kind, format!("the receiver answered 2xx, and that it failed: {said}")))
        }
        None => Ok(Receipt { detail: kept(target, receipt.detail, &json), ..receipt }),
    }
}

/// What is kept of a good answer: Telegram's names the person.
fn kept(target: &Target, detail: Option<String>, json: &Value) -> Option<String> {
    match target {
        Target::Telegram { .. } => json["result"]["message_id"].as_i64().map(|id| format!("message {id}")),
        _ => detail,
    }
}

/// A failure of a connector; without a status it did not come as far as Teams, and may heal.
fn teams(said: &str) -> Option<(Verdict, ErrorKind)> {
    let (_, behind) =
        said.trim_start().strip_prefix(TEAMS_FAILED).map(|rest| rest.split_once("HTTP error ").unwrap_or_default())?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    Some(match digits.parse() {
        Ok(status) => verdict(Some(status), None),
        Err(_) => (Verdict::Transient { retry_after: None }, ErrorKind::Other),
    })
}

/// What a status in a body means: the same as one in the head.
const fn verdict(status: Option<u16>, retry_after: Option<Duration>) -> (Verdict, ErrorKind) {
    let soon = Verdict::Transient { retry_after };
    match status {
        Some(429) => (soon, ErrorKind::RateLimited),
        Some(status @ (408 | 425 | 500..)) => (soon, ErrorKind::Status(status)),
        Some(status) => (Verdict::Permanent, ErrorKind::Status(status)),
        None => (Verdict::Permanent, ErrorKind::Other),
    }
}

/// An error: the wait may stand in its body, and a webhook that was removed has an answer of its own.
fn refused(target: &Target, error: SendError, body: &[u8]) -> SendError {
    match (error.verdict(), error.kind()) {
        (Verdict::Transient { retry_after: None }, ErrorKind::RateLimited) if tells_wait(target) => {
            let retry_after = wait(&json(body));
            SendError::new(Verdict::Transient { retry_after }, ErrorKind::RateLimited, error.message())
        }
        (Verdict::Permanent, ErrorKind::Status(404)) if is_removed(target, body) => {
            SendError::permanent(ErrorKind::Gone, error.message())
        }
        _ => error,
    }
}

/// Whose bodies tell how long to wait. Sources: Discord, "Rate limits"; Telegram Bot API, `ResponseParameters`.
const fn tells_wait(target: &Target) -> bool {
    matches!(target, Target::Discord { .. } | Target::Telegram { .. })
}

/// Whether this 404 says that the webhook was removed, not that a proxy stands in the way.
fn is_removed(target: &Target, body: &[u8]) -> bool {
    match target {
        Target::Discord { .. } => json(body)["code"] == UNKNOWN_WEBHOOK,
        Target::Slack { .. } => SLACK_REMOVED.contains(&String::from_utf8_lossy(body).trim()),
        _ => false,
    }
}

/// The seconds that the body asks for, at its top or among Telegram's parameters.
fn wait(json: &Value) -> Option<Duration> {
    let seconds = json["retry_after"].as_f64().or_else(|| json["parameters"]["retry_after"].as_f64())?;
    Duration::try_from_secs_f64(seconds.min(LONGEST)).ok()
}

fn status(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|status| u16::try_from(status).ok())
}

/// The body, where it is JSON; null otherwise.
fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
