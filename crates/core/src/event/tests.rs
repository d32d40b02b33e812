//! The wire form, what is refused, and identities.

use serde_json::json;

use super::*;

fn read(value: Value) -> Result<Event, String> {
    Event::from_json(value, Timestamp::from_secs(7)).map_err(|error| error.to_string())
}

#[test]
fn the_wire_form_is_compact_and_in_order() {
    let event = Event::new("tool.error").agent("a").at(Timestamp::from_secs(1)).data(json!({"z": 1, "a": "é"})).id("1");
    let wire = String::from_utf8(event.to_wire()).unwrap();
    assert_eq!(
        wire,
        r#"{"event_type":"tool.error","severity":"error","timestamp":1.0,"agent_id":"a","user_id":null,"session_id":null,"data":{"z":1,"a":"é"},"metadata":{}}"#
    );
}

#[test]
fn defaults_are_filled_in() {
    let event = read(json!({"event_type": "budget.exceeded"})).unwrap();
    assert_eq!((event.severity, event.timestamp), (Severity::Critical, Timestamp::from_secs(7)));
    assert_eq!(read(json!({"event_type": "mine"})).unwrap().severity, Severity::Info);
    assert!(read(json!({"event_type": "mine", "agent_id": null, "data": null, "extra": 1})).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    let check = |value: Value, expected: &str| assert_eq!(read(value).map(|_| String::new()), Err(expected.to_owned()));
    check(json!([]), "an event is a JSON object, this is an array");
    check(json!({"severity": "info"}), "`event_type` is missing");
    check(json!({"event_type": 3}), "`event_type` must be a string, not a number");
    check(json!({"event_type": ""}), "`event_type` must be 1 to 256 bytes without control characters");
    check(
        json!({"event_type": "a", "severity": "fatal"}),
        "unknown severity `fatal`; known are info, warning, error, critical",
    );
    check(json!({"event_type": "a", "timestamp": "now"}), "`timestamp` must be a number of Unix seconds, not a string");
    check(json!({"event_type": "a", "data": []}), "`data` must be an object, not an array");
    check(json!({"event_type": "a", "sevrity": "info"}), "unknown key `sevrity`: did you mean `severity`?");
    check(json!({"event_type": "a", "agentId": "x"}), "unknown key `agentId`: did you mean `agent_id`?");
}

#[test]
fn the_same_event_has_the_same_identity() {
    let event = Event::new("a").at(Timestamp::from_secs(1));
    assert_eq!(event.identity(0), event.clone().identity(0));
    assert_ne!(event.identity(0), event.identity(1));
    assert_ne!(event.identity(0), event.clone().at(Timestamp::from_secs(2)).identity(0));
    let named = event.id("7");
    assert_eq!(named.identity(0), named.clone().at(Timestamp::from_secs(9)).identity(3));
}
