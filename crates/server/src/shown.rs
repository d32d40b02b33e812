//! What is shown to people: events and entries of the log without secrets and personal data. Who may see what is `caller`'s.

use serde_json::{Value, json};
use tidings::{
    Explanation,
    redact::{Options, Redactor},
    store::{Entry, StoredEvent},
};

/// Takes out of an entry what nobody is shown. Names are read for secrets only.
pub(crate) fn entry(entry: &mut Entry) {
    let names = Redactor::new(Options { personal: false, contact: false });
    for name in [&mut entry.rule, &mut entry.agent, &mut entry.user, &mut entry.endpoint].into_iter().flatten() {
        if let std::borrow::Cow::Owned(clean) = names.redact_text(name) {
            *name = clean;
        }
    }
    Redactor::default().redact_map(&mut entry.detail);
    // What a receiver answers may repeat the address.
    let addresses = Redactor::new(Options { personal: true, contact: true });
    if let Some(text) = entry.detail.get_mut("text") {
        addresses.redact_value(text);
    }
}

/// Takes out of an explanation the addresses that a receiver may have repeated; of secrets it has none.
pub(crate) fn explanation(explained: &mut Explanation) {
    let addresses = Redactor::new(Options { personal: true, contact: true });
    let told = explained.notifications.iter_mut().flat_map(|told| &mut told.deliveries);
    let all = told.chain(explained.sinks.iter_mut().filter_map(|sink| sink.delivery.as_mut()));
    for text in all.flat_map(|delivery| &mut delivery.attempts).filter_map(|attempt| attempt.text.as_mut()) {
        *text = addresses.redact_text(text).into_owned();
    }
}

/// An event as it is shown.
pub(crate) fn event(kept: &StoredEvent) -> Value {
    let mut shown = event_head(kept);
    let clean = Redactor::default().redact_event(&kept.event);
    shown["data"] = Value::Object(clean.data);
    shown
}

/// The same without its data.
pub(crate) fn event_head(kept: &StoredEvent) -> Value {
    let bare =
        tidings::Event { data: serde_json::Map::new(), metadata: serde_json::Map::new(), ..(*kept.event).clone() };
    let clean = Redactor::default().redact_event(&bare);
    json!({
        "id": kept.id, "number": kept.number, "event_type": clean.event_type, "severity": clean.severity,
        "agent": clean.agent_id, "user": clean.user_id, "session": clean.session_id, "at": kept.received,
    })
}
