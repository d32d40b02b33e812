//! What the tools are called, what they say of themselves, and what they take. What they do is `tools`'s.

use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use serde_json::{Map, Value, json};

use super::tools::{EMIT, EVENTS_A_MINUTE, NOTIFICATIONS_A_MINUTE, NOTIFY, QUESTIONS_A_MINUTE, STATUS};

/// How bad an event is.
pub(super) const SEVERITIES: [&str; 4] = ["info", "warning", "error", "critical"];
/// How much a message wants attention.
pub(super) const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// The longest title in bytes.
pub(super) const TITLE: usize = 1024;
/// The longest text in bytes.
pub(super) const BODY: usize = 16 * 1024;
/// The most data of an event in bytes of JSON.
pub(super) const DATA: usize = 128 * 1024;

/// All tools.
pub(super) fn tools() -> Vec<Tool> {
    vec![notify(), emit(), status()]
}

fn tool(name: &'static str, description: String, properties: &Value, required: &[&str]) -> Tool {
    let schema = json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    });
    let schema = match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    Tool::new(name, description, Arc::new(schema))
}

/// A tool that changes something out there, once for each call.
fn acting() -> ToolAnnotations {
    ToolAnnotations::new().read_only(false).destructive(false).idempotent(false).open_world(true)
}

fn notify() -> Tool {
    let names = |text: &str| json!({"type": "array", "items": {"type": "string"}, "maxItems": 20, "description": text});
    let properties = json!({
        "title": {"type": "string", "description": "One line that says what happened or what is needed."},
        "body": {"type": "string", "description": "The text, at most 16 KiB."},
        "priority": {"type": "string", "enum": PRIORITIES, "description": "Default: medium. Critical passes quiet hours."},
        "channels": names("Names of channels from the configuration, such as inbox. Default: the daemon's."),
        "users": names("Ids of users. Default: every user."),
    });
    let description = format!(
        "Tell people something now. Name channels and users by their names, never by an address: a URL, an e-mail address or a phone \
         number is refused. Each person's own wishes decide whether and when it is told; the same title again within some minutes \
         is told once. At most {NOTIFICATIONS_A_MINUTE} calls a minute. Answers with an id for each person, which `{STATUS}` takes."
    );
    tool(NOTIFY, description, &properties, &["title"]).with_annotations(acting())
}

fn emit() -> Tool {
    let properties = json!({
        "event_type": {"type": "string", "description": "Dotted words: a known type such as tool.error, invocation.complete, \
            approval.requested, budget.exceeded, or one of your own such as custom.my_event."},
        "severity": {"type": "string", "enum": SEVERITIES, "description": "Default: the type's own, info for your own types."},
        "data": {"type": "object", "description": "What happened: the fields that rules read. At most 128 KiB."},
        "agent_id": {"type": "string", "description": "Which agent, where this server does not say so itself."},
        "session_id": {"type": "string", "description": "In which session."},
    });
    let description = format!(
        "Report an event. Rules of the operator decide whether anybody is told. Report what happens; to tell a person something \
         yourself, use `{NOTIFY}`. At most {EVENTS_A_MINUTE} calls a minute. Answers with the event's id, which `{STATUS}` takes, \
         once the event is stored."
    );
    tool(EMIT, description, &properties, &["event_type"]).with_annotations(acting())
}

fn status() -> Tool {
    let properties = json!({
        "id": {"type": "string", "description": "The id of a notification, an event or a delivery, as the other tools answered it."},
    });
    let description = format!(
        "What became of a notification, an event or a delivery, in words and as JSON: who was told on which channel, what waits and \
         until when, what was suppressed and why, what failed. At most {QUESTIONS_A_MINUTE} calls a minute."
    );
    let reading = ToolAnnotations::new().read_only(true).idempotent(true).open_world(false);
    tool(STATUS, description, &properties, &["id"]).with_annotations(reading)
}
