//! The values of the log's entries, for every store alike. When an entry is written is left to the stores.

use serde_json::{Map, Value, json};
use tidings_core::{Notification, NotificationId, Timestamp};
use tidings_policy::{Leg, Muted, Plan, Status, Wait};

use super::Note;

/// The values that an entry has, by their names.
pub(crate) type Values = Map<String, Value>;

/// What an attempt came to, and when the next one is due.
pub(crate) fn attempt(note: &Note, due: Option<Timestamp>) -> Values {
    let took = u64::try_from(note.took.as_millis()).unwrap_or(u64::MAX);
    let values = [
        ("kind", json!(note.kind)),
        ("code", json!(note.code)),
        ("text", json!(note.text)),
        ("due", json!(due)),
        ("attempts", json!(Some(note.attempts).filter(|attempts| *attempts > 0))),
        ("took_ms", json!(took)),
    ];
    known(values)
}

/// The channel on which a delivery is not wanted any more, why, and who said so.
pub(crate) fn withdrawn(muted: &Muted) -> Values {
    known([("muted", json!([muted]))])
}

/// When a rule fired that rests now.
pub(crate) fn since(since: Timestamp) -> Values {
    known([("since", json!(since))])
}

/// The channel for which a fallback stands in.
pub(crate) fn after(leg: Option<&Leg>) -> Values {
    known([("after", json!(leg.map(|leg| &leg.after)))])
}

/// How a notification goes out.
pub(crate) fn planned(told: &Notification, plan: &Plan) -> Values {
    known([
        ("title", json!(told.title)),
        ("priority", json!(told.priority)),
        ("legs", json!(plan.legs)),
        ("quorum", json!(plan.quorum)),
    ])
}

/// A notification that is told later.
pub(crate) fn put_off(told: &Notification, wait: &Wait) -> Values {
    let digest = wait.digest.as_ref();
    known([
        ("title", json!(told.title)),
        ("priority", json!(told.priority)),
        ("until", json!(wait.until)),
        ("why", json!(wait.why)),
        ("layer", json!(wait.layer)),
        ("from", json!(digest.map(|digest| digest.from))),
        ("channel", json!(digest.and_then(|digest| digest.channel.as_deref()))),
    ])
}

/// A notification that is not sent, and the one that it repeats.
pub(crate) fn repeats(told: &Notification, of: Option<NotificationId>) -> Values {
    known([("title", json!(told.title)), ("priority", json!(told.priority)), ("of", json!(of))])
}

/// What a notification's end says beside its name.
pub(crate) fn ended(status: Status) -> Values {
    match status {
        Status::Incomplete { needed, reached } => known([("needed", json!(needed)), ("reached", json!(reached))]),
        Status::Pending | Status::Complete | Status::Failed => Map::new(),
    }
}

/// Those that there are.
fn known<const N: usize>(values: [(&str, Value); N]) -> Values {
    let there = values.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}
