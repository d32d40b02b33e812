//! What the tests and benchmarks of whole runs share.

pub mod kept;
pub mod reliability;
pub mod webhooks;

use tidings::{Event, Timestamp};
use tidings_testkit::data;

/// The recorded agent runs, or `None` where the data is not there.
///
/// # Panics
/// If the file is not what it should be.
#[must_use]
pub fn airline_events() -> Option<Vec<Event>> {
    let text = std::fs::read_to_string(data("airline-events.jsonl")?).expect("the file can be read");
    let event = |line: &str| {
        let value = serde_json::from_str(line).expect("every line is JSON");
        Event::from_json(value, Timestamp::EPOCH).expect("every line is an event")
    };
    Some(text.lines().map(event).collect())
}
