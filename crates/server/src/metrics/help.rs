//! What the counts of the `metrics` facade mean, for whoever scrapes them. Counting is done where it happens.

use metrics::{describe_counter, describe_histogram};

const COUNTERS: [(&str, &str); 12] = [
    ("tidings_attempts_total", "Attempts at deliveries, by how they ended."),
    ("tidings_fallbacks_total", "Fallbacks that were taken, from one channel to another."),
    ("tidings_notifications_unmet_total", "Notifications that too few channels have taken."),
    ("tidings_breaker_changes_total", "How often a breaker opened or closed."),
    ("tidings_events_shed_total", "Events without room."),
    ("tidings_sink_shed_total", "Events without room before a sink."),
    ("tidings_sink_late_total", "Calls of an in-process sink that took too long."),
    ("tidings_sink_panics_total", "Calls of an in-process sink that panicked."),
    ("tidings_template_failures_total", "Titles and bodies that could not be rendered."),
    ("tidings_redacted_total", "What was taken out of messages, by its kind."),
    ("tidings_events_claimed_ahead_total", "Events whose own time was ahead of ours."),
    ("tidings_http_requests_total", "Requests, by route, method and status; `none` where no route knows the path."),
];
const HISTOGRAMS: [(&str, &str); 2] = [
    ("tidings_attempt_seconds", "How long attempts at deliveries took, in seconds."),
    ("tidings_http_request_seconds", "How long until requests were answered, in seconds."),
];

/// Tells the recorder of the process what they mean.
pub(super) fn describe() {
    for (name, help) in COUNTERS {
        describe_counter!(name, help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(name, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_as_it_happens_is_what_the_guide_tells() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/metrics.md");
        let guide = std::fs::read_to_string(path).unwrap();
        let (_, table) = guide.split_once("## What is counted as it happens").unwrap();
        let (table, _) = table.split_once("\n## ").unwrap();
        let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        let words = cells.flat_map(|cell| cell.split('`')).filter(|word| word.starts_with("tidings_"));
        let mut told: Vec<&str> = words.collect();
        told.sort_unstable();
        let mut known: Vec<&str> = COUNTERS.iter().chain(&HISTOGRAMS).map(|(name, _)| *name).collect();
        known.sort_unstable();
        assert_eq!(told, known);
    }
}
