//! Which raw events a sink wants: by type and by severity. Which sinks there are is the engine's business.

use tidings_core::{Event, EventPattern, Severity};

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
    fn a_filter_without_types_takes_all_types() {
        let event = Event::new("tool.error").severity(Severity::Warning);
        assert!(EventFilter::default().wants(&event));
        let strict = EventFilter { min_severity: Some(Severity::Error), ..EventFilter::default() };
        assert!(!strict.wants(&event));
    }
}
