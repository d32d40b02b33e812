//! Messages as tests need them: plain ones, and ones that want to do harm.

use std::sync::Arc;

use serde_json::{Map, json};
use tidings_core::{
    DeliveryId, Envelope, Event, EventId, IncidentId, Notification, NotificationId, NotificationKind, Payload,
    Priority, Severity, Timestamp,
};

/// The time of every sample: 2023-11-14 22:13:20 UTC.
pub const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// A plain event of type `tool.error`.
#[must_use]
pub fn event() -> Event {
    Event::new("tool.error").severity(Severity::Error).agent("billing").at(NOW).data(json!({"error_rate": 0.2}))
}

/// A plain notification with this title.
#[must_use]
pub fn notification(title: &str) -> Notification {
    let event = EventId::named("samples", title);
    Notification {
        notification_id: NotificationId::derived(event, "high_error_rate", "u1"),
        agent_id: Some("billing".to_owned()),
        title: title.to_owned(),
        body: "error_rate 0.2 > 0.05".to_owned(),
        priority: Priority::High,
        channels: vec!["webhook".to_owned()],
        user_id: "u1".to_owned(),
        metadata: Map::new(),
        created_at: NOW,
        dedup_key: "samples".to_owned(),
        rule: Some("high_error_rate".to_owned()),
        event: Some(event),
        kind: NotificationKind::Firing,
        incident: Some(IncidentId::derived("high_error_rate", Some("billing"), NOW, event)),
    }
}

/// A first attempt to deliver the payload, with an id of its own for each `label`.
#[must_use]
pub fn envelope(label: &str, payload: Payload) -> Envelope {
    let delivery = DeliveryId::of_event(EventId::named("samples", label), "conformance");
    Envelope::plain(delivery, payload, NOW)
}

/// A first attempt to deliver a notification with this title.
#[must_use]
pub fn titled(title: &str) -> Envelope {
    envelope(title, Payload::Notification(Arc::new(notification(title))))
}

/// Titles that want to break out of a header, a page, a chat message or a buffer.
#[must_use]
pub fn hostile_titles() -> Vec<String> {
    let fixed = [
        "line\r\nX-Injected: yes\r\n\r\nGET / HTTP/1.1",
        "a carriage return\rX-Injected: yes",
        "a NUL \0 inside",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "@everyone @here <!channel> <!here> <!everyone> <@U123> <@&456>",
        "right to left \u{202e}gnp.exe\u{2066} isolate",
        "\"quotes\" \\ {{ template }} ${HOME} %s",
        "",
    ];
    fixed.into_iter().map(str::to_owned).chain(["x".repeat(100_000)]).collect()
}
