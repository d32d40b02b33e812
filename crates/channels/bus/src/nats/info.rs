//! What a server says of itself. What follows from it is `link`'s business.

use serde_json::Value;

/// What a server takes that does not say so.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// The fields of `INFO` that matter to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Info {
    /// The most bytes of headers and body together.
    pub(super) max_payload: usize,
    /// Whether the connection must go on inside TLS.
    pub(super) tls: bool,
    /// Whether messages may have headers.
    pub(super) headers: bool,
    /// What a key must sign.
    pub(super) nonce: String,
    /// Whether the server is about to go.
    pub(super) leaving: bool,
}

impl Info {
    pub(super) fn read(fields: &Value) -> Self {
        let flag = |name: &str| fields.get(name).and_then(Value::as_bool).unwrap_or(false);
        Self {
            max_payload: max_payload(fields).unwrap_or(MAX_PAYLOAD),
            tls: flag("tls_required"),
            headers: flag("headers"),
            nonce: fields.get("nonce").and_then(Value::as_str).unwrap_or_default().to_owned(),
            leaving: flag("ldm"),
        }
    }

    /// Takes over what changes while a connection lives.
    pub(super) fn renew(&mut self, fields: &Value) {
        self.max_payload = max_payload(fields).unwrap_or(self.max_payload);
        self.leaving |= Self::read(fields).leaving;
    }
}

fn max_payload(fields: &Value) -> Option<usize> {
    let bytes = fields.get("max_payload")?.as_u64()?;
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_of_a_wrong_type_is_as_by_default() {
        let bare = Info { max_payload: MAX_PAYLOAD, tls: false, headers: false, nonce: String::new(), leaving: false };
        for fields in [json!({}), json!([]), json!({"max_payload": -1, "nonce": 3, "ldm": "yes"})] {
            assert_eq!(Info::read(&fields), bare);
        }
        let mut info = Info::read(&json!({"max_payload": 7, "headers": true}));
        info.renew(&json!({"ldm": true}));
        assert_eq!((info.max_payload, info.leaving, info.headers), (7, true, true));
    }
}
