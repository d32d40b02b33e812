//! Inboxes in the file: a row for each message, by user in a sequence of its own. The newest message of a user always stays, since the
//! sequence goes on from it.

use std::sync::Arc;

use tidings_core::{NotificationId, Timestamp};

use super::{
    Reader,
    error::Failure,
    read::signed,
    row::{Cell, Stored},
    schema::Table,
    work::Work,
};
use crate::model::{InboxBounds, InboxMessage, InboxPlace, InboxRow};

const OF_MESSAGE: &str =
    "SELECT number,user,seq,notification,at,read,content,crc FROM inbox WHERE user=? AND notification=? LIMIT 1";
const SINCE: &str =
    "SELECT number,user,seq,notification,at,read,content,crc FROM inbox WHERE user=? AND seq>? ORDER BY seq LIMIT ?";
const AT: &str = "SELECT number,user,seq,notification,at,read,content,crc FROM inbox WHERE user=? AND seq=?";
/// What a purge takes: old messages, but never the newest of a user.
pub(crate) const OLD: &str = "DELETE FROM inbox WHERE number IN (SELECT one.number FROM inbox AS one WHERE one.at<?1 \
    AND one.seq<(SELECT max(seq) FROM inbox AS other WHERE other.user=one.user) LIMIT ?2)";

/// Puts messages in, each behind the last one of its user, and takes out what is more than `keep`.
pub(crate) fn append(
    work: &mut Work,
    messages: &[InboxMessage],
    keep: usize,
    now: Timestamp,
) -> Result<Vec<InboxPlace>, Failure> {
    work.see(now);
    messages.iter().map(|message| append_one(work, message, keep, now)).collect()
}

fn append_one(work: &mut Work, message: &InboxMessage, keep: usize, now: Timestamp) -> Result<InboxPlace, Failure> {
    let id = message.notification.as_bytes();
    let found = work.scan((Table::Inbox, OF_MESSAGE), (&*message.user, id), |row| row.count(2))?;
    if let Some(seq) = found.first().copied() {
        return Ok(InboxPlace { seq, new: false });
    }
    // The place alone is asked for: that of a row which does not check counts too.
    let last = super::row::integers(
        &work.connection,
        "SELECT max(seq) FROM inbox WHERE user=? HAVING max(seq) IS NOT NULL",
        [&*message.user],
    )?;
    let seq = last.first().copied().unwrap_or(0).saturating_add(1);
    let number = work.next_other();
    let cells = [
        number.into(),
        Cell::Text(&message.user),
        seq.into(),
        Cell::Blob(id),
        now.as_nanos().into(),
        false.into(),
        Cell::Text(&message.content),
    ];
    work.insert(Table::Inbox, &cells)?;
    let kept = seq.saturating_sub(i64::try_from(keep.max(1)).unwrap_or(i64::MAX));
    work.connection.prepare_cached("DELETE FROM inbox WHERE user=? AND seq<=?")?.execute((&*message.user, kept))?;
    Ok(InboxPlace { seq: seq.unsigned_abs(), new: true })
}

/// Marks messages as read; says how many were not.
pub(crate) fn mark_read(work: &mut Work, user: &str, places: &[u64]) -> Result<u64, Failure> {
    let mut marked = 0;
    for place in places {
        let found = work.scan((Table::Inbox, AT), (user, signed(*place)), |row| Some((row.integer(0)?, read(row)?)))?;
        for (number, row) in found.into_iter().filter(|(_, row)| !row.read) {
            let cells = [
                number.into(),
                Cell::Text(user),
                signed(row.seq).into(),
                Cell::Blob(row.notification.as_bytes()),
                row.at.as_nanos().into(),
                true.into(),
                Cell::Text(&row.content),
            ];
            work.replace(Table::Inbox, &cells)?;
            marked += 1;
        }
    }
    Ok(marked)
}

fn read(row: Stored<'_>) -> Option<InboxRow> {
    Some(InboxRow {
        seq: row.count(2)?,
        notification: NotificationId::from_bytes(row.id(3)?),
        at: Timestamp::from_nanos(row.integer(4)?),
        read: row.flag(5)?,
        content: Arc::from(row.text(6)?),
    })
}

impl Reader {
    /// What stands behind a place, the oldest first.
    pub(crate) fn inbox_since(&mut self, user: &str, after: u64, limit: usize) -> Result<Vec<InboxRow>, Failure> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.scan((Table::Inbox, SINCE), (user, signed(after), limit), read)
    }

    pub(crate) fn inbox_bounds(&mut self, user: &str) -> Result<InboxBounds, Failure> {
        if self.lacks(Table::Inbox)? {
            return Ok(InboxBounds::default());
        }
        let sql = "SELECT coalesce(min(seq),0), coalesce(max(seq),0), coalesce(sum(read=0),0) FROM inbox WHERE user=?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (oldest, latest, unread): (i64, i64, i64) =
            statement.query_row([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(InboxBounds { oldest: oldest.unsigned_abs(), latest: latest.unsigned_abs(), unread: unread.unsigned_abs() })
    }
}
