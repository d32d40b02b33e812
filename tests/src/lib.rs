//! What the tests and benchmarks of whole runs share: where recorded data lies.

use std::path::{Path, PathBuf};

use tidings::{Event, Timestamp};

/// The file of the shared test data, or `None` with a visible note where the data is not there. In CI it must be.
///
/// # Panics
/// In CI, if the file is not there.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TIDINGS_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is not there, and CI must have it", path.display());
    eprintln!("SKIPPED: {} is not there; set TIDINGS_DATA to the folder that holds it", path.display());
    None
}

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
