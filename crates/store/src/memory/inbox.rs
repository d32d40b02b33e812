//! Inboxes in memory: by user the last messages, and a sequence that outlives them.

use std::{collections::VecDeque, sync::Arc};

use tidings_core::{NotificationId, Timestamp};

use super::remembered::Remembered;
use crate::model::{InboxBounds, InboxMessage, InboxPlace, InboxRow};

/// How many users have an inbox; the one whose first message is the oldest goes first.
const USERS: usize = 100_000;

/// Every user's inbox.
#[derive(Debug)]
pub(super) struct Inboxes(Remembered<Arc<str>, Inbox>);

#[derive(Debug, Default)]
struct Inbox {
    rows: VecDeque<InboxRow>,
    latest: u64,
}

impl Default for Inboxes {
    fn default() -> Self {
        Self(Remembered::of(USERS))
    }
}

impl Inboxes {
    pub(super) fn append(&mut self, message: &InboxMessage, keep: usize, now: Timestamp) -> InboxPlace {
        if self.0.get(&message.user).is_none() {
            self.0.put(Arc::clone(&message.user), Inbox::default());
        }
        let Some(inbox) = self.0.get_mut(&message.user) else { return InboxPlace { seq: 0, new: false } };
        inbox.append(message.notification, &message.content, keep, now)
    }

    pub(super) fn since(&self, user: &str, after: u64, limit: usize) -> Vec<InboxRow> {
        let rows = self.0.get(user).into_iter().flat_map(|inbox| &inbox.rows);
        rows.filter(|row| row.seq > after).take(limit).cloned().collect()
    }

    pub(super) fn mark_read(&mut self, user: &str, places: &[u64]) -> u64 {
        let Some(inbox) = self.0.get_mut(&Arc::from(user)) else { return 0 };
        let marked = inbox.rows.iter_mut().filter(|row| !row.read && places.contains(&row.seq));
        marked.map(|row| row.read = true).count() as u64
    }

    pub(super) fn bounds(&self, user: &str) -> InboxBounds {
        let Some(inbox) = self.0.get(user) else { return InboxBounds::default() };
        InboxBounds {
            oldest: inbox.rows.front().map_or(0, |row| row.seq),
            latest: inbox.latest,
            unread: inbox.rows.iter().filter(|row| !row.read).count() as u64,
        }
    }
}

impl Inbox {
    fn append(&mut self, notification: NotificationId, content: &Arc<str>, keep: usize, now: Timestamp) -> InboxPlace {
        if let Some(row) = self.rows.iter().rev().find(|row| row.notification == notification) {
            return InboxPlace { seq: row.seq, new: false };
        }
        self.latest += 1;
        self.rows.push_back(InboxRow {
            seq: self.latest,
            notification,
            at: now,
            read: false,
            content: Arc::clone(content),
        });
        while self.rows.len() > keep.max(1) {
            self.rows.pop_front();
        }
        InboxPlace { seq: self.latest, new: true }
    }
}
