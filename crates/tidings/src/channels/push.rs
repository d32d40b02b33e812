//! The hub from a configuration, over the store's inbox where the store outlives the process.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use tidings_core::{BoxFuture, DynChannel};
use tidings_push::{
    Appended, Content, Hub, HubConfig, Inbox, Memory, MemoryError, MemoryInbox, Message, NewMessage, Page, Push,
    PushConfig, Span,
};
use tidings_store::{InboxMessage, InboxRow, Store};

use crate::Error;

/// How many messages of a user are kept.
const KEPT: usize = 1000;
/// How much of an attempt's time is left for what is not waiting for an acknowledgement.
const MARGIN: Duration = Duration::from_secs(1);

/// A hub that remembers in this store, else in memory.
pub(crate) fn hub(store: Option<&Arc<dyn Store>>) -> Result<Hub, Error> {
    let memory: Arc<dyn Memory> = match store {
        Some(store) => Arc::new(StoreMemory(Arc::clone(store))),
        None => Arc::new(MemoryInbox::default()),
    };
    Ok(Hub::new(memory, &HubConfig::default())?)
}

/// The channel that counts what was acknowledged.
pub(crate) fn push(hub: Hub, timeout: Option<Duration>) -> Result<Arc<dyn DynChannel>, Error> {
    let config = PushConfig::default();
    let wait = timeout.map_or(config.ack_timeout, |timeout| timeout.saturating_sub(MARGIN).max(timeout / 2));
    Ok(Arc::new(Push::new(hub, config.ack_timeout(wait))?))
}

/// The channel that counts what was kept.
pub(crate) fn inbox(hub: Hub) -> Arc<dyn DynChannel> {
    Arc::new(Inbox::new(hub))
}

/// The store's inbox as what a hub remembers by.
struct StoreMemory(Arc<dyn Store>);

impl StoreMemory {
    /// The message at this place of the user's sequence.
    async fn at(&self, user: &str, seq: u64) -> Result<Option<Message>, MemoryError> {
        let rows = self.0.inbox_since(user, seq.saturating_sub(1), 1).await.map_err(MemoryError::new)?;
        Ok(rows.into_iter().filter(|row| row.seq == seq).find_map(|row| message(&row)))
    }
}

impl Memory for StoreMemory {
    fn append(&self, new: NewMessage) -> BoxFuture<'_, Result<Appended, MemoryError>> {
        Box::pin(async move {
            let NewMessage { user, id, content, at } = new;
            let row = InboxMessage { user: user.as_str().into(), notification: id, content: content.as_str().into() };
            let places = self.0.inbox_append(&[row], KEPT, at).await.map_err(MemoryError::new)?;
            let place = places.first().ok_or_else(|| MemoryError::new("the store gave the message no place"))?;
            let kept = if place.new { None } else { self.at(&user, place.seq).await? };
            let message = kept.unwrap_or(Message { seq: place.seq, id, content, at, read: false });
            Ok(Appended { message, is_new: place.new })
        })
    }

    fn since<'a>(&'a self, user: &'a str, seq: u64, limit: usize) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        Box::pin(async move {
            let rows = self.0.inbox_since(user, seq, limit).await.map_err(MemoryError::new)?;
            Ok(rows.iter().filter_map(message).collect())
        })
    }

    fn span<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Span, MemoryError>> {
        Box::pin(async move {
            let bounds = self.0.inbox_bounds(user).await.map_err(MemoryError::new)?;
            Ok(Span { oldest: bounds.oldest.max(1), latest: bounds.latest })
        })
    }

    fn list<'a>(&'a self, user: &'a str, page: Page) -> BoxFuture<'a, Result<Vec<Message>, MemoryError>> {
        Box::pin(async move {
            let rows = self.0.inbox_since(user, 0, KEPT).await.map_err(MemoryError::new)?;
            let wanted = |row: &InboxRow| {
                page.before.is_none_or(|before| row.seq < before) && page.read.is_none_or(|read| row.read == read)
            };
            Ok(rows.iter().rev().filter(|row| wanted(row)).filter_map(message).take(page.limit).collect())
        })
    }

    fn mark_read<'a>(&'a self, user: &'a str, seqs: RangeInclusive<u64>) -> BoxFuture<'a, Result<usize, MemoryError>> {
        Box::pin(async move {
            let before = seqs.start().saturating_sub(1);
            let rows = self.0.inbox_since(user, before, KEPT).await.map_err(MemoryError::new)?;
            let unread = rows.iter().filter(|row| !row.read && seqs.contains(&row.seq));
            let places: Vec<u64> = unread.map(|row| row.seq).collect();
            let marked = self.0.inbox_mark_read(user, &places).await.map_err(MemoryError::new)?;
            Ok(usize::try_from(marked).unwrap_or(usize::MAX))
        })
    }
}

/// A row whose content cannot be read is as good as lost.
fn message(row: &InboxRow) -> Option<Message> {
    let content = Content::parse(&row.content).ok()?;
    Some(Message { seq: row.seq, id: row.notification, content, at: row.at, read: row.read })
}

#[cfg(test)]
mod tests;
