//! What becomes of each attribute, and what is refused.

use axum::http::HeaderName;
use serde_json::json;
use tidings::Severity;

use super::*;

const RECEIVED: Timestamp = Timestamp::from_secs(7);

/// One with all that it must have, and this.
fn given(more: &Value) -> Value {
    let mut all = json!({"specversion": "1.0", "type": "tool.error", "source": "/agents/billing", "id": "1"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn read(more: &Value) -> Result<Event, String> {
    structured(given(more), RECEIVED)
}

#[test]
fn every_attribute_has_its_place() {
    let event = read(&json!({
        "time": "1970-01-01T01:00:02.5+01:00", "subject": "invoice 7", "severity": "critical", "agentid": "billing",
        "userid": "u1", "sessionid": "s1", "traceparent": "00-1", "data": {"a": 1}
    }))
    .unwrap();
    assert_eq!((event.event_type.as_str(), event.severity), ("tool.error", Severity::Critical));
    assert_eq!((event.id.as_deref(), event.source.as_deref()), (Some("1"), Some("/agents/billing")));
    assert_eq!(event.timestamp, Timestamp::from_nanos(2_500_000_000));
    assert_eq!(
        [event.agent_id.as_deref(), event.user_id.as_deref(), event.session_id.as_deref()],
        [Some("billing"), Some("u1"), Some("s1")]
    );
    assert_eq!(Value::Object(event.data), json!({"a": 1}));
    assert_eq!(Value::Object(event.metadata), json!({"subject": "invoice 7", "traceparent": "00-1"}));
}

#[test]
fn data_is_an_object_or_a_value_of_one() {
    let check = |more: Value, expected: Value| assert_eq!(Value::Object(read(&more).unwrap().data), expected);
    check(json!({}), json!({}));
    check(json!({"data": null}), json!({}));
    check(json!({"data": [1]}), json!({"value": [1]}));
    check(json!({"data": "x", "datacontenttype": "text/plain"}), json!({"value": "x"}));
    check(json!({"data_base64": "eyJhIjoxfQ=="}), json!({"a": 1}));
    check(json!({"data_base64": "aGk=", "datacontenttype": "Text/Plain; charset=utf-8"}), json!({"value": "hi"}));
}

#[test]
fn what_is_wrong_is_named() {
    let check = |value: Value, expected: &str| {
        let told = structured(value, RECEIVED).unwrap_err();
        assert!(told.contains(expected), "{told}: {expected}");
    };
    for name in ["specversion", "type", "source", "id"] {
        let mut all = given(&json!({}));
        all.as_object_mut().unwrap().shift_remove(name);
        check(all, &format!("`{name}` is missing"));
        check(given(&json!({name: 1})), &format!("`{name}` must be"));
    }
    check(given(&json!({"specversion": "0.3"})), "`specversion` must be \"1.0\"");
    check(given(&json!({"type": ""})), "`type` must be 1 to 256 bytes");
    check(given(&json!({"time": 1})), "RFC 3339");
    check(given(&json!({"time": "yesterday"})), "RFC 3339");
    check(given(&json!({"severity": "fatal"})), "known are info, warning, error, critical");
    check(given(&json!({"agent_id": "a"})), "`agent_id` names no attribute");
    check(given(&json!({"extra": {}})), "`extra` must be a string");
    check(given(&json!({"data": 1, "data_base64": "MQ=="})), "exclude each other");
    check(given(&json!({"data_base64": "?"})), "not base64");
    check(given(&json!({"data_base64": "/w==", "datacontenttype": "image/png"})), "neither JSON nor text");
    check(given(&json!({"data_base64": "/w=="})), "not UTF-8");
    check(json!([]), "a JSON object");
}

#[test]
fn headers_are_attributes_too() {
    let read = |more: &[(&'static str, &str)], body: &str| {
        let all = [("ce-specversion", "1.0"), ("ce-type", "a"), ("ce-source", "/b"), ("ce-id", "caf%C3%A9 %31")];
        let headers: HeaderMap = all
            .iter()
            .chain(more)
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        binary(&headers, body.as_bytes(), RECEIVED)
    };
    let event = read(&[("content-type", "application/json"), ("ce-agentid", "x")], "{\"a\": 1}").unwrap();
    assert_eq!((event.id.as_deref(), event.agent_id.as_deref()), (Some("café 1"), Some("x")));
    assert_eq!((event.timestamp, Value::Object(event.data)), (RECEIVED, json!({"a": 1})));
    assert_eq!(Value::Object(read(&[("content-type", "text/plain")], "hi").unwrap().data), json!({"value": "hi"}));
    assert_eq!(Value::Object(read(&[], "").unwrap().data), json!({}));
    let subject = |value| read(&[("ce-subject", value)], "").map(|event| event.metadata["subject"].clone());
    assert_eq!(subject("\"a \\\"b\\\\c\\\" %2522\""), Ok(json!("a \"b\\c\" %22")));
    assert_eq!(subject("Euro%20%E2%82%AC a\"b"), Ok(json!("Euro € a\"b")));
    for wrong in ["\"a", "\"a\"b", "\"a\\", "\"", "%C0%A0", "%ED%A0%80", "%00"] {
        assert!(subject(wrong).is_err(), "{wrong}");
    }
    assert!(read(&[("content-type", "image/png")], "x").is_err());
    assert!(read(&[("ce-subject", "%zz")], "").is_err());
    assert!(read(&[("ce-subject", "%C3")], "").is_err());
    assert!(read(&[("ce-subject", "%0")], "").is_err());
}
