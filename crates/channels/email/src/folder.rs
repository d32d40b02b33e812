//! A folder that gets the messages as files: for people without a mail server. Who reads them there is their business.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::NamedTempFile;
use tidings_core::{DeliveryId, ErrorKind, Receipt, SendError};
use tokio::{task::spawn_blocking, time::timeout};

/// A folder and how long a file may take.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    limit: Duration,
}

impl Folder {
    pub(crate) const fn new(path: PathBuf, limit: Duration) -> Self {
        Self { path, limit }
    }

    /// Writes `<delivery id>.eml`, whole or not at all; the same delivery replaces its file. A write that is given up may still be
    /// completed.
    pub(crate) async fn put(&self, delivery: DeliveryId, bytes: Vec<u8>) -> Result<Receipt, SendError> {
        let (folder, name) = (self.path.clone(), format!("{delivery}.eml"));
        let target = name.clone();
        let writing = spawn_blocking(move || write(&folder, &target, &bytes));
        let written = match timeout(self.limit, writing).await {
            Ok(written) => written.unwrap_or_else(|_| Err(io::Error::other("the write was given up"))),
            Err(_) => return Err(SendError::unknown(ErrorKind::Timeout, self.told("the disk did not answer in time"))),
        };
        written.map_err(|error| SendError::transient(ErrorKind::Other, self.told(&why(&error))))?;
        Ok(Receipt { code: None, detail: Some(name) })
    }

    fn told(&self, why: &str) -> String {
        format!("the message could not be written into the folder {}: {why}", self.path.display())
    }
}

/// What an operator can act on; the temporary file's name would only mislead.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder; create it".to_owned(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("{}; let this process write there", error.kind())
        }
        kind @ (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => kind.to_string(),
        _ => error.to_string(),
    }
}

/// The temporary file goes away by itself where anything fails.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|failed| failed.error)?;
    // The rename itself is on disk only once the folder is; not every system lets a folder be synced.
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    })
}
