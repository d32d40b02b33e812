//! Moments and reasons as a test tells them: times from its start on. Which reason is told is decided elsewhere.

use std::time::Duration;

use tidings::{
    Happening, Timestamp, What,
    config::tests_file::Test,
    policy::{Delay, Muted, PreferenceLayer, Reason, Wait},
};

/// The longest text that is told.
const LONGEST: usize = 200;

/// A text from outside, on one line, in quotes.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = if text.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("`{short}{cut}`")
}

/// A moment from the test's start on; what is an hour or more away by its time as well.
pub(super) fn moment(test: &Test, at: Timestamp) -> String {
    let span = at.since(test.start);
    let after = spelled(span);
    if span < Duration::from_secs(3_600) {
        return after;
    }
    let time = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos()));
    time.map_or_else(|_| after.clone(), |time| format!("{after} ({time})"))
}

/// A span as tests write it: `1h30m`.
fn spelled(span: Duration) -> String {
    let seconds = span.as_secs();
    let millis = u64::from(span.subsec_millis());
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (millis, "ms"),
    ];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Why something was not told, or not yet, as it stands behind "it"; `None` where nothing was kept back.
pub(super) fn why(test: &Test, happening: &Happening<'_>) -> Option<String> {
    let user = happening.user.unwrap_or_default();
    Some(match happening.what {
        What::Cooldown => "rested: the rule was in its cooldown".to_owned(),
        What::Duplicate { .. } => "was left out: the same was told within the dedup window".to_owned(),
        What::Untold => "was left out: of what it ends nobody was told".to_owned(),
        What::Silenced => "was silenced".to_owned(),
        What::Denied(muted) => format!("was not wanted: {}", denied(muted, user)),
        What::Held(wait) | What::Delayed(wait) => format!("was held until {}", waits(test, wait, user)),
        What::Digested(wait) => format!("was put into a digest for {}", waits(test, wait, user)),
        What::Dropped => "was over before its digest went out".to_owned(),
        What::Withdrawn => "was not wanted any more when its moment came".to_owned(),
        What::Gathered { .. } => format!("was told in a digest at {}", moment(test, happening.at)),
        _ => return None,
    })
}

fn waits(test: &Test, wait: &Wait, user: &str) -> String {
    let what = match wait.why {
        Delay::Snooze => "snooze",
        Delay::QuietHours => "quiet hours",
        Delay::Digest => "digest",
        Delay::Storm => "storm breaker",
        _ => "wish",
    };
    format!("{} by {} {what}", moment(test, wait.until), whose(wait.layer, user))
}

/// Whose word it was.
fn whose(layer: PreferenceLayer, user: &str) -> String {
    match layer {
        PreferenceLayer::User | PreferenceLayer::UserAgent => format!("{}'s", plain(user)),
        PreferenceLayer::Operator | PreferenceLayer::OperatorAgent => "the operator's".to_owned(),
        PreferenceLayer::Mandatory | PreferenceLayer::BuiltIn => "the built-in".to_owned(),
    }
}

fn denied(muted: &[Muted], user: &str) -> String {
    let one = |muted: &Muted| {
        let channel = plain(&muted.channel);
        let what = match muted.reason {
            Reason::ChannelOff => format!("{channel} is off"),
            Reason::BelowMinPriority => format!("{channel} takes only what is of higher priority"),
            Reason::TopicOff => "its topic is off".to_owned(),
            Reason::QuietHours => format!("{channel} drops it within quiet hours"),
            Reason::Silenced => "it is silenced".to_owned(),
            _ => format!("not on {channel}"),
        };
        format!("{what} by {} word", whose(muted.layer, user))
    };
    muted.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A name from outside, without what could move the cursor.
pub(super) fn plain(text: &str) -> String {
    crate::output::plain(text)
}
