//! One writer a file: a lock on a file beside it, which tells who holds it and what the process before left. The database file itself
//! is only ever opened by SQLite, since closing a second descriptor of it would drop SQLite's own locks.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::StoreError;

/// Stands behind the holder's number while the store is open.
const OPEN: &str = " open";
/// Stands behind the holder's number as long as no store was ever there.
const NEW: &str = " new";
/// So long is every note: one write puts it in the place of the one before, whatever stops the process.
const LENGTH: usize = 24;

/// So often is a lock tried for that is held by one who only asks, and so long lies between two tries.
const TRIES: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(1);

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

impl Left {
    /// A store that was closed.
    pub(crate) const CLOSED: Self = Self { used: true, open: false };
    /// A store that is open.
    pub(crate) const OPEN: Self = Self { used: true, open: true };

    fn read(note: &str) -> Self {
        let note = note.trim_end();
        Self { used: !note.is_empty() && !note.ends_with(NEW), open: note.ends_with(OPEN) }
    }

    const fn word(self) -> &'static str {
        match self {
            Self { open: true, .. } => OPEN,
            Self { used: true, .. } => "",
            _ => NEW,
        }
    }
}

/// A process that writes a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number, where it is noted.
    pub process: Option<u32>,
}

/// Who writes the store in this file at this moment, if anybody does. It takes nothing for longer than the question lasts.
#[must_use]
pub fn holder(path: &Path) -> Option<Holder> {
    let path = followed(path);
    Lock::is_held(&path).then(|| {
        let note = std::fs::read_to_string(beside(&path)).unwrap_or_default();
        Holder { process: number(&note) }
    })
}

/// The number of the process that wrote a note.
fn number(note: &str) -> Option<u32> {
    note.split_whitespace().next().filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// The lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    left: Left,
}

impl Lock {
    /// Whether another process holds it now. Takes nothing for longer than the question lasts.
    pub(crate) fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(beside(path)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// What is noted by now, for one who looks on: a process that holds the lock may note another thing in the next moment.
    pub(crate) fn noted(path: &Path) -> Left {
        Left::read(&std::fs::read_to_string(beside(path)).unwrap_or_default())
    }

    /// What the process before left, or what was noted since.
    pub(crate) const fn left(&self) -> Left {
        self.left
    }

    /// Notes how the store is, for the next who takes the lock. A note that cannot be written is only missed after damage.
    pub(crate) fn note(&mut self, left: Left) {
        if self.left == left {
            return;
        }
        self.left = left;
        drop(self.write());
        if !left.open {
            // The log goes next, and a power cut must not bring a note back that misses it.
            drop(self.file.sync_data());
        }
    }

    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let beside = beside(path);
        let failed = |error: io::Error| {
            StoreError::Unusable(format!(
                "the store {} cannot be locked: {}: {error}",
                path.display(),
                beside.display()
            ))
        };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&beside);
        let mut file = options.map_err(failed)?;
        if !is_taken(&file).map_err(failed)? {
            return Err(in_use(path, &mut file));
        }
        // Only now: until then the process before may have noted something else.
        let left = Left::read(&told(&mut file));
        let mut lock = Self { file, left };
        // Until the store is open, what was left is still so.
        drop(lock.write());
        Ok(lock)
    }

    /// The number is only for the error that another process shows.
    fn write(&mut self) -> io::Result<()> {
        let note = format!("{}{}", std::process::id(), self.left.word());
        self.file.rewind()?;
        self.file.write_all(format!("{note:LENGTH$}").as_bytes())
    }
}

/// Tries to take the lock; one who only asks whether it is held is waited for.
fn is_taken(file: &File) -> io::Result<bool> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        match file.try_lock_shared() {
            // Nobody writes: it was one who asks.
            Ok(()) => file.unlock()?,
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        std::thread::sleep(PAUSE);
    }
    Ok(false)
}

/// What stands in the lock's file; whatever somebody else has put there is no note.
fn told(file: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| Read::take(&mut *file, 64).read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn in_use(path: &Path, file: &mut File) -> StoreError {
    let note = told(file);
    let who = number(&note).map_or_else(|| "another process".to_owned(), |number| format!("process {number}"));
    StoreError::InUse(format!("the store {} is in use by {who}", path.display()))
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const NEVER: Left = Left { used: false, open: false };

    fn place() -> (TempDir, PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tidings.db");
        (folder, path)
    }

    #[test]
    fn a_note_is_read_as_it_was_left() {
        let (_folder, path) = place();
        for (text, expected) in [
            ("", NEVER),
            ("4242", Left::CLOSED),
            ("4242 open", Left::OPEN),
            ("4242 new", NEVER),
            ("4242 open               ", Left::OPEN),
            ("4242                    ", Left::CLOSED),
            ("what somebody else has written in here, which is much longer than a note", Left::CLOSED),
        ] {
            std::fs::write(beside(&path), text).unwrap();
            assert_eq!(Lock::noted(&path), expected, "{text:?}");
            assert_eq!(Lock::take(&path).unwrap().left(), expected, "{text:?}");
            assert_eq!(Lock::noted(&path), expected, "it is still so: {text:?}");
        }
    }

    /// Who waits for the lock must not go by what was noted before it was free.
    #[test]
    fn what_was_left_is_read_once_the_lock_is_held() {
        let (_folder, path) = place();
        let mut one = Lock::take(&path).unwrap();
        assert_eq!(one.left(), NEVER, "a process that ends here leaves no store");
        one.note(Left::OPEN);
        assert!(Lock::take(&path).is_err());
        one.note(Left::CLOSED);
        drop(one);
        assert_eq!(Lock::take(&path).unwrap().left(), Left::CLOSED);
    }

    #[test]
    fn one_who_asks_refuses_nobody() {
        let (_folder, path) = place();
        drop(Lock::take(&path).unwrap());
        let asks = path.clone();
        let asking = std::thread::spawn(move || (0..20_000).filter(|_| Lock::is_held(&asks)).count());
        while !asking.is_finished() {
            drop(Lock::take(&path).unwrap());
        }
        asking.join().unwrap();
    }

    #[test]
    fn who_holds_it_is_told_by_number() {
        let (_folder, path) = place();
        let held = Lock::take(&path).unwrap();
        let expected = format!("is in use by process {}", std::process::id());
        assert!(matches!(Lock::take(&path), Err(StoreError::InUse(text)) if text.ends_with(&expected)));
        std::fs::write(beside(&path), "somebody").unwrap();
        assert!(matches!(Lock::take(&path), Err(StoreError::InUse(text)) if text.ends_with("by another process")));
        assert_eq!(holder(&path), Some(Holder { process: None }));
        std::fs::write(beside(&path), "42 open").unwrap();
        assert_eq!(holder(&path), Some(Holder { process: Some(42) }));
        drop(held);
        assert_eq!(holder(&path), None);
    }
}
