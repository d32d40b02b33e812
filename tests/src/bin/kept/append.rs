//! An in-process sink: a closure that appends the number of each event to a file.

use std::{fs::File, io::Write, path::Path, sync::Mutex};

use serde_json::Value;
use tidings::{Event, Sink};

/// The sink `seen`, which writes to this file.
pub(crate) fn sink(path: &Path) -> std::io::Result<Sink> {
    let file = Mutex::new(File::options().create(true).append(true).open(path)?);
    Ok(Sink::callback("seen", move |event: &Event| {
        let number = event.data.get("seq").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let line = format!("{number}\n");
        file.lock().expect("nobody panics with it").write_all(line.as_bytes()).expect("there is room for a line");
    }))
}
