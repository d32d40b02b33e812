use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tidings_core::{Event, EventId, IncidentId, Notification, NotificationId, Timestamp};

use super::*;

fn event(data: Map<String, Value>, user: &str) -> Event {
    Event::new("tool.error").user(user).data(Value::Object(data))
}

/// What the layer lets through is what the redactor makes of it, whether or not that was found out by one look.
fn check(event: &Event) {
    let (layer, redactor) = (RedactValues::new(Redactor::default()), Redactor::default());
    let (payload, scrub) = layer.redact(&Payload::Event(Arc::new(event.clone()))).unwrap();
    let Payload::Event(found) = payload else { panic!("it is an event") };
    assert_eq!(*found, redactor.redact_event(event));
    let wire = found.to_wire();
    assert_eq!(scrub.scrub(&wire), redactor.scrub(&wire));
    let other = [wire.as_slice(), b" password=hunter2 "].concat();
    assert_eq!(scrub.scrub(&other), redactor.scrub(&other), "other bytes are read as ever");
}

fn key() -> impl Strategy<Value = String> {
    let listed = [
        "password",
        "userPassword",
        "PASSWD",
        "pwd",
        "apiKey",
        "api_keys",
        "apikey",
        "token",
        "tokens",
        "max_tokens",
        "author",
        "Authorization",
        "set-cookie",
        "cookies",
        "client.secret",
        "privateKey",
        "private key",
        "primary_key",
        "credentials",
        "session_token",
        "access_key",
        "AWS_SECRET_ACCESS_KEY",
        "name",
        "value",
        "key",
        "header",
        "user_id",
        "tool",
        "n",
        "passphrase",
        "pin",
        "iban",
        "card",
        "mail",
        "connection_string",
        "x-api-key",
        "accessToken",
        "clientSecrets",
    ];
    prop_oneof![9 => proptest::sample::select(listed.to_vec()).prop_map(str::to_owned), 1 => "[a-zA-Z_ .@:-]{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    let telling = [
        "hunter2",
        "Authorization",
        "Bearer abcdefgh12345678",
        "Basic dXNlcjpwYXNz",
        "--password",
        "-u",
        "ann:hunter2",
        "x=1",
        "password=hunter2",
        "ann@example.com",
        "4111111111111111",
        "4111 1111 1111 1111",
        "DE89370400440532013000",
        "078-05-1120",
        "search_flights",
        "it failed",
        "https://ann:hunter2@a.example/",
        "https://a.example/?token=abc",
        "{\"password\": \"hunter2\"}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Cookie: a=b; c=d",
        "sk-",
        "ghp_",
        "postgres://ann:hunter2@db/x",
        "-----BEGIN PRIVATE KEY-----",
        "AKIAIOSFODNN7EXAMPLE",
        "",
        "true",
        "tests passed",
    ];
    prop_oneof![
        6 => proptest::sample::select(telling.to_vec()).prop_map(str::to_owned),
        1 => "[ -~]{0,30}",
        1 => (0u8..4).prop_map(|n| format!("{}{}", "ghp_", "a1B2".repeat(usize::from(n) * 3))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Value::String),
        1 => any::<u32>().prop_map(|n| json!(n)),
        1 => Just(json!(4_111_111_111_111_111_u64)),
        1 => Just(json!(-1.5e300)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((key(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// What the layer lets through of a notification is what the redactor makes of it, and so are the bytes, ids and all.
fn check_told(told: Notification) {
    let (layer, redactor) = (RedactValues::new(Redactor::default()), Redactor::default());
    let expected = redactor.redact_notification(&told);
    let (payload, scrub) = layer.redact(&Payload::Notification(Arc::new(told))).unwrap();
    let Payload::Notification(found) = &payload else { panic!("it is a notification") };
    assert_eq!(**found, expected);
    let json = payload.to_json().unwrap();
    assert_eq!(scrub.scrub(&json), redactor.scrub(&json));
    assert!(scrub.clean_json().is_none_or(|clean| clean == json && redactor.scrub(&json) == json.as_slice()));
}

/// A notification as rules make it: with ids of ours in it, or with others where those would stand.
fn told(texts: [String; 4], metadata: Map<String, Value>, seed: Option<u64>) -> Notification {
    let envelope = tidings_testkit::samples::titled(&texts[0]);
    let Payload::Notification(sample) = &envelope.payload else { panic!("it is a notification") };
    let [title, body, user_id, dedup_key] = texts;
    let mut told = Notification { title, body, user_id, dedup_key, metadata, ..sample.as_ref().clone() };
    let Some(seed) = seed else { return told };
    let event = EventId::named("test", &seed.to_string());
    let incident = IncidentId::derived("rule", told.agent_id.as_deref(), Timestamp::EPOCH, event);
    (told.event, told.incident) = (Some(event), Some(incident));
    told.notification_id = NotificationId::derived(event, "rule", "ann");
    told.dedup_key = NotificationId::derived(event, "key", "ann").to_string();
    told.metadata.insert("event_id".to_owned(), json!(event));
    told.metadata.insert("incident".to_owned(), json!(incident));
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn one_look_finds_no_less_than_the_walk(pairs in proptest::collection::vec((key(), value()), 0..3), user in text()) {
        check(&event(pairs.into_iter().collect(), &user));
    }

    #[test]
    fn a_notification_is_read_to_the_same_end(
        texts in [text(), text(), text(), text()],
        pairs in proptest::collection::vec((key(), value()), 0..3),
        seed in any::<Option<u64>>(),
    ) {
        check_told(told(texts, pairs.into_iter().collect(), seed));
    }

    #[test]
    fn ids_of_ours_are_nothing_that_a_rule_looks_for(seed in any::<u64>()) {
        let texts = ["It failed", "the airline answered 503", "ann", ""].map(str::to_owned);
        let told = told(texts, Map::new(), Some(seed));
        let json = serde_json::to_vec(&told).unwrap();
        prop_assert_eq!(Redactor::default().scrub(&json), json.as_slice());
        prop_assert!(Redactor::default().surely_keeps_notification(&told));
    }
}

#[test]
fn what_is_nested_too_deep_goes_as_ever() {
    let deep = (0..200).fold(json!("harmless"), |inner, _| json!([inner]));
    check(&event(Map::from_iter([("deep".to_owned(), deep)]), "ann"));
}

#[test]
fn a_clean_message_is_not_copied() {
    let clean = Arc::new(event(Map::from_iter([("tool".to_owned(), json!("search_flights"))]), "ann"));
    let (payload, _) = RedactValues::new(Redactor::default()).redact(&Payload::Event(Arc::clone(&clean))).unwrap();
    assert!(matches!(payload, Payload::Event(same) if Arc::ptr_eq(&same, &clean)));
}

#[test]
fn a_title_is_read_as_ever() {
    for title in ["all is well", "password=hunter2", "{\"token\": \"abc\"}"] {
        let envelope = tidings_testkit::samples::titled(title);
        let (payload, _) = RedactValues::new(Redactor::default()).redact(&envelope.payload).unwrap();
        let Payload::Notification(told) = &envelope.payload else { panic!("it is a notification") };
        let Payload::Notification(found) = payload else { panic!("it is a notification") };
        assert_eq!(*found, Redactor::default().redact_notification(told), "{title}");
    }
}
