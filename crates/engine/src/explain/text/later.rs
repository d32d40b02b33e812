//! What is told later, for people: a line for each step, the same words for a wait wherever it is told.

use std::{fmt, time::Duration};

use tidings_core::Timestamp;

use super::{
    Lines,
    notification::{layer, muted_line, planned},
};
use crate::explain::{
    moment::{beside, local, utc},
    told::{DigestTold, LaterStep, LaterTold, MutedTold, NotificationTold, SilenceTold, WaitTold},
};

/// How many items of a digest are named.
const NAMED: usize = 100;

pub(super) fn tell(lines: &mut Lines, told: &NotificationTold, step: &LaterTold) {
    let said = match &step.step {
        LaterStep::Held(waits) | LaterStep::Digested(waits) => wait(waits, Some(told), Some(lines.day)),
        LaterStep::Resumed { .. } if told.legs.is_empty() => "its time had come: sent".to_owned(),
        LaterStep::Resumed { .. } => format!("its time had come: {}", planned(told)),
        LaterStep::Gathered { into, state } => {
            let name = if is_storm(told) { "summary" } else { "digest" };
            let id = into.map(|id| format!(" {id}")).unwrap_or_default();
            let (word, how) = gathered(*state);
            format!("{word} the {name}{id}{how}")
        }
        LaterStep::Dropped => "left out: what it told of was over before the digest went out".to_owned(),
        LaterStep::Denied { silence: Some(covers), .. } => {
            format!("not sent after all: {}", silence(Some(covers), Some(lines.day)))
        }
        LaterStep::Denied { .. } => "not sent after all: it is wanted on no channel any more".to_owned(),
    };
    lines.add(2, &format!("{} {said}", lines.time(step.at)));
    muted(step).iter().for_each(|muted| lines.add(2, &muted_line(muted)));
}

fn muted(step: &LaterTold) -> &[MutedTold] {
    match &step.step {
        LaterStep::Resumed { muted } | LaterStep::Denied { muted, silence: None } => muted,
        _ => &[],
    }
}

/// What it means for an item how its digest stands.
fn gathered(state: Option<&str>) -> (&'static str, &'static str) {
    match state {
        Some("complete") => ("told in", ""),
        Some("incomplete") => ("told in", ", which too few channels have taken"),
        Some("failed") => ("put into", ", which no channel has taken"),
        Some("denied") => ("put into", ", which nobody wanted any more"),
        Some("planned") => ("put into", ", which is on its way"),
        Some(_) => ("put into", ", which waits itself"),
        None => ("put into", ""),
    }
}

fn is_storm(told: &NotificationTold) -> bool {
    told.later.iter().any(|step| match &step.step {
        LaterStep::Digested(waits) => waits.why.as_deref() == Some("storm"),
        _ => false,
    })
}

/// What a digest holds.
pub(super) fn tell_digest(lines: &mut Lines, digest: &DigestTold) {
    let known = digest.items.len() as u64;
    let count = digest.count.unwrap_or(known).max(known);
    let word = if count == 1 { "notification" } else { "notifications" };
    let span = match (digest.from, digest.until) {
        (Some(from), Some(until)) => format!(", gathered from {} to {}", lines.time(from), lines.time(until)),
        _ => String::new(),
    };
    lines.add(2, &format!("holds {count} {word}{span}"));
    for item in digest.items.iter().take(NAMED) {
        let title = item.title.as_ref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
        let rule = item.rule.as_ref().map(|rule| format!(" by rule {rule}")).unwrap_or_default();
        lines.add(3, &format!("{}{title}{rule}", item.id));
    }
    let named = known.min(NAMED as u64);
    if count > named {
        let why = if known < count { ", which the log does not know any more" } else { "" };
        lines.add(3, &format!("and {} more{why}", count - named));
    }
}

/// What it waits for. Who waits is named where that is known; times are told beside a day, else whole.
pub(super) fn wait(waits: &WaitTold, told: Option<&NotificationTold>, day: Option<Timestamp>) -> String {
    let until = |word: &str| {
        let time = waits.until.map(|until| moment(until, waits.zone.as_deref(), day));
        time.map(|time| format!(" {word} {time}")).unwrap_or_default()
    };
    if waits.why.as_deref() == Some("storm") {
        return format!("{}: told in a summary{}", storm(waits, told), until("at"));
    }
    let (why, by) = (why(waits), waits.layer.as_deref().map(layer));
    let why = match (why, by) {
        (Some(why), Some(by)) => format!(": {why}, by {by}"),
        (None, Some(by)) => format!(", by {by}"),
        (why, None) => why.map(|why| format!(": {why}")).unwrap_or_default(),
    };
    if !waits.together {
        return format!("held{}{why}", until("until"));
    }
    let channel = waits.channel.as_ref().map(|channel| format!(" on {channel}")).unwrap_or_default();
    format!("kept for the digest{channel}{}{why}", until("at"))
}

fn why(waits: &WaitTold) -> Option<&str> {
    Some(match waits.why.as_deref()? {
        "snooze" => "snoozed",
        "quiet_hours" => "quiet hours",
        // The line says digest already.
        "digest" => return None,
        other => other,
    })
}

fn storm(waits: &WaitTold, told: Option<&NotificationTold>) -> String {
    let rule = told.and_then(|told| told.rule.as_deref()).map_or("its rule".to_owned(), |rule| format!("rule {rule}"));
    let user = told.and_then(|told| told.user.as_deref()).unwrap_or("this user");
    match waits.storm {
        Some(storm) => {
            let (messages, within) = (storm.messages, span(storm.seconds));
            format!("more than {messages} messages of {rule} to {user} within {within}")
        }
        None => format!("too many messages of {rule} to {user} at once"),
    }
}

/// A span in the largest unit that tells it whole.
fn span(seconds: u64) -> String {
    match (seconds % 3_600, seconds % 60) {
        (0, _) if seconds > 0 => format!("{} h", seconds / 3_600),
        (_, 0) if seconds > 0 => format!("{} min", seconds / 60),
        _ => format!("{} s", Duration::from_secs(seconds).as_secs()),
    }
}

/// A moment in UTC, and in the zone of whom it is about.
fn moment(time: Timestamp, zone: Option<&str>, day: Option<Timestamp>) -> String {
    let told = day.map_or_else(|| utc(time), |day| beside(time, day));
    match zone.and_then(|zone| local(time, zone)) {
        Some(local) => format!("{told} UTC ({local})"),
        None if day.is_none() => format!("{told} UTC"),
        None => told,
    }
}

/// Who silenced it, until when and why.
pub(super) fn silence(silence: Option<&SilenceTold>, day: Option<Timestamp>) -> String {
    let Some(silence) = silence else { return "silenced".to_owned() };
    let by = silence.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
    let until = silence.until.map(|until| format!(" until {}", moment(until, None, day))).unwrap_or_default();
    let reason = silence.reason.as_ref().map(|reason| format!(": \"{reason}\"")).unwrap_or_default();
    let id = silence.id.as_ref().map(|id| format!(" (silence {id})")).unwrap_or_default();
    format!("silenced{by}{until}{reason}{id}")
}

/// For people, with times in UTC.
impl fmt::Display for WaitTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&wait(self, None, None)))
    }
}

/// For people, with times in UTC.
impl fmt::Display for SilenceTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&silence(Some(self), None)))
    }
}

/// One line, in which nothing moves the cursor.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
