//! Who is calling: user, session and agent of the code that runs, carried along its task. Only `emit_event` reads it.

use std::future::Future;

use serde_json::Value;
use tidings_core::{Event, Severity};

use crate::emit::{Emitted, Notifier};

tokio::task_local! {
    static CONTEXT: AgentContext;
}

/// The caller's user, session and agent, filled into events that do not name their own.
///
/// ```
/// # use tidings_engine::AgentContext;
/// let context = AgentContext::new().user("u1").session("s1").agent("billing");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentContext {
    user: Option<String>,
    session: Option<String>,
    agent: Option<String>,
}

impl AgentContext {
    /// A context that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The context of the running task; empty outside of any.
    #[must_use]
    pub fn current() -> Self {
        CONTEXT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Sets the user.
    #[must_use]
    pub fn user(mut self, id: impl Into<String>) -> Self {
        self.user = Some(id.into());
        self
    }

    /// Sets the session.
    #[must_use]
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = Some(id.into());
        self
    }

    /// Sets the agent.
    #[must_use]
    pub fn agent(mut self, id: impl Into<String>) -> Self {
        self.agent = Some(id.into());
        self
    }

    /// Runs a future in this context. What it leaves open is taken from the context around it.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CONTEXT.scope(self.within(Self::current()), future).await
    }

    /// Runs a closure in this context.
    pub fn sync_scope<T>(self, closure: impl FnOnce() -> T) -> T {
        CONTEXT.sync_scope(self.within(Self::current()), closure)
    }

    /// Fills in what the event does not say itself.
    #[must_use]
    pub fn fill(self, mut event: Event) -> Event {
        event.user_id = event.user_id.or(self.user);
        event.session_id = event.session_id.or(self.session);
        event.agent_id = event.agent_id.or(self.agent);
        event
    }

    fn within(self, outer: Self) -> Self {
        Self {
            user: self.user.or(outer.user),
            session: self.session.or(outer.session),
            agent: self.agent.or(outer.agent),
        }
    }
}

/// Emits an event in the caller's context. Without a notifier it does nothing, so that agents can call it unconditionally.
///
/// `severity` defaults to the taxonomy's for the type, else to info.
pub fn emit_event(
    notifier: Option<&Notifier>,
    event_type: &str,
    severity: impl Into<Option<Severity>>,
    data: Value,
) -> Option<Emitted> {
    let notifier = notifier?;
    let mut event = Event::new(event_type).data(data);
    if let Some(severity) = severity.into() {
        event.severity = severity;
    }
    Some(notifier.emit(AgentContext::current().fill(event)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn contexts_nest_and_explicit_values_win() {
        let outer = AgentContext::new().user("u1").agent("outer");
        let event = outer
            .scope(
                AgentContext::new()
                    .agent("inner")
                    .scope(async { AgentContext::current().fill(Event::new("a").user("explicit")) }),
            )
            .await;
        assert_eq!(event.user_id.as_deref(), Some("explicit"));
        assert_eq!(event.agent_id.as_deref(), Some("inner"));
        assert_eq!(AgentContext::current(), AgentContext::new());
    }
}
