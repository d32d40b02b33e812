//! Everything that reaches the terminal goes through here: answers to standard output, all else to standard error.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use serde::Serialize;
use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    args::{LogForm, Output},
    people::People,
    progress,
};

/// What is logged: warnings, and what the log sink and the log channel write.
const QUIET: &str = "warn,promptise.events=info,tidings.notifications=info";
const VERBOSE: &str = "info,tidings_layers=debug,tidings_engine=debug";

/// Whether the log has the form of JSON lines.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Sets the log up: to standard error, filtered by `RUST_LOG` where it is set.
pub(crate) fn start(output: &Output) {
    let preset = if output.verbose { VERBOSE } else { QUIET };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(preset));
    let terminal = io::stderr().is_terminal();
    AS_JSON.store(output.log == LogForm::Json, Relaxed);
    let log = fmt().with_env_filter(filter).with_writer(progress::stderr).with_ansi(terminal);
    match output.log {
        LogForm::Json => log.json().flatten_event(true).init(),
        LogForm::Text if terminal => log.event_format(People).init(),
        LogForm::Text => log.compact().init(),
    }
}

/// How standard output ended: a reader that has gone away (`| head`) is no failure, a full disk is.
static CLOSED: AtomicBool = AtomicBool::new(false);
static FAILED: AtomicBool = AtomicBool::new(false);

/// Prints a line of the answer. When standard output is closed, the rest of the answer goes nowhere.
pub(crate) fn line(text: impl Display) {
    if is_closed() {
        return;
    }
    if let Err(error) = writeln!(io::stdout().lock(), "{text}") {
        CLOSED.store(true, Relaxed);
        if error.kind() != io::ErrorKind::BrokenPipe {
            FAILED.store(true, Relaxed);
            note(format_args!("error: standard output cannot be written: {error}"));
        }
    }
}

/// Whether nobody reads the answer any more.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Relaxed)
}

/// Whether an answer was lost.
pub(crate) fn has_failed() -> bool {
    FAILED.load(Relaxed)
}

/// Prints one JSON value on one line.
pub(crate) fn json(value: &impl Serialize) {
    line(serde_json::to_string(value).unwrap_or_default());
}

/// The text with a blank for each control character: nothing that comes from outside may move the cursor.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Tells something on standard error.
pub(crate) fn note(text: impl Display) {
    // Where the log is read by a machine, every line on standard error is one of its lines.
    if AS_JSON.load(Relaxed) {
        return tracing::warn!(target: "tidings", "{text}");
    }
    progress::suspend(|| drop(writeln!(io::stderr().lock(), "{text}")));
}

/// Tells an error on standard error.
pub(crate) fn error(text: &str) {
    note(format_args!("error: {text}"));
}
