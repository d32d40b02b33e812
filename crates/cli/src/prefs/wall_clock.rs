//! What was decided, in words for people; and moments as somebody's clock shows them. Who decides is the policy's knowledge.

use jiff::tz::TimeZone;
use serde_json::Value;
use tidings::{
    Timestamp,
    policy::{Delay, PreferenceLayer, Reason, Verdict},
};

/// Whose word it was.
pub(crate) const fn layer(layer: PreferenceLayer) -> &'static str {
    match layer {
        PreferenceLayer::Mandatory => "the rule: it is mandatory",
        PreferenceLayer::UserAgent => "the person, for this agent",
        PreferenceLayer::User => "the person",
        PreferenceLayer::OperatorAgent => "the operator, for this agent",
        PreferenceLayer::Operator => "the operator",
        PreferenceLayer::BuiltIn => "the built-in default",
    }
}

/// Why it is so.
pub(crate) fn why(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Send => "nothing is against it".to_owned(),
        Verdict::Hold { why, .. } => delay(*why).to_owned(),
        Verdict::Digest { channel: Some(channel), why, .. } => {
            format!("{}: told in a digest on {channel}", delay(*why))
        }
        Verdict::Digest { why, .. } => delay(*why).to_owned(),
        Verdict::Deny(reason) => denied(*reason).to_owned(),
        _ => "unknown".to_owned(),
    }
}

const fn delay(why: Delay) -> &'static str {
    match why {
        Delay::Snooze => "snoozed",
        Delay::QuietHours => "quiet hours",
        Delay::Digest => "collected",
        Delay::Storm => "too much of one rule at once: told in a summary",
        _ => "delayed",
    }
}

const fn denied(reason: Reason) -> &'static str {
    match reason {
        Reason::ChannelOff => "the channel is off",
        Reason::BelowMinPriority => "its priority is too low",
        Reason::TopicOff => "the topic is off",
        Reason::QuietHours => "quiet hours, in which nothing is kept for later",
        Reason::Silenced => "a silence covers it",
        _ => "not wanted",
    }
}

/// The decision's word.
pub(crate) const fn decision(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Send => "allow",
        Verdict::Hold { .. } => "hold",
        Verdict::Digest { .. } => "digest",
        Verdict::Deny(_) => "deny",
        _ => "unknown",
    }
}

/// Why it is so, for programs; `None` where nothing is against it.
pub(crate) fn reason(verdict: &Verdict) -> Option<Value> {
    match verdict {
        Verdict::Hold { why, .. } | Verdict::Digest { why, .. } => serde_json::to_value(why).ok(),
        Verdict::Deny(reason) => serde_json::to_value(reason).ok(),
        _ => None,
    }
}

/// The end of a delay, where there is one.
pub(crate) const fn until(verdict: &Verdict) -> Option<Timestamp> {
    match verdict {
        Verdict::Hold { until, .. } => Some(*until),
        Verdict::Digest { window, .. } => Some(window.until),
        _ => None,
    }
}

/// A moment by a zone's clock, with how far that is from UTC: `2026-03-29 09:00:00 +02:00`.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    let moment = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())).unwrap_or_default();
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

#[cfg(test)]
mod tests {
    use tidings::policy::time_zone;

    use super::*;

    #[test]
    fn a_moment_is_told_as_the_clock_on_the_wall_shows_it() {
        let check = |zone: &str, seconds: i64, expected: &str| {
            assert_eq!(local(Timestamp::from_secs(seconds), &time_zone(zone).unwrap()), expected);
        };
        // The clock is put forward in Zurich on 29 March 2026, at 01:00 UTC.
        check("Europe/Zurich", 1_774_745_999, "2026-03-29 01:59:59 +01:00");
        check("Europe/Zurich", 1_774_746_000, "2026-03-29 03:00:00 +02:00");
        check("Asia/Kolkata", 0, "1970-01-01 05:30:00 +05:30");
        check("UTC", 0, "1970-01-01 00:00:00 +00:00");
        assert!(!local(Timestamp::MAX, &TimeZone::UTC).is_empty());
    }
}
