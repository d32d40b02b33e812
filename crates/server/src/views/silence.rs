//! A silence, and how it stands at a moment. What one covers is the policy's.

use serde_json::{Value, json};
use tidings::{Timestamp, policy::Silence};

/// A silence as it stands at this moment.
#[must_use]
pub fn silence(silence: &Silence, now: Timestamp) -> Value {
    let state = silence_state(silence, now);
    json!({
        "id": silence.id, "active": state == "active", "state": state, "matcher": silence.matcher,
        "from": silence.from, "until": silence.until, "author": silence.author, "reason": silence.reason,
    })
}

/// `active`, `to come` or `over`.
#[must_use]
pub fn silence_state(silence: &Silence, now: Timestamp) -> &'static str {
    match () {
        () if silence.until <= now => "over",
        () if now < silence.from => "to come",
        () => "active",
    }
}
