//! Documents in the file, a row for each, with its version. What stands in one is not looked at.

use std::sync::Arc;

use tidings_core::Timestamp;

use super::{
    Reader,
    error::Failure,
    read::signed,
    row::{Cell, Stored},
    schema::Table,
    work::Work,
};
use crate::model::{Document, DocumentChange, DocumentKind, Put};

const OF: &str = "SELECT number,kind,id,version,author,at,content,crc FROM document WHERE kind=? AND id=?";
const ALL: &str = "SELECT number,kind,id,version,author,at,content,crc FROM document WHERE kind=? ORDER BY id";
/// Silences and used links that were removed before then, up to a count: their ids do not come again.
pub(crate) const REMOVED: &str = "DELETE FROM document WHERE number IN \
    (SELECT number FROM document WHERE kind IN (1,2) AND content IS NULL AND at<?1 LIMIT ?2)";

/// A kind as it is kept.
const fn code(kind: DocumentKind) -> i64 {
    match kind {
        DocumentKind::Profile => 0,
        DocumentKind::Silence => 1,
        DocumentKind::Link => 2,
    }
}

const fn kind(code: i64) -> Option<DocumentKind> {
    match code {
        0 => Some(DocumentKind::Profile),
        1 => Some(DocumentKind::Silence),
        2 => Some(DocumentKind::Link),
        _ => None,
    }
}

fn read(row: Stored<'_>) -> Option<(i64, Document)> {
    let content = row.optional(6, |row, place| row.text(place).map(Arc::from))?;
    let document = Document {
        kind: kind(row.integer(1)?)?,
        id: row.text(2)?.to_owned(),
        version: row.count(3)?,
        author: row.text(4)?.to_owned(),
        at: Timestamp::from_nanos(row.integer(5)?),
        content,
    };
    Some((row.integer(0)?, document))
}

/// Changes all of them, or none.
pub(crate) fn put(work: &mut Work, changes: &[DocumentChange], now: Timestamp) -> Result<Vec<Put>, Failure> {
    work.see(now);
    let mut before = Vec::with_capacity(changes.len());
    for change in changes {
        before.push(work.scan((Table::Document, OF), (code(change.kind), &*change.id), read)?.into_iter().next());
    }
    let version = |found: &Option<(i64, Document)>| found.as_ref().map_or(0, |(_, document)| document.version);
    let conflicts = changes
        .iter()
        .zip(&before)
        .any(|(change, found)| change.expected.is_some_and(|expected| expected != version(found)));
    if conflicts {
        return Ok(before.iter().map(|found| Put::Conflict { version: version(found) }).collect());
    }
    changes.iter().map(|change| put_one(work, change, now)).collect()
}

fn put_one(work: &mut Work, change: &DocumentChange, now: Timestamp) -> Result<Put, Failure> {
    // Looked at again: the same document may be changed twice.
    let found = work.scan((Table::Document, OF), (code(change.kind), &*change.id), read)?.into_iter().next();
    let version = found.as_ref().map_or(1, |(_, document)| document.version + 1);
    let number = found.as_ref().map_or_else(|| work.next_other(), |(number, _)| *number);
    let cells = [
        number.into(),
        code(change.kind).into(),
        Cell::Text(&change.id),
        signed(version).into(),
        Cell::Text(&change.author),
        now.as_nanos().into(),
        change.content.as_deref().into(),
    ];
    match found {
        Some(_) => work.replace(Table::Document, &cells)?,
        None => work.insert(Table::Document, &cells)?,
    }
    Ok(Put::Done { version })
}

impl Reader {
    /// All of a kind that were not removed.
    pub(crate) fn documents(&mut self, kind: DocumentKind) -> Result<Vec<Document>, Failure> {
        let found = self.scan((Table::Document, ALL), [code(kind)], read)?;
        Ok(found.into_iter().map(|(_, document)| document).filter(|document| document.content.is_some()).collect())
    }

    /// The document of this id, a removed one too.
    pub(crate) fn document(&mut self, kind: DocumentKind, id: &str) -> Result<Option<Document>, Failure> {
        let found = self.scan((Table::Document, OF), (code(kind), id), read)?;
        Ok(found.into_iter().next().map(|(_, document)| document))
    }
}
