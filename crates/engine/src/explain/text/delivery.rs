//! A delivery for people: a line for each attempt, and one for where it is if it is not settled.

use tidings_core::ErrorKind;

use crate::explain::told::{AttemptTold, DeliveryState, DeliveryTold};

use super::{
    Lines,
    notification::{layer, reason},
};

pub(super) fn tell(lines: &mut Lines, depth: usize, told: &DeliveryTold) {
    let after = told.after.last().map(|after| format!(", in place of {after}")).unwrap_or_default();
    lines.add(depth, &format!("delivery {} on {}{after}", told.id, told.endpoint));
    let mut known = 0;
    for attempt in &told.attempts {
        tell_unanswered(lines, depth, known, attempt.attempt);
        known = known.max(attempt.attempt);
        let line = format!("{} {}", lines.time(attempt.at), attempt_line(lines, attempt));
        lines.add(depth + 1, &line);
    }
    if let DeliveryState::Leased { attempt } = told.state {
        tell_unanswered(lines, depth, known, attempt);
    }
    let state = match told.state {
        DeliveryState::Waiting { due } => format!("waiting, due at {}", lines.time(due)),
        DeliveryState::Leased { attempt } => format!("attempt {attempt} was begun and is not answered"),
        DeliveryState::Gone if told.attempts.is_empty() => "nothing is kept of it any more".to_owned(),
        DeliveryState::Gone => "settled".to_owned(),
        DeliveryState::Delivered
        | DeliveryState::Dead
        | DeliveryState::Expired
        | DeliveryState::Shed
        | DeliveryState::Withdrawn => return,
    };
    lines.add(depth + 1, &state);
}

/// Attempts between two that left no word: the process ended meanwhile, or the log does not reach back to them.
fn tell_unanswered(lines: &mut Lines, depth: usize, known: u32, next: u32) {
    let (first, last) = (known.saturating_add(1), next.saturating_sub(1));
    match last.checked_sub(first) {
        None => {}
        Some(0) => lines.add(depth + 1, &format!("attempt {first} was begun, and no answer to it is known")),
        Some(_) => {
            lines.add(depth + 1, &format!("attempts {first} to {last} were begun, and no answer to them is known"))
        }
    }
}

pub(super) fn attempt_line(lines: &Lines, told: &AttemptTold) -> String {
    let word = match told.outcome {
        "retry" => return format!("{}{}{}{}", ordinal(told), failure(told), again(lines, told), uncounted(told)),
        "late" => return "a late answer was refused: another attempt had begun".to_owned(),
        "shed" => return "shed: there was no room".to_owned(),
        "held" => return format!("held{}{}", until(lines, told), put_off(told)),
        "denied" => return format!("not sent{}", put_off(told)),
        "reported" => return format!("the provider reports: {}", told.text.as_deref().unwrap_or("nothing")),
        "disabled" => return "the address is gone for good, and disabled".to_owned(),
        "delivered" => {
            let code = told.code.map(|code| format!(" ({code})")).unwrap_or_default();
            return format!("{}delivered{code}{}", ordinal(told), took(told));
        }
        "expired" => "expired",
        _ => "given up",
    };
    format!("{}{}; {word}", ordinal(told), failure(told))
}

/// Which attempt of how many. What no plan counts, such as the wait for a receiver that is down, has no end.
fn ordinal(told: &AttemptTold) -> String {
    match told.attempts.filter(|all| u64::from(told.attempt) <= *all) {
        _ if told.attempt == 0 => String::new(),
        Some(all) => format!("attempt {} of {all}: ", told.attempt),
        None => format!("attempt {}: ", told.attempt),
    }
}

/// The code, or the kind of error, with its text.
fn failure(told: &AttemptTold) -> String {
    let kind = told.code.map(|code| code.to_string()).or_else(|| told.kind.clone());
    let text = told.text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    format!("{}{}{text}", kind.unwrap_or_else(|| "failed".to_owned()), took(told))
}

fn took(told: &AttemptTold) -> String {
    told.took_ms.filter(|took| *took > 0).map(|took| format!(" after {took} ms")).unwrap_or_default()
}

/// The next attempt has the same number: without a word of why, that would look like a mistake.
fn uncounted(told: &AttemptTold) -> &'static str {
    if told.attempt > 0 && told.kind.as_deref() == Some(ErrorKind::RateLimited.as_str()) {
        "; it used up no attempt"
    } else {
        ""
    }
}

fn again(lines: &Lines, told: &AttemptTold) -> String {
    told.again.map(|again| format!("; again at {}", lines.time(again))).unwrap_or_default()
}

fn until(lines: &Lines, told: &AttemptTold) -> String {
    told.again.map(|again| format!(" until {}", lines.time(again))).unwrap_or_default()
}

/// Why nothing was sent, and whose word it was.
fn put_off(told: &AttemptTold) -> String {
    let kind = told.kind.as_deref().map(reason);
    let by = told.layer.as_deref().filter(|_| told.kind.as_deref() != Some("silenced"));
    let by = by.map(|by| format!(", by {}", layer(by))).unwrap_or_default();
    kind.map(|kind| format!(": {kind}{by}")).unwrap_or(by)
}
