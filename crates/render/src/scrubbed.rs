//! Takes secrets out of a message in the one order that leaves no half of one: its parts before they are cut to a limit, then the final
//! JSON, since a form can put a secret together. What is a secret is the scrub's knowledge.

use serde_json::{Map, Value};
use tidings_core::{ErrorKind, Scrub, SendError};

use crate::{
    Message,
    chat::{clip_bytes, clip_units},
    clip,
};

impl Message {
    /// The message without secrets, before anything of it is cut: half of one would not be known for one any more.
    #[must_use]
    pub fn scrubbed(self, scrub: &dyn Scrub) -> Self {
        let facts = self.facts.into_iter().map(|(name, value)| (name, clean(scrub, value))).collect();
        Self { title: clean(scrub, self.title), text: clean(scrub, self.text), facts }
    }
}

fn clean(scrub: &dyn Scrub, text: String) -> String {
    let clean = scrub.scrub(text.as_bytes());
    if *clean == *text.as_bytes() { text } else { String::from_utf8_lossy(&clean).into_owned() }
}

/// The rendered JSON object without secrets. What had been cut to a limit stays within it.
///
/// # Errors
/// Permanent, of the kind `Render`: what the scrub left is no JSON object, and must not be sent.
pub fn object(rendered: Value, scrub: &dyn Scrub) -> Result<Map<String, Value>, SendError> {
    let text = rendered.to_string();
    let clean = scrub.scrub(text.as_bytes());
    let left = if *clean == *text.as_bytes() { rendered } else { within(&clean, &rendered) };
    match left {
        Value::Object(object) => Ok(object),
        _ => Err(SendError::permanent(ErrorKind::Render, "what redaction left of the message is no JSON object")),
    }
}

fn within(clean: &[u8], rendered: &Value) -> Value {
    let mut clean = serde_json::from_slice(clean).unwrap_or_default();
    cut_again(&mut clean, rendered);
    clean
}

/// A placeholder that was cut in two at a limit is taken for a secret once more, and grows: what had been cut is cut again to what it had.
fn cut_again(clean: &mut Value, rendered: &Value) {
    match (clean, rendered) {
        (Value::String(clean), Value::String(rendered)) if rendered.ends_with('…') => {
            let units = clip_units(clean, rendered.encode_utf16().count());
            *clean = clip(&clip_bytes(&units, rendered.len()), rendered.chars().count());
        }
        (Value::Array(clean), Value::Array(rendered)) => {
            clean.iter_mut().zip(rendered).for_each(|(clean, rendered)| cut_again(clean, rendered));
        }
        (Value::Object(clean), Value::Object(rendered)) => {
            clean.iter_mut().for_each(|(key, clean)| cut_again(clean, rendered.get(key).unwrap_or(&Value::Null)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::json;
    use tidings_core::{KeepAll, Verdict};

    use super::*;

    /// Leaves this of everything.
    #[derive(Debug)]
    struct Leaves(&'static str);

    impl Scrub for Leaves {
        fn scrub<'a>(&self, _: &'a [u8]) -> Cow<'a, [u8]> {
            Cow::Borrowed(self.0.as_bytes())
        }
    }

    #[test]
    fn what_is_left_is_taken_even_where_it_is_borrowed() {
        let message = Message { title: "t".to_owned(), text: "x".to_owned(), facts: vec![("agent", "a".to_owned())] };
        assert_eq!(message.clone().scrubbed(&KeepAll), message);
        let gone = || "gone".to_owned();
        let expected = Message { title: gone(), text: gone(), facts: vec![("agent", gone())] };
        assert_eq!(message.scrubbed(&Leaves("gone")), expected);
    }

    #[test]
    fn what_is_no_object_any_more_is_not_sent() {
        let rendered = json!({"text": "hunter2"});
        assert_eq!(Value::Object(object(rendered.clone(), &KeepAll).unwrap()), rendered);
        for left in ["", "[REDACTED:all]", "[]", "\"text\"", "{"] {
            let error = object(rendered.clone(), &Leaves(left)).unwrap_err();
            assert_eq!((error.kind(), error.verdict()), (ErrorKind::Render, Verdict::Permanent), "{left}");
        }
    }

    #[test]
    fn what_was_cut_does_not_grow() {
        let check = |rendered: Value, left: &'static str, expected: Value| {
            assert_eq!(Value::Object(object(rendered, &Leaves(left)).unwrap()), expected);
        };
        check(json!({"a": ["key=[RE…"]}), r#"{"a":["key=[REDACTED:secret]"]}"#, json!({"a": ["key=[RE…"]}));
        check(json!({"a": ["key=x"]}), r#"{"a":["key=[REDACTED:secret]"]}"#, json!({"a": ["key=[REDACTED:secret]"]}));
        check(json!({"a": "x…"}), r#"{"b":"more"}"#, json!({"b": "more"}));
    }
}
