//! Log lines for people at a terminal: who is told what, without time and target. Where standard error is a file, the log keeps
//! its usual form.

use std::fmt;

use tidings::RESOLVED;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::output;

/// Where notifications are written to.
const NOTIFICATIONS: &str = "tidings.notifications";

/// What was told of is over.
const GREEN: &str = "\x1b[32m";

/// The format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People;

/// The fields of a line in their order, the message apart.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        // No value may move the cursor or colour the screen.
        let value = output::plain(value);
        match field.name() {
            "message" => self.message = value,
            name => self.others.push((name, value)),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl Fields {
    /// A field's value, and not shown again.
    fn take(&mut self, name: &str) -> String {
        let found = self.others.iter().position(|(other, _)| *other == name);
        found.map(|index| self.others.remove(index).1).unwrap_or_default()
    }
}

impl<S, N> FormatEvent<S, N> for People
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let colour = colour(*event.metadata().level());
        if event.metadata().target() == NOTIFICATIONS {
            return notification(&mut writer, colour, fields);
        }
        let word = match fields.take("severity") {
            severity if severity.is_empty() => event.metadata().level().as_str().to_lowercase(),
            severity => severity,
        };
        let message = std::mem::take(&mut fields.message);
        write!(writer, "{colour}{word:<9}\x1b[0m{message}\x1b[2m")?;
        for (name, value) in fields.others.iter().filter(|(_, value)| *value != message) {
            write!(writer, "  {name}={value}")?;
        }
        writeln!(writer, "\x1b[0m")
    }
}

/// Whom, how urgently, and what; the text below, dimmed. A resolve is not urgent, whatever its firing was.
fn notification(writer: &mut Writer<'_>, colour: &str, mut fields: Fields) -> fmt::Result {
    let (priority, user, body) = (fields.take("priority"), fields.take("user"), fields.take("body"));
    let kind = fields.take("kind");
    let (colour, word) = if kind.is_empty() { (colour, priority) } else { (GREEN, kind) };
    let title = fields.message.strip_prefix(RESOLVED).unwrap_or(&fields.message);
    writeln!(writer, "{colour}{word:<9}\x1b[1m{}\x1b[0m  to {user}", title)?;
    if body.is_empty() { Ok(()) } else { writeln!(writer, "\x1b[2m         {body}\x1b[0m") }
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[36m",
        _ => "\x1b[2m",
    }
}
