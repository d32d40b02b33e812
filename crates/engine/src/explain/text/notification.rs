//! A notification for people: what was decided, whose word it was, how it stands.

use tidings_core::NotificationKind;

use super::{Lines, delivery, later};
use crate::explain::told::{Decision, MutedTold, NotificationTold, Repeated, Standing};

pub(super) fn tell(lines: &mut Lines, told: &NotificationTold) {
    let resolves = told.kind == Some(NotificationKind::Resolved);
    let user = told.user.as_deref().unwrap_or("nobody known");
    let end = if resolves { ", the end of an incident" } else { "" };
    lines.add(1, &format!("{} to {user}{}{end}", told.id, origin(told)));
    if let Some(title) = &told.title {
        let priority = told.priority.map(|priority| format!(" ({priority})")).unwrap_or_default();
        lines.add(2, &format!("\"{title}\"{priority}"));
    }
    if let Some(digest) = &told.digest {
        later::tell_digest(lines, digest);
    }
    if let Some(decision) = decision(lines, told) {
        lines.add(2, &format!("{} {decision}", lines.time(told.at)));
    }
    // What was put off says so in the first line of what follows.
    let (first, rest) = told.later.split_at(usize::from(is_put_off(told)).min(told.later.len()));
    first.iter().for_each(|step| later::tell(lines, told, step));
    told.muted.iter().for_each(|muted| lines.add(2, &muted_line(muted)));
    rest.iter().for_each(|step| later::tell(lines, told, step));
    if let Some(until) = told.waits.as_ref().and_then(|waits| waits.until) {
        lines.add(2, &format!("waiting, due at {}", lines.time(until)));
    }
    told.deliveries.iter().for_each(|one| delivery::tell(lines, 2, one));
    if let Some(standing) = &told.standing {
        tell_standing(lines, standing);
    }
}

/// What gave it.
fn origin(told: &NotificationTold) -> String {
    match (&told.rule, &told.digest) {
        (Some(rule), None) => format!(" by rule {rule}"),
        (Some(rule), Some(_)) => format!(", the summary of a storm of rule {rule}"),
        (None, None) => ", a direct message".to_owned(),
        (None, Some(_)) => ", a digest".to_owned(),
    }
}

const fn is_put_off(told: &NotificationTold) -> bool {
    matches!(told.decision, Decision::Held | Decision::Digested)
}

/// What was decided first; `None` where that is the first line of what follows.
fn decision(lines: &Lines, told: &NotificationTold) -> Option<String> {
    Some(match told.decision {
        Decision::Planned => planned(told),
        Decision::Held | Decision::Digested if !told.later.is_empty() => return None,
        Decision::Held | Decision::Digested => match &told.waits {
            Some(waits) => later::wait(waits, Some(told), Some(lines.day)),
            None => "put off".to_owned(),
        },
        Decision::Silenced => format!("not sent: {}", later::silence(told.silence.as_ref(), Some(lines.day))),
        Decision::Duplicate => match told.repeats {
            Some(Repeated { of, told, later }) => {
                let when = told.map(|told| format!("told at {}", lines.time(told)));
                let what = later.then(|| "which was put off".to_owned()).into_iter().chain(when);
                format!("not sent: a duplicate of {of}{}", what.map(|what| format!(", {what}")).collect::<String>())
            }
            None => "not sent: a duplicate".to_owned(),
        },
        Decision::Untold => "not sent: this user was not told of what it ends".to_owned(),
        Decision::Denied => "not sent: it is wanted on no channel".to_owned(),
        Decision::Unknown => "what was decided is not kept".to_owned(),
    })
}

/// On which channels it goes out at first, and how many must take it.
pub(super) fn planned(told: &NotificationTold) -> String {
    let first = told.legs.iter().filter(|leg| leg.after.is_empty());
    let legs: Vec<_> = first.map(|leg| leg.channel.as_str()).collect();
    let needed = told.needed.filter(|needed| *needed > 1);
    let needed = needed.map(|needed| format!("; {needed} must take it")).unwrap_or_default();
    format!("planned on {}{needed}", legs.join(", "))
}

pub(super) fn muted_line(muted: &MutedTold) -> String {
    // A silence is nobody's preference.
    let by = if muted.reason == "silenced" { String::new() } else { format!(", by {}", layer(&muted.layer)) };
    format!("not on {}: {}{by}", muted.channel, reason(&muted.reason))
}

/// Why a channel is not used.
pub(super) fn reason(reason: &str) -> &str {
    match reason {
        "channel_off" => "the channel is off",
        "below_min_priority" => "its priority is too low",
        "topic_off" => "its topic is off",
        "quiet_hours" => "quiet hours",
        "snooze" => "snoozed",
        "silenced" => "a silence covers it",
        other => other,
    }
}

/// Whose word it was.
pub(super) fn layer(layer: &str) -> &str {
    match layer {
        "mandatory" => "a rule that is mandatory",
        "user_agent" => "the user's preferences for this agent",
        "user" => "the user's preferences",
        "operator_agent" => "the operator's preferences for this agent",
        "operator" => "the operator's preferences",
        "built_in" => "the default of this channel",
        other => other,
    }
}

fn tell_standing(lines: &mut Lines, standing: &Standing) {
    let at = standing.at.map(|at| format!("{} ", lines.time(at))).unwrap_or_default();
    let Standing { status, reached, needed, .. } = standing;
    let have = |channels: u8| if channels == 1 { "channel has" } else { "channels have" };
    // More may take it than must.
    let taken = if reached > needed {
        format!("{reached} {} taken it, {needed} had to", have(*reached))
    } else {
        format!("{reached} of {needed} {} taken it", have(*needed))
    };
    lines.add(2, &format!("{at}{status}: {taken}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_channels_have_taken_it_is_told_in_numbers_that_fit() {
        let check = |reached, needed, expected: &str| {
            let mut lines = Lines { text: String::new(), day: tidings_core::Timestamp::EPOCH };
            tell_standing(&mut lines, &Standing { status: "complete", reached, needed, at: None });
            assert_eq!(lines.text.trim(), format!("complete: {expected}"));
        };
        check(1, 1, "1 of 1 channel has taken it");
        check(1, 2, "1 of 2 channels have taken it");
        check(2, 1, "2 channels have taken it, 1 had to");
        check(3, 2, "3 channels have taken it, 2 had to");
    }
}
