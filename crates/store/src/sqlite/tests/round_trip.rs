//! What goes in comes out: exactly.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tidings_core::{Event, Notification, NotificationId, NotificationKind, Payload, Priority, Severity, Timestamp};

use crate::sqlite::encode;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((".*", value()), 0..5).prop_map(|pairs| pairs.into_iter().collect())
}

fn event() -> impl Strategy<Value = Event> {
    let text = || prop::option::of("\\PC*|[\\x00-\\x1f]{0,3}");
    let names = (".{0,300}", 0..4_usize, any::<i64>());
    (names, (text(), text(), text(), text(), text()), object(), object()).prop_map(
        |((event_type, severity, at), (agent_id, user_id, session_id, id, source), data, metadata)| Event {
            event_type,
            severity: Severity::ALL[severity],
            timestamp: Timestamp::from_nanos(at),
            agent_id,
            user_id,
            session_id,
            data,
            metadata,
            id,
            source,
        },
    )
}

fn text_of(event: &Event) -> String {
    serde_json::to_string(&(&event.data, &event.metadata)).unwrap()
}

proptest! {
    #[test]
    fn an_event_comes_back_exactly(event in event()) {
        let back = encode::read_event(&encode::event(&event), event.timestamp.as_nanos());
        let back = back.unwrap();
        prop_assert_eq!(text_of(&back), text_of(&event), "with its keys in their order");
        prop_assert_eq!(&back, &event);
        let payload = encode::read_payload(&encode::payload(&Payload::Event(event.clone().into())));
        prop_assert!(matches!(payload, Some(Payload::Event(back)) if *back == event));
    }

    #[test]
    fn a_notification_comes_back_exactly(
        text in (".*", ".*", ".*", ".*"), names in prop::collection::vec(".*", 0..3), metadata in object(),
        at in any::<i64>(), resolved in any::<bool>(), rule in prop::option::of(".*"), priority in 0..4_usize,
    ) {
        let told = Notification {
            notification_id: NotificationId::from_bytes([7; 16]),
            agent_id: rule.clone(),
            title: text.0,
            body: text.1,
            priority: Priority::ALL[priority],
            channels: names,
            user_id: text.2,
            metadata,
            created_at: Timestamp::from_nanos(at),
            dedup_key: text.3,
            event: rule.as_ref().map(|_| tidings_core::EventId::named("s", "i")),
            rule,
            kind: if resolved { NotificationKind::Resolved } else { NotificationKind::Firing },
            incident: None,
        };
        prop_assert_eq!(encode::read_notification(&encode::notification(&told)), Some(told));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(encode::read_event(&bytes, 0));
        drop(encode::read_notification(&bytes));
        drop(encode::read_payload(&bytes));
    }
}
