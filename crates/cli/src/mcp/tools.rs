//! The three tools: what a call means, and how often it may come. Where it goes is `door`'s.

use std::sync::Arc;

use anyhow::{Context, ensure};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, JsonObject, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use tidings::{Event, Priority, Severity, clock::system_now};

use super::{
    arguments::{Arguments, shown},
    door::{Door, Note},
    names,
    pace::Pace,
    schema, words,
};

/// The tools' names.
pub(super) const NOTIFY: &str = "notify";
pub(super) const EMIT: &str = "emit_event";
pub(super) const STATUS: &str = "delivery_status";

/// How often each may be called in a minute.
pub(super) const NOTIFICATIONS_A_MINUTE: u32 = 30;
pub(super) const EVENTS_A_MINUTE: u32 = 300;
pub(super) const QUESTIONS_A_MINUTE: u32 = 120;

/// What the server says of itself.
const INSTRUCTIONS: &str = "Tells people what agents do. Report what happens with `emit_event`; tell a person something with `notify`; \
    ask what became of it with `delivery_status`. People and channels have names; their addresses are not yours to know.";

/// The tools of one agent. Cheap to clone; every clone is the same.
#[derive(Clone)]
pub(super) struct Tools(Arc<Parts>);

struct Parts {
    door: Door,
    agent: Option<String>,
    notifications: Pace,
    events: Pace,
    questions: Pace,
}

impl Tools {
    pub(super) fn new(door: Door, agent: Option<String>) -> Self {
        let [notifications, events, questions] =
            [NOTIFICATIONS_A_MINUTE, EVENTS_A_MINUTE, QUESTIONS_A_MINUTE].map(Pace::new);
        Self(Arc::new(Parts { door, agent, notifications, events, questions }))
    }

    /// Finishes what was begun.
    pub(super) async fn close(&self) {
        self.0.door.close().await;
    }

    async fn call(&self, name: &str, fields: Option<JsonObject>) -> anyhow::Result<CallToolResult> {
        match name {
            NOTIFY => self.notify(fields).await,
            EMIT => self.emit(fields).await,
            STATUS => self.status(fields).await,
            other => anyhow::bail!("there is no tool `{}`: there are {NOTIFY}, {EMIT} and {STATUS}", shown(other)),
        }
    }

    async fn notify(&self, fields: Option<JsonObject>) -> anyhow::Result<CallToolResult> {
        let mut given = Arguments::new(fields, &["title", "body", "priority", "channels", "users"])?;
        let note = Note {
            title: given.needed("title", schema::TITLE)?,
            body: given.text("body", schema::BODY)?.unwrap_or_default(),
            priority: given.word("priority", &schema::PRIORITIES)?.unwrap_or(Priority::Medium),
            channels: given.names("channels")?,
            users: given.names("users")?,
            agent: self.0.agent.clone(),
        };
        self.0.notifications.take()?;
        let told = self.0.door.notify(note).await?;
        Ok(words::done(&words::told(&told), json!({"told": told})))
    }

    async fn emit(&self, fields: Option<JsonObject>) -> anyhow::Result<CallToolResult> {
        let mut given = Arguments::new(fields, &["event_type", "severity", "data", "agent_id", "session_id"])?;
        let event_type = given.needed("event_type", names::LONGEST)?;
        let severity: Option<Severity> = given.word("severity", &schema::SEVERITIES)?;
        let fields = json!({
            "event_type": event_type, "severity": severity.map(Severity::as_str),
            "data": given.object("data", schema::DATA)?, "agent_id": self.agent(&mut given)?,
            "session_id": given.text("session_id", names::LONGEST)?,
        });
        let event = Event::from_json(fields, system_now())?;
        self.0.events.take()?;
        let answer = self.0.door.accept(event).await?;
        let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
        Ok(words::done(&format!("stored as {id}: rules decide who is told"), answer.clone()))
    }

    /// Whose event it is: an agent that the operator has named does not go by another name.
    fn agent(&self, given: &mut Arguments) -> anyhow::Result<Option<String>> {
        let named = given.text("agent_id", names::LONGEST)?;
        let Some(own) = &self.0.agent else { return Ok(named) };
        ensure!(
            named.is_none_or(|named| named == *own),
            "`agent_id` is set by this server, to `{}`: leave it out",
            shown(own)
        );
        Ok(Some(own.clone()))
    }

    async fn status(&self, fields: Option<JsonObject>) -> anyhow::Result<CallToolResult> {
        let id = Arguments::new(fields, &["id"])?.needed("id", 2 * names::LONGEST)?;
        self.0.questions.take()?;
        let id = id.trim();
        let status = self.0.door.status(id).await?.with_context(|| {
            format!("nothing is known of `{}`: give an id as `{NOTIFY}` or `{EMIT}` answered it", shown(id))
        })?;
        Ok(words::done(&status.text, status.json))
    }
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let tools = ServerCapabilities::builder().enable_tools().build();
        let own = Implementation::new("tidings", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(tools).with_server_info(own).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(schema::tools()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // What is wrong is told as an answer: a model reads that, and not the errors of the protocol.
        let result = self.call(&request.name, request.arguments).await;
        Ok(result.unwrap_or_else(|error| words::refused(&error)).into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        schema::tools().into_iter().find(|tool| tool.name == name)
    }
}
