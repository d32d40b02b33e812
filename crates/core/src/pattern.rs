//! Which event types are meant: an exact name, or a glob over its segments. Who asks is elsewhere: sinks, subscribers, silences.

use std::{fmt, str::FromStr};

use crate::taxonomy::is_dotted_words;

/// An event type, or a glob over its segments.
///
/// `*` stands for any text within one segment: `tool.*`, `*.error`, `process.st*`. A last segment that is `*` alone stands for one
/// or more segments, so `custom.*` takes `custom.a.b` too, and `*` takes everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventPattern(String);

/// The text is neither an event type nor a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event name: expected words joined by dots, such as `tool.error`, or a glob such as `tool.*`")]
pub struct BadPattern;

impl EventPattern {
    /// The pattern that takes everything.
    #[must_use]
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one event type and is no glob.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether an event of this type is meant.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        if self.0 == "*" {
            return true;
        }
        let (mut wanted, mut given) = (self.0.split('.').peekable(), event_type.split('.'));
        while let Some(glob) = wanted.next() {
            let Some(segment) = given.next() else { return false };
            if glob == "*" && wanted.peek().is_none() {
                return true;
            }
            if !segment_matches(glob, segment) {
                return false;
            }
        }
        given.next().is_none()
    }
}

impl FromStr for EventPattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        // With its stars replaced by a letter a glob must be a name.
        if text.contains("**") || !is_dotted_words(&text.replace('*', "x")) {
            return Err(BadPattern);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first part must begin the segment, the last must end it, and those between come in order.
fn segment_matches(glob: &str, segment: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else { return glob == segment };
    let Some(mut left) = segment.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in between.split('*') {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_go_by_segment() {
        let check = |glob: &str, event_type: &str, expected: bool| {
            let pattern: EventPattern = glob.parse().unwrap();
            assert_eq!(pattern.matches(event_type), expected, "{pattern} on {event_type}");
        };
        check("tool.error", "tool.error", true);
        check("tool.error", "tool.errors", false);
        check("tool.*", "tool.slow", true);
        check("tool.*", "tool", false);
        check("tool.*", "tools.slow", false);
        check("custom.*", "custom.a.b", true);
        check("*", "custom.a.b", true);
        check("*", "", true);
        check("*.error", "tool.error", true);
        check("*.error", "a.b.error", false);
        check("*.*.error", "a.b.error", true);
        check("process.st*", "process.started", true);
        check("process.*a*t*", "process.started", true);
        check("process.*a*t*d", "process.started", true);
        check("a*a.x", "a.x", false);
        check("*.*", "tool", false);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in ["", ".", "tool.", "tool..error", "tool error", "**", "tool.**", "tool.[a]", "töol", " *"] {
            assert_eq!(bad.parse::<EventPattern>(), Err(BadPattern), "{bad}");
        }
    }
}
