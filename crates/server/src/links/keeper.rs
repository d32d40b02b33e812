//! What outlives the process of links: the key, and which of them have been used. Both lie in the store, beside what people may change.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::{Value, json};
use tidings::{
    Timestamp,
    store::{DocumentChange, DocumentKind, Put, Store, StoreError},
};

use super::token::Key;

/// The key's document; used links are called by a hash, which is longer.
const KEY: &str = "key";
/// Who changes these documents.
const AUTHOR: &str = "links";

/// The key that is kept, made where there is none.
pub(super) async fn key(store: &dyn Store, now: Timestamp) -> Result<Key, StoreError> {
    if let Some(key) = kept(store).await? {
        return Ok(key);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Unavailable("the system gives no randomness".to_owned()))?;
    let content = json!({"key": STANDARD_NO_PAD.encode(bytes)});
    let put = store.put_documents(&[change(KEY, &content)], now).await?;
    match put.first() {
        Some(Put::Done { .. }) => Ok(Key::new(bytes)),
        // One that was there and could not be read is put in its place too: links of before are none then.
        _ => Err(StoreError::Unavailable("the key was not taken".to_owned())),
    }
}

async fn kept(store: &dyn Store) -> Result<Option<Key>, StoreError> {
    let document = store.document(DocumentKind::Link, KEY).await?;
    let content = document.and_then(|document| document.content);
    let value: Option<Value> = content.and_then(|content| serde_json::from_str(&content).ok());
    let bytes = value.and_then(|value| STANDARD_NO_PAD.decode(value.get("key")?.as_str()?).ok());
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(Key::new))
}

/// Whether a link was used before. One of which the store does not tell counts as used.
pub(super) async fn is_used(store: &dyn Store, name: &str) -> bool {
    let found = store.document(DocumentKind::Link, name).await;
    found.map_or(true, |document| document.is_some())
}

/// Remembers that a link was used, as long as it would be good; and forgets those that are over by themselves.
pub(super) async fn use_up(store: &dyn Store, name: &str, expires: Timestamp, now: Timestamp) {
    let mut changes = vec![change(name, &json!({"until": expires}))];
    let over = store.documents(DocumentKind::Link).await.unwrap_or_default().into_iter().filter(|document| {
        let content: Option<Value> = document.content.as_deref().and_then(|content| serde_json::from_str(content).ok());
        let until = content.and_then(|content| Timestamp::from_secs_f64(content.get("until")?.as_f64()?));
        until.is_some_and(|until| until <= now)
    });
    changes.extend(over.map(|document| DocumentChange { content: None, ..change(&document.id, &Value::Null) }));
    if let Err(error) = store.put_documents(&changes, now).await {
        tracing::error!(%error, "a used link cannot be remembered");
    }
}

fn change(id: &str, content: &Value) -> DocumentChange {
    DocumentChange {
        kind: DocumentKind::Link,
        id: id.to_owned(),
        expected: None,
        author: AUTHOR.to_owned(),
        content: Some(Arc::from(content.to_string())),
    }
}
