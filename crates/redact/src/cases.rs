//! The redactor as a filter of JSON lines: one case in, one answer out. Reading the lines is left to the caller.

use serde_json::{Value, json};

use crate::Redactor;

/// Redacts one case: `{id, text, form: "text" | "json"}` gives `{id, text}`; other keys are ignored, `form` may be left out.
///
/// Text that is JSON is read by its keys in either form and keeps its formatting; what claims to be JSON and is not is read as text.
/// A case without a text gives `{id, error}`.
#[must_use]
pub fn answer(line: &Value) -> Value {
    let id = line.get("id").cloned().unwrap_or(Value::Null);
    match line.get("text") {
        Some(Value::String(text)) => json!({"id": id, "text": Redactor::default().redact_text(text)}),
        Some(_) => json!({"id": id, "error": "`text` must be a string"}),
        None => json!({"id": id, "error": "`text` is missing"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let case = json!({"id": 7, "text": "{\"password\": \"x\"}", "form": "json", "why": "ignored"});
        assert_eq!(answer(&case), json!({"id": 7, "text": "{\"password\": \"[REDACTED:password]\"}"}));
        assert_eq!(answer(&json!({"id": "a", "text": "{oops", "form": "json"})), json!({"id": "a", "text": "{oops"}));
        assert_eq!(answer(&json!({"id": "b"})), json!({"id": "b", "error": "`text` is missing"}));
        assert_eq!(answer(&json!([1])), json!({"id": null, "error": "`text` is missing"}));
    }
}
