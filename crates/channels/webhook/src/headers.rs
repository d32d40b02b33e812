//! The headers of a request: those of the user, checked once, and ours, made for each attempt. Ours cannot be overridden.

use secrecy::{ExposeSecret, SecretString};
use tidings_core::{Envelope, Payload, Problem, Scrub};
use tidings_http::{HeaderMap, HeaderName, HeaderValue};

use crate::signature::{PREFIX, StandardKey, promptise_header, sign_standard};

/// What the user may not set, in lower case: our own headers, and those by which a request is framed and routed.
const RESERVED: [&str; 21] = [
    "content-type",
    "x-promptise-signature",
    "x-promptise-timestamp",
    "x-promptise-event",
    "x-promptise-delivery",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "host",
    "content-length",
    "content-encoding",
    "accept-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

/// The most headers of a user: receivers take about a hundred in all.
const MOST: usize = 64;

/// Room for ours, and for what the client adds.
const OURS: usize = 12;

/// Characters of an event's type: one from code may have any length, and receivers refuse long headers.
const EVENT_TYPE: usize = 256;

/// Checks the user's headers and tells every problem. Values may be secret: they are never told, and marked as sensitive.
pub(crate) fn read(headers: &[(String, String)]) -> (HeaderMap, Vec<Problem>) {
    let (mut read, mut problems) = (HeaderMap::new(), Vec::new());
    if headers.len() > MOST {
        let text = format!("a webhook takes at most {MOST} headers, not {}", headers.len());
        return (read, vec![Problem::new("headers", text)]);
    }
    for (name, value) in headers {
        match header(name, value) {
            Ok((key, _)) if read.contains_key(&key) => {
                problems.push(problem(name, "the header stands there twice; names are equal whatever their case"));
            }
            Ok((key, value)) => {
                read.insert(key, value);
            }
            // What we send anyway does no harm.
            Err(_) if is_our_content_type(name, value) => {}
            Err(text) => problems.push(problem(name, text)),
        }
    }
    (read, problems)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let key: HeaderName = name.parse().map_err(|_| "a header name takes letters, digits and `-`")?;
    if !key.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Err("a header name takes letters, digits and `-`");
    }
    if RESERVED.contains(&key.as_str()) {
        return Err("the header is set by the webhook itself and cannot be overridden: remove it");
    }
    let value = HeaderValue::from_str(value).ok().filter(|value| value.to_str().is_ok());
    let mut value = value.ok_or("the header's value takes printable ASCII in one line")?;
    value.set_sensitive(true);
    Ok((key, value))
}

fn is_our_content_type(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("content-type") && value.trim().eq_ignore_ascii_case("application/json")
}

fn problem(name: &str, text: &str) -> Problem {
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Problem { key: format!("headers.{name}"), text: text.to_owned() }
}

/// The headers of one attempt: ours, then the user's.
pub(crate) fn build(
    envelope: &Envelope,
    body: &[u8],
    event_type: &str,
    secrets: &[SecretString],
    user: &HeaderMap,
) -> HeaderMap {
    let seconds = envelope.now.as_secs();
    let id = envelope.delivery.to_string();
    let exposed = || secrets.iter().map(ExposeSecret::expose_secret);
    let mut headers = user.clone();
    headers.reserve(OURS);
    headers.insert(HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"));
    let mut set = |name: &'static str, text: &str| {
        headers.insert(HeaderName::from_static(name), visible(text));
    };
    set("x-promptise-signature", &promptise_header(exposed(), seconds, body));
    set("x-promptise-timestamp", &seconds.to_string());
    set("x-promptise-event", event_type);
    set("x-promptise-delivery", &id);
    let keys = exposed().filter(|secret| secret.starts_with(PREFIX)).filter_map(StandardKey::parse);
    let signatures: Vec<String> = keys.map(|key| sign_standard(&key, &id, seconds, body)).collect();
    if !signatures.is_empty() {
        set("webhook-id", &id);
        set("webhook-timestamp", &seconds.to_string());
        set("webhook-signature", &signatures.join(" "));
    }
    headers
}

