//! What a tool answers: plain words for the model, and the same as JSON. What is wrong is an answer too, so that the model reads it.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use crate::output;

/// The longest text of an answer in characters, and the most JSON beside it in bytes.
const TEXT: usize = 16 * 1024;
const JSON: usize = 64 * 1024;

/// What was done.
pub(super) fn done(text: &str, json: Value) -> CallToolResult {
    let is_small = serde_json::to_vec(&json).is_ok_and(|json| json.len() <= JSON);
    let mut result = CallToolResult::success(vec![ContentBlock::text(cut(text))]);
    result.structured_content = is_small.then_some(json);
    result
}

/// Why it was not done.
pub(super) fn refused(error: &anyhow::Error) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(cut(&format!("{error:#}")))])
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => {
            format!("{}\n… cut here: ask for one delivery's id to read more", text.get(..end).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

/// What became of a message, one line a person.
pub(super) fn told(answers: &[Value]) -> String {
    if answers.is_empty() {
        return "nobody was told: there are no users. The operator adds them under `users:` of the configuration"
            .to_owned();
    }
    answers.iter().map(one_told).collect::<Vec<_>>().join("\n")
}

fn one_told(answer: &Value) -> String {
    let field = |key: &str| output::plain(answer.get(key).and_then(Value::as_str).unwrap_or_default());
    let (user, id) = (field("user"), field("id"));
    let why = match field("answer").as_str() {
        "planned" => "on its way".to_owned(),
        "duplicate" => format!("not told again: the same was said before as {}", field("of")),
        "later" => "told later, as this person wishes".to_owned(),
        "silenced" => "not told: a silence covers it".to_owned(),
        _ => "not told: this person wants it on none of these channels".to_owned(),
    };
    format!("{user}: {why} (id {id})")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_became_of_a_message_is_told_in_words() {
        let check = |answer: Value, expected: &str| assert_eq!(told(&[answer]), expected);
        check(json!({"user": "ann", "answer": "planned", "id": "n1"}), "ann: on its way (id n1)");
        check(
            json!({"user": "ann", "answer": "duplicate", "id": "n2", "of": "n1"}),
            "ann: not told again: the same was said before as n1 (id n2)",
        );
        check(json!({"user": "ann", "answer": "later", "id": "n3"}), "ann: told later, as this person wishes (id n3)");
        assert!(told(&[]).starts_with("nobody was told"));
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        assert!(cut(&"ä".repeat(TEXT + 1)).contains("ä\n… cut here"));
        assert_eq!(cut("short"), "short");
        assert!(done("x", json!("y".repeat(JSON))).structured_content.is_none());
    }
}
