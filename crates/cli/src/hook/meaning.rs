//! What happened, in the words that all agents share. Content goes along only where it is asked for, redacted and cut.

mod content;

use anyhow::Context;
use serde_json::{Map, Value, json};
use tidings::{Event, Timestamp};

/// The longest name that is sent, in characters.
const LONGEST: usize = 128;

/// Whose hook it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assistant {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
}

impl Assistant {
    /// Its name, and its agent's where nobody gives another.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
        }
    }

    /// Where its own types of events begin.
    const fn prefix(self) -> &'static str {
        match self {
            Self::ClaudeCode => "custom.claude_code",
            Self::Codex => "custom.codex",
        }
    }
}

/// How it is told.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    /// The agent's id.
    pub(super) agent: String,
    /// Whether prompts, inputs and outputs go along.
    pub(super) content: bool,
}

/// The event of a hook's payload.
///
/// # Errors
/// If it does not say what happened.
pub(super) fn event(
    assistant: Assistant,
    payload: &Map<String, Value>,
    telling: &Telling,
    now: Timestamp,
) -> anyhow::Result<Event> {
    let name = text(payload, &["hook_event_name", "type"]).context("the hook's JSON has no `hook_event_name`")?;
    let event_type = known(&name, payload).map_or_else(|| own_type(assistant, &name), str::to_owned);
    let mut data = facts(&name, payload);
    if telling.content {
        data.extend(content::of(payload));
    }
    let fields = json!({
        "event_type": event_type, "agent_id": telling.agent, "data": data,
        "session_id": text(payload, &["session_id", "thread-id", "thread_id", "conversation_id"]),
        "metadata": {"source": assistant.name()},
    });
    Ok(Event::from_json(fields, now)?)
}

/// The shared type of what happened; `None` for what only this assistant does.
fn known(name: &str, payload: &Map<String, Value>) -> Option<&'static str> {
    Some(match name {
        "SessionStart" => "process.started",
        "SessionEnd" => "process.stopped",
        "UserPromptSubmit" => "invocation.start",
        "Stop" | "agent-turn-complete" => "invocation.complete",
        "StopFailure" => "invocation.error",
        "PostToolUseFailure" => "tool.error",
        "PostToolUse" if has_failed(payload) => "tool.error",
        "PermissionRequest" | "approval-requested" => "approval.requested",
        "PermissionDenied" => "approval.denied",
        "Notification" if asks_for_permission(payload) => "approval.requested",
        _ => return None,
    })
}

/// Older versions say what a notification is about in its text alone.
fn asks_for_permission(payload: &Map<String, Value>) -> bool {
    match text(payload, &["notification_type"]) {
        Some(kind) => kind.starts_with("permission"),
        None => text(payload, &["message"]).is_some_and(|message| message.to_lowercase().contains("permission")),
    }
}

/// Whether a tool's answer says that it has failed.
fn has_failed(payload: &Map<String, Value>) -> bool {
    let says = |fields: &Map<String, Value>| {
        let is = |key: &str, value: bool| fields.get(key) == Some(&Value::Bool(value));
        let has = |key: &str| {
            fields.get(key).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)) && value != "")
        };
        let exit = fields.get("exit_code").and_then(Value::as_i64).is_some_and(|code| code != 0);
        is("is_error", true) || is("isError", true) || is("success", false) || has("error") || exit
    };
    let answer = payload.get("tool_response").or_else(|| payload.get("tool_output"));
    says(payload) || answer.and_then(Value::as_object).is_some_and(says)
}

/// `custom.claude_code.pre_tool_use`: dotted words, whatever a newer version may send.
fn own_type(assistant: Assistant, name: &str) -> String {
    let mut word = String::new();
    let mut before = '_';
    for c in name.chars().take(LONGEST / 2) {
        let is_new = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if (is_new || !c.is_ascii_alphanumeric()) && !word.ends_with('_') && !word.is_empty() {
            word.push('_');
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    let word = word.trim_end_matches('_');
    format!("{}.{}", assistant.prefix(), if word.is_empty() { "unknown" } else { word })
}

/// What is sent of every hook: names and numbers, nothing that somebody wrote.
fn facts(name: &str, payload: &Map<String, Value>) -> Map<String, Value> {
    let mut facts = Map::from_iter([("hook".to_owned(), json!(short(name)))]);
    let named = [
        ("tool", "tool_name"),
        ("notification", "notification_type"),
        ("start", "source"),
        ("reason", "reason"),
        ("compaction", "trigger"),
        ("subagent", "agent_type"),
        ("mode", "permission_mode"),
        ("client", "client"),
        ("model", "model"),
    ];
    let is_word = |text: &String| text.len() <= LONGEST && !text.contains(char::is_whitespace);
    let found = named.into_iter().filter_map(|(fact, key)| Some((fact, text(payload, &[key]).filter(is_word)?)));
    facts.extend(found.map(|(fact, value)| (fact.to_owned(), json!(value))));
    facts.extend(project(payload).map(|folder| ("project".to_owned(), json!(folder))));
    let took = payload.get("duration_ms").filter(|took| took.is_number());
    facts.extend(took.map(|took| ("duration_ms".to_owned(), took.clone())));
    let interrupted = payload.get("is_interrupt").filter(|is| is.is_boolean());
    facts.extend(interrupted.map(|is| ("interrupted".to_owned(), is.clone())));
    facts
}

/// The last folder's name of where it works: the path before it is nobody's business.
fn project(payload: &Map<String, Value>) -> Option<String> {
    let folder = text(payload, &["cwd"])?;
    let last = folder.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()?;
    Some(short(last)).filter(|last| !last.is_empty())
}

/// The first of these keys that holds a text.
fn text(payload: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    let found = keys.iter().find_map(|key| payload.get(*key).and_then(Value::as_str).filter(|text| !text.is_empty()));
    found.map(|text| short_to(text, 2 * LONGEST))
}

fn short(text: &str) -> String {
    short_to(text, LONGEST)
}

fn short_to(text: &str, limit: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(limit).collect()
}

#[cfg(test)]
mod tests;
