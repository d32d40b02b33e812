//! What a notification says in words: all of it but the ids that we have derived ourselves. Those are hashes, which no rule looks for
//! and which keep a reader of texts busy longer than all words around them.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use tidings_core::{Notification, NotificationId};

/// The notification without the ids of ours in it, as JSON under the same keys.
#[derive(Serialize)]
pub(crate) struct Said<'a> {
    agent_id: Option<&'a str>,
    title: &'a str,
    body: &'a str,
    channels: &'a [String],
    user_id: &'a str,
    metadata: Others<'a>,
    dedup_key: Option<&'a str>,
}

impl<'a> Said<'a> {
    pub(crate) fn by(told: &'a Notification) -> Self {
        Self {
            agent_id: told.agent_id.as_deref(),
            title: &told.title,
            body: &told.body,
            channels: &told.channels,
            user_id: &told.user_id,
            metadata: Others(
                &told.metadata,
                [told.event.map(|id| id.to_string()), told.incident.map(|id| id.to_string())],
            ),
            dedup_key: Some(&*told.dedup_key).filter(|key| !is_hash(key)),
        }
    }
}

/// An object without the entries that tell these ids.
struct Others<'a>(&'a Map<String, Value>, [Option<String>; 2]);

impl Serialize for Others<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(all, ids) = self;
        let is_ours = |key: &str, value: &Value| {
            ["event_id", "incident"]
                .iter()
                .zip(ids)
                .any(|(name, id)| key == *name && id.is_some() && value.as_str() == id.as_deref())
        };
        serializer.collect_map(all.iter().filter(|(key, value)| !is_ours(key, value)))
    }
}

/// Whether the key is a hash over what counts as the same, spelt as all our ids.
fn is_hash(key: &str) -> bool {
    key.parse::<NotificationId>().is_ok()
}
