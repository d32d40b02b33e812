//! The fields of a message as it is sent in. An error names the field and what it should be, never what was sent.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use tidings::{Message, Priority};

use super::whole;
use crate::problem::Refusal;

const KNOWN: [&str; 7] = ["title", "body", "priority", "channels", "users", "agent", "dedup_key"];
/// How many channels and users one message may name.
const MOST: usize = 1_000;
/// The longest name in a message, in bytes.
const LONGEST_NAME: usize = 256;

/// Reads a message; `channels` are those of one that names none.
///
/// # Errors
/// Names the field that is wrong.
pub(super) fn message(body: &Value, channels: Vec<String>) -> Result<Message, Refusal> {
    let fields = body.as_object().ok_or_else(|| wrong("the body must be a JSON object"))?;
    if let Some(unknown) = fields.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let hint = tidings::config::hint(unknown, KNOWN);
        return Err(wrong(&format!("a message has no such field: {hint}")));
    }
    let title = text(fields, "title")?.filter(|title| !title.trim().is_empty());
    let title = title.ok_or_else(|| wrong("`title` must be there, and not empty"))?;
    let (title, body) = whole(title, text(fields, "body")?.unwrap_or_default());
    let mut message = Message::new(title);
    message.body = body;
    message.priority = priority(fields)?;
    message.channels = names(fields, "channels")?.unwrap_or(channels);
    message.user_ids = names(fields, "users")?.unwrap_or_default();
    message.agent_id = name(fields, "agent")?;
    message.dedup_key = name(fields, "dedup_key")?;
    Ok(message)
}

fn priority(fields: &Map<String, Value>) -> Result<Priority, Refusal> {
    let Some(word) = text(fields, "priority")? else { return Ok(Priority::Medium) };
    let known = || Priority::ALL.map(Priority::as_str).join(", ");
    let found = Priority::ALL.into_iter().find(|priority| priority.as_str() == word);
    found.ok_or_else(|| wrong(&format!("`priority` must be one of {}", known())))
}

/// `null` is as good as nothing.
fn given<'f>(fields: &'f Map<String, Value>, key: &str) -> Option<&'f Value> {
    fields.get(key).filter(|value| !value.is_null())
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = given(fields, key) else { return Ok(None) };
    value.as_str().map(|text| Some(text.to_owned())).ok_or_else(|| wrong(&format!("`{key}` must be a text")))
}

fn name(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, Refusal> {
    let found = text(fields, key)?;
    match &found {
        Some(name) if !is_name(name) => Err(wrong(&format!("`{key}` must be 1 to {LONGEST_NAME} bytes"))),
        _ => Ok(found),
    }
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
}

/// A list of names, each once.
fn names(fields: &Map<String, Value>, key: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = given(fields, key) else { return Ok(None) };
    let refuse = || wrong(&format!("`{key}` must be a list of at most {MOST} names"));
    let list = value.as_array().filter(|list| list.len() <= MOST).ok_or_else(refuse)?;
    let mut names: Vec<String> = Vec::with_capacity(list.len());
    for one in list {
        let name = one.as_str().filter(|name| is_name(name)).ok_or_else(refuse)?;
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(Some(names).filter(|names| !names.is_empty()))
}

fn wrong(detail: &str) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named_and_never_repeated() {
        let check = |body: Value, expected: &str| {
            let refusal = message(&body, vec!["log".to_owned()]).unwrap_err();
            assert!(refusal.detail.contains(expected), "{body}: {}", refusal.detail);
            assert!(!refusal.detail.contains("hunter2"), "{}", refusal.detail);
        };
        check(json!(["hunter2"]), "JSON object");
        check(json!({"body": "hunter2"}), "`title`");
        check(json!({"title": " "}), "`title`");
        check(json!({"title": ["hunter2"]}), "`title` must be a text");
        check(json!({"title": "x", "priority": "hunter2"}), "one of low, medium");
        check(json!({"title": "x", "channels": "hunter2"}), "`channels` must be a list");
        check(json!({"title": "x", "users": ["ann", 7]}), "`users` must be a list");
        check(json!({"title": "x", "user": "hunter2"}), "did you mean `users`?");
        check(json!({"title": "x", "agent": ""}), "`agent`");
        check(json!({"title": "x", "users": vec!["u"; MOST + 1]}), "at most 1000");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let read = message(&json!({"title": "x", "users": null, "channels": []}), vec!["inbox".to_owned()]).unwrap();
        let expected = Message { channels: vec!["inbox".to_owned()], ..Message::new("x") };
        assert_eq!(read, expected);
        let twice = message(&json!({"title": "x", "users": ["ann", "bob", "ann"]}), Vec::new()).unwrap();
        assert_eq!(twice.user_ids, ["ann", "bob"]);
        let long = message(&json!({"title": "word ".repeat(100)}), Vec::new()).unwrap();
        assert!(long.title.chars().count() <= 256 && long.body.contains("word"));
    }
}
