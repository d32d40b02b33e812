//! One writer a file: a lock on a file beside it, which tells who holds it. The database file itself is only ever opened by SQLite,
//! since closing a second descriptor of it would drop SQLite's own locks.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::StoreError;

/// Stands behind the holder's number while the store is open.
const OPEN: &str = " open";

/// So many links are followed; a longer chain is a circle.
const LINKS: usize = 40;

/// What the process before left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Whether a store was ever there.
    pub(crate) used: bool,
    /// Whether it was open when that process ended: then it left a log behind.
    pub(crate) open: bool,
}

/// The lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Whether another process holds it now. Takes nothing for longer than the question lasts.
    pub(crate) fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(beside(path)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// What the process before left; to be asked before the lock is taken.
    pub(crate) fn left(path: &Path) -> Left {
        let beside = beside(path);
        let text = std::fs::read_to_string(&beside).unwrap_or_default();
        Left { used: !text.is_empty(), open: text.ends_with(OPEN) }
    }

    /// Notes whether the store is open, for the next who asks what was left. A note that cannot be written is only missed after
    /// damage.
    pub(crate) fn note(&mut self, open: bool) {
        drop(write_holder(&mut self.file, open));
    }

    /// Notes that no store was ever there, so that nobody takes what is there for one.
    pub(crate) fn disclaim(&mut self) {
        drop(self.file.set_len(0));
    }

    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let left = Self::left(path);
        let beside = beside(path);
        let failed = |error: std::io::Error| {
            StoreError::Unusable(format!(
                "the store {} cannot be locked: {}: {error}",
                path.display(),
                beside.display()
            ))
        };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&beside);
        let mut file = options.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut file)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut lock = Self { file };
        // Until the store is open, what was left is still so.
        lock.note(left.open);
        Ok(lock)
    }
}

/// The number is only for the error that another process shows.
fn write_holder(file: &mut File, open: bool) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}{}", std::process::id(), if open { OPEN } else { "" })
}

fn in_use(path: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    let read = Read::take(&mut *file, 32).read_to_string(&mut holder).is_ok();
    let who = match holder.trim_end_matches(OPEN).trim() {
        number if read && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("process {number}")
        }
        _ => "another process".to_owned(),
    };
    StoreError::Unusable(format!(
        "the store {} is in use by {who}: stop it, or give this one another path",
        path.display()
    ))
}

/// The file itself, where a path leads to it by links: beside that one lies SQLite's log, and so must all that is ours.
pub(crate) fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| target.clone(), |parent| parent.join(&target));
    }
    path
}

/// The lock's own file: never taken away, since another process may hold it already.
fn beside(path: &Path) -> PathBuf {
    let mut name: OsString = path.into();
    name.push(".lock");
    name.into()
}
