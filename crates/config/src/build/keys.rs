//! Single keys that several types of channels share: a text, one word of a few, a port. What they mean together is left to the
//! types.

use crate::{
    problem::{Findings, Spot},
    read::{Given, value},
};

/// Tells that a key is not there.
pub(crate) fn missing(key: &str, help: &str, around: &Spot, findings: &mut Findings<'_>) {
    findings.error(&around.at_key(), format!("`{key}` is missing")).help(help);
}

/// A text that may be left out. The outer `None`: it was given, but is no good or could not be read.
pub(crate) fn text(given: &Given<String>, findings: &mut Findings<'_>) -> Option<Option<String>> {
    let Some(at) = given else { return Some(None) };
    let text = at.value.as_ref()?;
    if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        findings.error(&at.spot, "expected one line of text without blanks around it");
        return None;
    }
    Some(Some(text.clone()))
}

/// A text that must be there.
pub(crate) fn needed(
    given: &Given<String>,
    key: &str,
    help: &str,
    around: &Spot,
    findings: &mut Findings<'_>,
) -> Option<String> {
    if given.is_none() {
        missing(key, help, around, findings);
    }
    text(given, findings)?
}

/// One of a few words. The outer `None`: another word, or one that could not be read.
pub(crate) fn word<T: Copy>(
    given: &Given<String>,
    words: &[(&str, T)],
    findings: &mut Findings<'_>,
) -> Option<Option<T>> {
    let Some(at) = given else { return Some(None) };
    let word = at.value.as_deref()?;
    if let Some((_, meant)) = words.iter().find(|(known, _)| *known == word) {
        return Some(Some(*meant));
    }
    let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
    findings.error(&at.spot, format!("expected one of {}", known.join(", ")));
    None
}

/// A port that may be left out.
pub(crate) fn port(given: &Given<u64>, findings: &mut Findings<'_>) -> Option<Option<u16>> {
    let Some(at) = given else { return Some(None) };
    let port = u16::try_from(at.value?).ok().filter(|port| *port > 0);
    if port.is_none() {
        findings.error(&at.spot, "a port is from 1 to 65535");
    }
    port.map(Some)
}

/// A number within bounds, or the default.
pub(crate) fn within(
    given: &Given<u64>,
    bounds: std::ops::RangeInclusive<u8>,
    default: u8,
    findings: &mut Findings<'_>,
) -> u8 {
    let Some((at, number)) = given.as_ref().and_then(|at| Some((at, *value(given)?))) else { return default };
    match u8::try_from(number).ok().filter(|number| bounds.contains(number)) {
        Some(number) => number,
        None => {
            findings.error(&at.spot, format!("must be from {} to {}", bounds.start(), bounds.end()));
            default
        }
    }
}
