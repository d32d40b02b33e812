//! Everything that reaches the terminal goes through here: answers to standard output, all else to standard error.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
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

/// Sets the log up: to standard error, filtered by `RUST_LOG` where it is set.
pub(crate) fn start(output: &Output) {
    let preset = if output.verbose { VERBOSE } else { QUIET };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(preset));
    let terminal = io::stderr().is_terminal();
    let log = fmt().with_env_filter(filter).with_writer(progress::stderr).with_ansi(terminal);
    match output.log {
        LogForm::Json => log.json().flatten_event(true).init(),
        LogForm::Text if terminal => log.event_format(People).init(),
        LogForm::Text => log.compact().init(),
    }
}

/// Prints a line of the answer. A reader that has gone away (`| head`) ends the program quietly.
#[expect(clippy::exit, reason = "nobody reads any more: there is nothing left to do")]
pub(crate) fn line(text: impl Display) {
    if writeln!(io::stdout().lock(), "{text}").is_err() {
        std::process::exit(0);
    }
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
    progress::suspend(|| drop(writeln!(io::stderr().lock(), "{text}")));
}

/// Tells an error on standard error.
pub(crate) fn error(text: &str) {
    note(format_args!("error: {text}"));
}
