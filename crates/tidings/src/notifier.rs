//! The notifier as programs see it: the engine's, and how to get one.

#[cfg(feature = "yaml")]
use std::path::Path;
#[cfg(feature = "yaml")]
use std::sync::{Mutex, atomic::AtomicBool};
use std::{ops::Deref, sync::Arc};

use serde_json::Value;
use tidings_core::Severity;
use tidings_engine::Emitted;

use crate::{Builder, Error, doors::Doors};

/// Takes events in and tells people. Cheap to clone; every clone is the same notifier.
///
/// What it does once it is there, such as [`emit`](tidings_engine::Notifier::emit),
/// [`accept`](tidings_engine::Notifier::accept) and [`stop`](tidings_engine::Notifier::stop), stands at the engine's notifier,
/// to which it derefs.
#[derive(Clone, Debug)]
pub struct Notifier {
    pub(crate) engine: tidings_engine::Notifier,
    pub(crate) doors: Arc<Doors>,
    /// The configuration that it goes by.
    #[cfg(feature = "yaml")]
    pub(crate) plan: Arc<Mutex<Option<Arc<tidings_config::Plan>>>>,
    /// Whether another one is being taken up.
    #[cfg(feature = "yaml")]
    pub(crate) reloading: Arc<AtomicBool>,
    /// The users that code added beside it.
    #[cfg(feature = "yaml")]
    pub(crate) own_users: Arc<Vec<(String, tidings_engine::User)>>,
}

impl Notifier {
    /// Begins a notifier in code.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A notifier from a configuration file, with variables from the environment. Warnings go to the log.
    ///
    /// # Errors
    /// Every problem of the file at once, or what stands in the way of a part.
    #[cfg(feature = "yaml")]
    pub fn from_yaml_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Builder::from_file(path.as_ref(), tidings_config::Mode::Own)?.build()
    }

    /// A notifier from the `events:` section of a SuperAgent file, and our sections if it has any; the rest of the file is the
    /// agent's.
    ///
    /// # Errors
    /// See [`Notifier::from_yaml_file`].
    #[cfg(feature = "yaml")]
    pub fn from_superagent_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Builder::from_file(path.as_ref(), tidings_config::Mode::Agent)?.build()
    }

    /// A notifier from a configuration's text, with variables from the environment. Warnings go to the log.
    ///
    /// # Errors
    /// See [`Notifier::from_yaml_file`].
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        Builder::from_yaml(text)?.build()
    }

    /// Starts the workers. In a tokio runtime they run there; elsewhere the notifier brings its own thread.
    ///
    /// # Errors
    /// If it was started before, or a thread cannot be made.
    pub async fn start(self) -> Result<Self, Error> {
        Ok(Self { engine: self.engine.start().await?, ..self })
    }

    /// Starts the workers on a thread of their own, for programs without a tokio runtime.
    ///
    /// # Errors
    /// See [`Notifier::start`].
    pub fn start_on_thread(self) -> Result<Self, Error> {
        Ok(Self { engine: self.engine.start_on_thread()?, ..self })
    }

    /// The hub that people's sessions connect to, where a channel `push` or `inbox` is set up.
    #[cfg(feature = "push")]
    #[must_use]
    pub fn hub(&self) -> Option<&tidings_push::Hub> {
        self.doors.hub.get()
    }

    /// Lets mails have a link by which their reader unsubscribes from messages like it (`List-Unsubscribe`): what this gives, HTTPS, with
    /// something behind it that answers. Only the first word counts.
    pub fn unsubscribe_by(&self, give: impl Fn(&tidings_core::Notification) -> Option<String> + Send + Sync + 'static) {
        self.doors.unsubscribing.by(give);
    }

    /// The bus in the process that code subscribes to, where there is a sink of it.
    #[cfg(feature = "bus")]
    #[must_use]
    pub fn bus(&self) -> Option<&tidings_bus::Bus> {
        self.doors.bus.get()
    }

    /// Who has said STOP to text messages, where there is a channel for them: for what answers a provider's callbacks.
    #[cfg(feature = "sms")]
    #[must_use]
    pub fn suppressions(&self) -> Option<&Arc<dyn tidings_sms::Suppressions>> {
        self.doors.suppressions.get()
    }
}

impl Deref for Notifier {
    type Target = tidings_engine::Notifier;

    fn deref(&self) -> &Self::Target {
        &self.engine
    }
}

/// Emits an event in the caller's context ([`AgentContext`](crate::AgentContext)). Without a notifier it does nothing, so that
/// agents can call it unconditionally.
///
/// `severity` defaults to the taxonomy's for the type, else to info.
pub fn emit_event(
    notifier: Option<&Notifier>,
    event_type: &str,
    severity: impl Into<Option<Severity>>,
    data: Value,
) -> Option<Emitted> {
    tidings_engine::emit_event(notifier.map(Deref::deref), event_type, severity, data)
}
