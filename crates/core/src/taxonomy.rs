//! The 20 event types that agents share, in nine categories, with the severity each has unless its event says otherwise.
//! Types of one's own (`custom.my_event`) are welcome everywhere.

use crate::Severity::{self, Critical, Error, Info, Warning};

/// Every known event type with its default severity. Source: the event taxonomy of Promptise 1.10.1.
pub const EVENT_TYPES: [(&str, Severity); 20] = [
    ("invocation.start", Info),
    ("invocation.complete", Info),
    ("invocation.error", Error),
    ("invocation.timeout", Error),
    ("tool.error", Error),
    ("tool.slow", Warning),
    ("guardrail.blocked", Warning),
    ("guardrail.redacted", Info),
    ("budget.exceeded", Critical),
    ("approval.requested", Info),
    ("approval.granted", Info),
    ("approval.denied", Warning),
    ("mission.progress", Info),
    ("mission.complete", Info),
    ("mission.failed", Critical),
    ("health.anomaly", Warning),
    ("process.started", Info),
    ("process.stopped", Info),
    ("process.failed", Critical),
    ("cache.purged", Info),
];

/// The default severity of a known type; `None` for an unknown one.
#[must_use]
pub fn severity_of(event_type: &str) -> Option<Severity> {
    EVENT_TYPES.iter().find(|(name, _)| *name == event_type).map(|(_, severity)| *severity)
}

/// The part before the first dot: `tool` of `tool.error`.
#[must_use]
pub fn category_of(event_type: &str) -> &str {
    event_type.split_once('.').map_or(event_type, |(category, _)| category)
}

/// Whether the text is dotted words: letters, digits, `_` and `-`, at most 128 bytes, no empty word.
#[must_use]
pub fn is_dotted_words(name: &str) -> bool {
    name.len() <= 128 && name.split('.').all(is_word)
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn twenty_types_in_nine_categories() {
        let categories: HashSet<_> = EVENT_TYPES.iter().map(|(name, _)| category_of(name)).collect();
        assert_eq!(categories.len(), 9);
        assert!(EVENT_TYPES.iter().all(|(name, _)| is_dotted_words(name)));
        assert_eq!(severity_of("budget.exceeded"), Some(Critical));
        assert_eq!(severity_of("custom.my_event"), None);
    }

    #[test]
    fn dotted_words() {
        for good in ["tool.error", "custom.my_event", "a", "x-1.y"] {
            assert!(is_dotted_words(good), "{good}");
        }
        for bad in ["", ".", "tool.", ".error", "tool..error", "tool error", "töol.error", "tool.*"] {
            assert!(!is_dotted_words(bad), "{bad}");
        }
    }
}
