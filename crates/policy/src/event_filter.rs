//! Which raw events a sink wants: by type and by severity. Which sinks there are is the engine's business.

use std::{fmt, str::FromStr};

use tidings_core::{Event, Severity, taxonomy::is_dotted_words};

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

impl EventPattern {
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
        let (mut wanted, mut given) = (self.0.split('.').peekable(), event_type.split('.'));
        while let Some(pattern) = wanted.next() {
            let Some(segment) = given.next() else { return false };
            if pattern == "*" && wanted.peek().is_none() {
                return true;
            }
            if !segment_matches(pattern, segment) {
                return false;
            }
        }
        given.next().is_none()
    }
}

/// The first part must begin the segment, the last must end it, and those between come in order.
fn segment_matches(pattern: &str, segment: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == segment };
    let Some(mut left) = segment.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a sink wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The types; empty for all.
    pub events: Vec<EventPattern>,
    /// The lowest severity that is wanted, inclusive; `None` for all.
    pub min_severity: Option<Severity>,
}

impl EventFilter {
    /// Whether the sink wants this event.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        self.min_severity.is_none_or(|least| event.severity >= least)
            && (self.events.is_empty() || self.events.iter().any(|pattern| pattern.matches(&event.event_type)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_go_by_segment() {
        let check = |pattern: &str, event_type: &str, expected: bool| {
            let pattern: EventPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(event_type), expected, "{pattern} on {event_type}");
        };
        check("tool.error", "tool.error", true);
        check("tool.error", "tool.errors", false);
        check("tool.*", "tool.slow", true);
        check("tool.*", "tool", false);
        check("tool.*", "tools.slow", false);
        check("custom.*", "custom.a.b", true);
        check("*", "custom.a.b", true);
        check("*.error", "tool.error", true);
        check("*.error", "a.b.error", false);
        check("*.*.error", "a.b.error", true);
        check("process.st*", "process.started", true);
        check("process.*ed", "process.started", true);
        check("process.*a*t*", "process.started", true);
        check("a*a.x", "a.x", false);
        check("*.*", "tool", false);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in ["", ".", "tool.", "tool..error", "tool error", "**", "tool.**", "tool.[a]", "töol", " *"] {
            assert!(bad.parse::<EventPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_filter_without_types_takes_all_types() {
        let event = Event::new("tool.error").severity(Severity::Warning);
        assert!(EventFilter::default().wants(&event));
        let strict = EventFilter { min_severity: Some(Severity::Error), ..EventFilter::default() };
        assert!(!strict.wants(&event));
    }
}
