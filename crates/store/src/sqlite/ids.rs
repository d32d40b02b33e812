//! Which number an id has. The latest ids are in memory and found again in their rows at the next start; older ones are moved into
//! the file in the order of the ids, so that an id at random does not cost a page of its own.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{counters::Counters, row};

/// So many ids stay in memory.
const KEPT: usize = 12_000;
/// So many are moved into the file at once, at least.
const SLICE: usize = 512;

/// What an id leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// An event's id, to the event.
    Event,
    /// A notification's id, to the notification.
    Notification,
    /// A delivery's id, to the delivery, as long as it is not settled.
    Delivery,
    /// A delivery's id, to the entries of the log about it.
    Entry,
}

impl Kind {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Event => 1,
            Self::Notification => 2,
            Self::Delivery => 3,
            Self::Entry => 4,
        }
    }
}

/// By kind, the number up to which all ids are in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Marks {
    pub(crate) events: i64,
    pub(crate) notifications: i64,
    pub(crate) deliveries: i64,
    pub(crate) entries: i64,
}

impl Marks {
    pub(crate) const fn of(counters: &Counters) -> Self {
        Self {
            events: counters.events.last,
            notifications: counters.notifications.last,
            deliveries: counters.deliveries.last,
            entries: counters.entries.last,
        }
    }
}

/// An id with its number.
pub(crate) type Key = (Kind, [u8; 16], i64);

#[derive(Debug, Default)]
struct Recent {
    keys: BTreeSet<Key>,
    /// What the transaction under way put in and took out.
    added: Vec<Key>,
    removed: Vec<Key>,
    /// From here on ids are moved into the file next; behind the last one it begins anew.
    hand: Option<Key>,
    /// What had been given when the hand set out: once it is round, all of that is in the file.
    begun: Marks,
}

/// The ids in memory. Readers may see those of a commit that is under way: they lead to rows that are not there.
#[derive(Debug, Default)]
pub(crate) struct Ids(Mutex<Recent>);

impl Ids {
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an id in that the file tells of at the start.
    pub(crate) fn load(&self, key: Key) {
        self.recent().keys.insert(key);
    }

    /// All ids that the file told of are in.
    pub(crate) fn loaded(&self, counters: &Counters) {
        self.recent().begun = Marks::of(counters);
    }

    pub(crate) fn add(&self, key: Key) {
        let mut recent = self.recent();
        if recent.keys.insert(key) {
            recent.added.push(key);
        }
    }

    /// The numbers of an id in memory, the lowest first.
    pub(crate) fn recent_numbers(&self, kind: Kind, id: [u8; 16]) -> Vec<i64> {
        let range = (kind, id, i64::MIN)..=(kind, id, i64::MAX);
        self.recent().keys.range(range).map(|(.., number)| *number).collect()
    }

    /// Forgets an id, in memory and in the file.
    pub(crate) fn remove(&self, connection: &Connection, key: Key, counters: &mut Counters) -> rusqlite::Result<()> {
        let mut recent = self.recent();
        if recent.keys.remove(&key) {
            recent.removed.push(key);
        }
        let may_be_filed = key.0 != Kind::Delivery || counters.keyed_deliveries > 0;
        drop(recent);
        if may_be_filed {
            let gone = connection
                .prepare_cached("DELETE FROM id_key WHERE kind=? AND key=? AND number=?")?
                .execute((key.0.code(), short(key.1), key.2))?;
            if key.0 == Kind::Delivery {
                counters.keyed_deliveries -= gone as i64;
            }
        }
        Ok(())
    }

    /// Forgets a row's id whose row is damaged, so that it may tell another one, or none.
    pub(crate) fn lose(
        &self,
        connection: &Connection,
        (kind, id, number): (Kind, Option<[u8; 16]>, i64),
    ) -> rusqlite::Result<()> {
        let mut recent = self.recent();
        let lost: Vec<_> = recent.keys.iter().filter(|key| (key.0, key.2) == (kind, number)).copied().collect();
        for key in lost {
            recent.keys.remove(&key);
            recent.removed.push(key);
        }
        drop(recent);
        if let Some(id) = id {
            let sql = "DELETE FROM id_key WHERE kind=? AND key=? AND number=?";
            connection.prepare_cached(sql)?.execute((kind.code(), short(id), number))?;
        }
        Ok(())
    }

    /// Moves some ids into the file if there are many; they are to be forgotten by [`Ids::commit`] once that is certain.
    pub(crate) fn file(&self, connection: &Connection, counters: &mut Counters) -> rusqlite::Result<Vec<Key>> {
        let recent = self.recent();
        if recent.keys.len() < KEPT {
            return Ok(Vec::new());
        }
        let count = SLICE.max(recent.keys.len() - KEPT);
        let slice: Vec<Key> = match recent.hand {
            Some(hand) => recent.keys.range(hand..).take(count).copied().collect(),
            None => recent.keys.iter().take(count).copied().collect(),
        };
        if slice.len() < count {
            counters.marks = recent.begun;
        }
        drop(recent);
        let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO id_key(kind,key,number) VALUES(?,?,?)")?;
        for (kind, id, number) in &slice {
            let new = insert.execute((kind.code(), short(*id), number))?;
            if *kind == Kind::Delivery {
                counters.keyed_deliveries += new as i64;
            }
        }
        // An empty slice still says that the hand is round.
        Ok(if slice.is_empty() { vec![(Kind::Event, [0; 16], i64::MIN)] } else { slice })
    }

    /// The transaction is certain: forgets what is in the file now.
    pub(crate) fn commit(&self, filed: &[Key], counters: &Counters) {
        let mut recent = self.recent();
        recent.added.clear();
        recent.removed.clear();
        let Some(last) = filed.last() else { return };
        for key in filed {
            recent.keys.remove(key);
        }
        let next = recent.keys.range(*last..).next().copied();
        let is_round = next.is_none() || last.2 == i64::MIN;
        recent.hand = next.filter(|_| !is_round);
        if is_round {
            recent.begun = Marks::of(counters);
        }
    }

    /// The transaction is gone, and what it did with it.
    pub(crate) fn roll_back(&self) {
        let mut recent = self.recent();
        let (added, removed) = (std::mem::take(&mut recent.added), std::mem::take(&mut recent.removed));
        for key in added {
            recent.keys.remove(&key);
        }
        recent.keys.extend(removed);
    }
}

/// The numbers that the file has for an id: rows to be looked at, since a short key may stand for two ids.
pub(crate) fn filed_numbers(connection: &Connection, kind: Kind, id: [u8; 16]) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT number FROM id_key WHERE kind=? AND key=? ORDER BY number";
    row::integers(connection, sql, (kind.code(), short(id)))
}

/// The first half of an id.
pub(crate) fn short(id: [u8; 16]) -> i64 {
    id.first_chunk().map_or(0, |half| i64::from_be_bytes(*half))
}
