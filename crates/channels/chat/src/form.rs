//! How a body is written: most services read JSON, some a form. What stands in it is each service's own.

use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

/// The form of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON object.
    #[default]
    Json,
    /// Names and values as a browser's form has them.
    UrlEncoded,
}

impl Form {
    /// What the header `content-type` says of it.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::UrlEncoded => "application/x-www-form-urlencoded",
        }
    }

    /// The bytes of this object.
    pub(crate) fn write(self, object: Map<String, Value>) -> Vec<u8> {
        match self {
            Self::Json => Value::Object(object).to_string().into_bytes(),
            Self::UrlEncoded => url_encoded(&object).into_bytes(),
        }
    }
}

/// Texts as they are, whatever else as its JSON.
fn url_encoded(object: &Map<String, Value>) -> String {
    let mut form = Serializer::new(String::new());
    for (name, value) in object {
        match value {
            Value::String(text) => form.append_pair(name, text),
            other => form.append_pair(name, &other.to_string()),
        };
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_cannot_break_out_of_a_form() {
        let check = |object: Value, expected: &str| {
            let Value::Object(object) = object else { panic!("it is an object") };
            assert_eq!(String::from_utf8(Form::UrlEncoded.write(object)).unwrap(), expected);
        };
        check(json!({"a": "x&b=y\r\n é+%", "n": -1}), "a=x%26b%3Dy%0D%0A+%C3%A9%2B%25&n=-1");
        check(json!({}), "");
    }
}