/// The event's type without secrets, at most 256 characters; `notification` for a notification.
pub(crate) fn event_type(payload: &Payload, scrub: &dyn Scrub) -> String {
    match payload {
        Payload::Event(event) => {
            let clean = scrub.scrub(event.event_type.as_bytes());
            String::from_utf8_lossy(&clean).chars().take(EVENT_TYPE).collect()
        }
        _ => "notification".to_owned(),
    }
}

/// A value of visible ASCII: an event type from code may hold anything, a line break too.
fn visible(text: &str) -> HeaderValue {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.bytes().all(is_plain) {
        return HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("?"));
    }
    let plain: String = text.chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).collect();
    HeaderValue::from_str(&plain).unwrap_or(HeaderValue::from_static("?"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings_core::{Event, KeepAll};
    use tidings_testkit::samples;

    use super::*;

    fn check(headers: &[(&str, &str)], expected: &[&str]) {
        let owned: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (_, problems) = read(&owned);
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, expected, "{headers:?}");
    }

    #[test]
    fn what_the_user_may_not_set_is_named() {
        check(&[("Authorization", "Bearer x"), ("X-Team", "a"), ("User-Agent", "mine"), ("x_y", "z")], &[]);
        check(&[("Content-Type", "application/json")], &[]);
        for name in ["X-Promptise-Signature", "x-promptise-EVENT", "Webhook-Id", "HOST", "Content-Length", "connection"]
        {
            check(&[(name, "x")], &[&format!("headers.{name}")]);
        }
        check(
            &[("Transfer-Encoding", "chunked"), ("content-type", "text/plain"), ("Content-Encoding", "gzip")],
            &["headers.Transfer-Encoding", "headers.content-type", "headers.Content-Encoding"],
        );
        check(&[("X-A", "1"), ("x-a", "2")], &["headers.x-a"]);
        check(&[("X-A", "1\r\nX-B: 2"), ("X-C", "é"), ("X-D", "\0")], &["headers.X-A", "headers.X-C", "headers.X-D"]);
        check(
            &[("X\r\nA", "1"), ("", "1"), ("X A", "1"), ("X:A", "1")],
            &["headers.XA", "headers.", "headers.X A", "headers.X:A"],
        );
    }

    #[test]
    fn no_number_of_headers_is_too_much_for_the_check() {
        for (count, expected) in [(64, &[][..]), (65, &["headers"]), (40_000, &["headers"])] {
            let names: Vec<String> = (0..count).map(|number| format!("X-{number}")).collect();
            let headers: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
            check(&headers, expected);
        }
    }

    #[test]
    fn both_forms_carry_the_same_id_and_time() {
        let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(), SecretString::from("an older plain secret")];
        let envelope = samples::titled("x");
        let headers = build(&envelope, b"{}", "notification", &secrets, &HeaderMap::new());
        let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            (text("x-promptise-delivery"), text("webhook-id")),
            (envelope.delivery.to_string(), envelope.delivery.to_string())
        );
        assert_eq!(
            (text("x-promptise-timestamp"), text("webhook-timestamp")),
            ("1700000000".into(), "1700000000".into())
        );
        assert_eq!(text("x-promptise-event"), "notification");
        assert_eq!(text("x-promptise-signature").matches(",v1=").count(), 2);
        assert_eq!(text("webhook-signature").matches("v1,").count(), 1);
        assert!(build(&envelope, b"{}", "x", &secrets[1..], &HeaderMap::new()).get("webhook-id").is_none());
    }

    #[test]
    fn an_event_type_neither_injects_a_header_nor_fills_it() {
        let check = |text: &str, expected: &str| {
            let event = Event { event_type: text.to_owned(), ..samples::event() };
            let envelope = samples::envelope("x", Payload::Event(Arc::new(event)));
            let event_type = event_type(&envelope.payload, &KeepAll);
            let headers = build(&envelope, b"", &event_type, &["k".into()], &HeaderMap::new());
            assert_eq!(headers.get("x-promptise-event").unwrap(), expected);
        };
        check("a\r\nX-Injected: é", "a??X-Injected: ?");
        check("", "");
        check(&"é".repeat(100_000), &"?".repeat(256));
    }
}
