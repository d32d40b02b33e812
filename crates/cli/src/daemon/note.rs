//! The note beside a store that tells where the daemon listens that holds it. It holds no secret. Who holds a store is told by the store's own
//! lock: a note that somebody else has left is none.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tidings::store::sqlite::holder;

use super::place::from_here;

/// The longest note that is read, in bytes.
const LONGEST: u64 = 1_024;

/// Where a daemon listens, and which process it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    /// Where it is reached from this machine.
    pub(crate) address: SocketAddr,
    /// Its number.
    pub(crate) process: u32,
    /// The file that it runs by; none on defaults.
    #[serde(default)]
    pub(crate) configuration: Option<PathBuf>,
}

/// A note that stands until it is dropped.
#[derive(Debug)]
pub(crate) struct Note(PathBuf);

impl Note {
    /// Leaves a note of this process beside its store.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn leave(store: &Path, listens: SocketAddr, configuration: Option<&Path>) -> io::Result<Self> {
        let path = beside(store, ".daemon");
        let configuration = configuration.and_then(|file| fs::canonicalize(file).ok());
        let noted = Noted { address: from_here(listens), process: std::process::id(), configuration };
        // Whoever reads meanwhile finds the old note or the new one, never half of one.
        let new = beside(store, ".daemon.new");
        fs::write(&new, serde_json::to_vec(&noted)?)?;
        fs::rename(&new, &path)?;
        Ok(Self(path))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // One that stays is not believed once the store is free.
        drop(fs::remove_file(&self.0));
    }
}

/// The daemon that holds this store at this moment, if one does.
pub(crate) fn find(store: &Path) -> Option<Noted> {
    let noted = read(&beside(store, ".daemon"))?;
    let holder = holder(store)?;
    (holder.process == Some(noted.process)).then_some(noted)
}

fn read(path: &Path) -> Option<Noted> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// A file beside the store's own, wherever links lead to that.
fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = fs::canonicalize(store).unwrap_or_else(|_| store.to_owned()).into();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use tidings::{
        clock::system_now,
        store::sqlite::{Options, SqliteStore},
    };

    use super::*;

    #[test]
    fn a_note_is_believed_while_its_process_holds_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidings.db");
        let address = "0.0.0.0:7171".parse().unwrap();
        let (store, _) = SqliteStore::open(&path, &Options::default(), system_now()).unwrap();
        assert_eq!(find(&path), None, "no note");
        let note = Note::leave(&path, address, None).unwrap();
        let (address, process) = ("127.0.0.1:7171".parse().unwrap(), std::process::id());
        let expected = Noted { address, process, configuration: None };
        assert_eq!(find(&path).as_ref(), Some(&expected));
        #[cfg(unix)]
        {
            let link = folder.path().join("link.db");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            assert_eq!(find(&link).as_ref(), Some(&expected));
        }
        let text = fs::read_to_string(&note.0).unwrap();
        fs::write(&note.0, r#"{"address": "127.0.0.1:7171", "process": 1}"#).unwrap();
        assert_eq!(find(&path), None, "another process's note");
        for bad in ["", "{", "[]", r#"{"address": "evil.example:80", "process": 1}"#] {
            fs::write(&note.0, bad).unwrap();
            assert_eq!(find(&path), None, "{bad}");
        }
        fs::write(&note.0, text).unwrap();
        store.close();
        assert_eq!(find(&path), None, "nobody holds it");
        let left = note.0.clone();
        drop(note);
        assert!(!left.exists());
    }
}
