//! Connections that only read, also where nothing may be written. What is read through them is told elsewhere.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::salvage::pages::beside;

/// Opens a file to be read. SQLite writes beside a file even to read it; where it may not, and no log is there, the file is taken
/// as one that nobody changes.
pub(crate) fn to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    match Connection::open_with_flags(path, flags).and_then(tried) {
        Err(error) if is_refused(&error) && !beside(path, "-wal").exists() => {
            Connection::open_with_flags(unchanging(path), flags | OpenFlags::SQLITE_OPEN_URI).and_then(tried)
        }
        other => other,
    }
}

/// What is in the way is told only by the first look into the file.
fn tried(connection: Connection) -> rusqlite::Result<Connection> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Whether SQLite was not let in, or not far enough: that says nothing of what is in the file.
pub(crate) fn is_refused(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, PermissionDenied, ReadOnly};
    let refusals = [CannotOpen, DatabaseBusy, DatabaseLocked, PermissionDenied, ReadOnly];
    error.sqlite_error_code().is_some_and(|code| refusals.contains(&code))
}

/// The file's name in the form that takes settings.
fn unchanging(path: &Path) -> String {
    let escaped = |byte: &u8| match byte {
        b'/' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    let path: String = path.as_os_str().as_encoded_bytes().iter().map(escaped).collect();
    // Two strokes at the beginning of a path would make its first folder a host.
    let host = if path.starts_with('/') { "//" } else { "" };
    format!("file:{host}{path}?immutable=1")
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn what_was_not_let_in_is_told_from_damage() {
        for (code, expected) in [
            (ffi::SQLITE_CANTOPEN, true),
            (ffi::SQLITE_READONLY, true),
            (ffi::SQLITE_READONLY_CANTINIT, true),
            (ffi::SQLITE_PERM, true),
            (ffi::SQLITE_BUSY, true),
            (ffi::SQLITE_LOCKED, true),
            (ffi::SQLITE_CORRUPT, false),
            (ffi::SQLITE_NOTADB, false),
            (ffi::SQLITE_IOERR, false),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(is_refused(&error), expected, "{code}");
        }
    }

    #[test]
    fn any_path_can_be_named_with_a_setting() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["plain.db", "with space?immutable=0#x.db", "50%25.db", "naïve.db"] {
            let path = folder.path().join(name);
            Connection::open(&path).unwrap().execute_batch("CREATE TABLE note(text)").unwrap();
            for path in [path.clone(), Path::new("/").join(format!("/{}", path.display()))] {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
                let found = Connection::open_with_flags(unchanging(&path), flags).and_then(|connection| {
                    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
                });
                assert_eq!(found, Ok(1), "{}", path.display());
            }
        }
    }
}
