//! One writer a file: a lock on a file beside it, which tells who holds it. The database file itself is only ever opened by SQLite,
//! since closing a second descriptor of it would drop SQLite's own locks.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::StoreError;

/// The lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Whether another process holds it now. Takes nothing for longer than the question lasts.
    pub(crate) fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(beside(path)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Whether this file was ever locked: a store was there.
    pub(crate) fn exists(path: &Path) -> bool {
        beside(path).exists()
    }

    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
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
        // The number is only for the error that another process shows.
        drop(write_holder(&mut file));
        Ok(Self { _file: file })
    }
}

fn write_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

fn in_use(path: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    let read = Read::take(&mut *file, 32).read_to_string(&mut holder).is_ok();
    let who = match holder.trim() {
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

/// The lock's own file: never taken away, since another process may hold it already.
fn beside(path: &Path) -> PathBuf {
    let mut name: OsString = path.into();
    name.push(".lock");
    name.into()
}
