//! What is special to SQLite and not seen from outside.

mod damage;
mod documents;
mod forgetting;
mod grouping;
mod inbox;
mod later;
mod lending;
mod losses;
mod plans;
mod purging;
mod round_trip;
mod torn;

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;
use tidings_core::Timestamp;

use super::{Options, SqliteStore, schema::Table};

/// A store in a folder of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("tidings.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), &Options::default(), at(0)).unwrap().0
    }

    /// Makes a closed file what this version of the tables left.
    fn age(&self, version: i32) {
        let connection = Connection::open(self.path()).unwrap();
        for table in Table::ALL.into_iter().filter(|table| table.since() > version) {
            connection.execute_batch(&format!("DROP TABLE {}", table.name())).unwrap();
        }
        let noted =
            format!("DELETE FROM schema_version WHERE version>{version}; PRAGMA user_version={version}; VACUUM;");
        connection.execute_batch(&noted).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + seconds)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
