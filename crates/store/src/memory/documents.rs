//! Documents in memory, each with its version. What stands in one is not looked at.

use std::collections::BTreeMap;

use tidings_core::Timestamp;

use crate::model::{Document, DocumentChange, DocumentKind, Put};

/// All documents, removed ones too: their versions go on.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<(DocumentKind, String), Document>);

impl Documents {
    pub(super) fn all(&self, kind: DocumentKind) -> Vec<Document> {
        self.0.values().filter(|document| document.kind == kind && document.content.is_some()).cloned().collect()
    }

    pub(super) fn get(&self, kind: DocumentKind, id: &str) -> Option<Document> {
        self.0.get(&(kind, id.to_owned())).cloned()
    }

    /// Changes all of them, or none.
    pub(super) fn put(&mut self, changes: &[DocumentChange], now: Timestamp) -> Vec<Put> {
        let before: Vec<_> = changes.iter().map(|change| self.version(change)).collect();
        let fits = |change: &DocumentChange, version: u64| change.expected.is_none_or(|expected| expected == version);
        if changes.iter().zip(&before).any(|(change, version)| !fits(change, *version)) {
            return before.into_iter().map(|version| Put::Conflict { version }).collect();
        }
        changes.iter().map(|change| self.put_one(change, now)).collect()
    }

    /// Forgets silences and used links that were removed before then: their ids do not come again.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> u64 {
        let is_over = |document: &Document| {
            document.kind != DocumentKind::Profile && document.content.is_none() && document.at < before
        };
        let mut purged = 0;
        self.0.retain(|_, document| {
            let goes = purged < limit && is_over(document);
            purged += usize::from(goes);
            !goes
        });
        purged as u64
    }

    fn version(&self, change: &DocumentChange) -> u64 {
        self.0.get(&(change.kind, change.id.clone())).map_or(0, |document| document.version)
    }

    fn put_one(&mut self, change: &DocumentChange, now: Timestamp) -> Put {
        let version = self.version(change) + 1;
        let document = Document {
            kind: change.kind,
            id: change.id.clone(),
            version,
            author: change.author.clone(),
            at: now,
            content: change.content.clone(),
        };
        self.0.insert((change.kind, change.id.clone()), document);
        Put::Done { version }
    }
}
