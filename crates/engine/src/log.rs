//! Events and notifications as lines of the program's own log, with fields. Which lines are shown, and as what, is the
//! subscriber's business.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use tidings_core::{
    Channel, Envelope, ErrorKind, Event, EventId, Notification, NotificationKind, Payload, Priority, Receipt,
    SendError, Severity,
};
use tidings_redact::Redactor;
use tracing::field::display;
use tracing_core::{Callsite, Interest, Kind, Level, Metadata, dispatcher, field::FieldSet, identify_callsite};

/// The target of event lines, as Promptise's logger is called.
pub const EVENT_TARGET: &str = "promptise.events";
/// The target of notification lines.
pub const NOTIFICATION_TARGET: &str = "tidings.notifications";

const EVENT_FIELDS: &[&str] = &["message", "event_type", "severity", "agent_id", "user_id", "session_id", "id", "data"];

/// A tracing callsite whose target is known only at run time. `tracing`'s macros want it at compile time.
struct LogCallsite(OnceLock<Metadata<'static>>);

impl Callsite for LogCallsite {
    fn set_interest(&self, _: Interest) {
        // Asked anew at each line: the dispatcher may differ from thread to thread.
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("because it is set before the callsite is handed out")
    }
}

/// A callsite for the rest of the program's life. There is one for each target and level, made when a sink is made.
fn callsite(target: &'static str, level: Level) -> &'static LogCallsite {
    let site: &'static LogCallsite = Box::leak(Box::new(LogCallsite(OnceLock::new())));
    let fields = FieldSet::new(EVENT_FIELDS, identify_callsite!(site));
    let metadata = Metadata::new("event", target, level, None, None, None, fields, Kind::EVENT);
    site.0.get_or_init(|| metadata);
    tracing_core::callsite::register(site);
    site
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Info => Level::INFO,
        Severity::Warning => Level::WARN,
        Severity::Error | Severity::Critical => Level::ERROR,
    }
}

/// Writes events to the log: info, warning, error and critical become INFO, WARN, ERROR and ERROR.
#[derive(Clone)]
pub struct LogSink {
    sites: [&'static LogCallsite; 4],
    redactor: Option<Redactor>,
}

impl LogSink {
    /// A sink with this tracing target; [`EVENT_TARGET`] is the usual one. The name is kept for the program's life.
    #[must_use]
    pub fn new(target: &str) -> Self {
        let target: &'static str =
            if target == EVENT_TARGET { EVENT_TARGET } else { Box::leak(target.to_owned().into_boxed_str()) };
        Self { sites: Severity::ALL.map(|severity| callsite(target, level(severity))), redactor: None }
    }

    /// Takes secrets and personal data out of what is written.
    #[must_use]
    pub fn redact(mut self, redactor: Redactor) -> Self {
        self.redactor = Some(redactor);
        self
    }

    /// Writes one line.
    pub(crate) fn write(&self, id: EventId, event: &Arc<Event>) {
        let metadata = self.sites[event.severity.index()].metadata();
        dispatcher::get_default(|dispatch| {
            if dispatch.enabled(metadata) {
                match &self.redactor {
                    Some(redactor) if !redactor.surely_keeps(&event.to_wire()) => {
                        record(dispatch, metadata, id, &redactor.redact_event(event));
                    }
                    _ => record(dispatch, metadata, id, event),
                }
            }
        });
    }
}

impl std::fmt::Debug for LogSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogSink").field("target", &self.sites[0].metadata().target()).finish_non_exhaustive()
    }
}

fn record(dispatch: &tracing_core::Dispatch, metadata: &'static Metadata<'static>, id: EventId, event: &Event) {
    let fields = metadata.fields();
    // JSON escapes line breaks, so that no data can begin a line of its own; the ids are cleaned for the same reason.
    let data = serde_json::to_string(&event.data).unwrap_or_default();
    let texts = [
        Some(plain(&event.event_type)),
        Some(plain(&event.event_type)),
        Some(event.severity.as_str().into()),
        event.agent_id.as_deref().map(plain),
        event.user_id.as_deref().map(plain),
        event.session_id.as_deref().map(plain),
        Some(id.to_string().into()),
        Some(data.into()),
    ];
    let mut names = fields.iter();
    let values: [_; 8] = std::array::from_fn(|index| {
        let field = names.next().expect("because there are eight fields");
        (field, texts[index].as_deref())
    });
    let values: [_; 8] = std::array::from_fn(|index| {
        let (field, text) = &values[index];
        (field, text.as_ref().map(|text| text as &dyn tracing_core::field::Value))
    });
    dispatch.event(&tracing_core::Event::new(metadata, &fields.value_set(&values)));
}

/// The text with a blank for each control character.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// The log as a channel for users: one line for each notification, a resolve at INFO and with `kind`. Delivered means written.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogChannel;

impl Channel for LogChannel {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        match &envelope.payload {
            Payload::Notification(notification) => write_notification(envelope, notification),
            Payload::Event(event) => {
                tracing::info!(target: "tidings.events", event_type = %plain(&event.event_type), delivery = %envelope.delivery)
            }
            _ => return Err(SendError::permanent(ErrorKind::Render, "the log cannot show this kind of message")),
        }
        Ok(Receipt::default())
    }
}

fn write_notification(envelope: &Envelope, told: &Notification) {
    let resolved = told.kind == NotificationKind::Resolved;
    let (kind, incident) = (resolved.then(|| told.kind.as_str()), told.incident.map(display));
    let body = String::from_utf8_lossy(&envelope.scrub.scrub(plain(&told.body).as_bytes())).into_owned();
    let title = String::from_utf8_lossy(&envelope.scrub.scrub(plain(&told.title).as_bytes())).into_owned();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "tidings.notifications",
                user = told.user_id, agent = told.agent_id, priority = told.priority.as_str(),
                notification = %told.notification_id, kind, incident, body, "{title}"
            )
        };
    }
    match told.priority {
        // That something is over wakes nobody, however bad it was.
        _ if resolved => line!(info),
        Priority::Low | Priority::Medium => line!(info),
        Priority::High => line!(warn),
        Priority::Critical => line!(error),
    }
}
