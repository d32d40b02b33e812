//! The suppression list as a file: one line for each STOP and START, appended and synced before the call returns. Several processes may
//! share it: each reads what the others have added.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Suppressions, checked};
use crate::is_e164;

/// The first line, which tells our files from others.
const HEADER: &str = "tidings sms suppressions 1\n";
/// How much is read at once.
const CHUNK: u64 = 64 * 1024;
/// The longest line that can be one of ours is far shorter.
const LONGEST_LINE: usize = 64;

/// A list in a file that survives restarts. `Debug` shows how many numbers there are, never which.
pub struct FileSuppressions {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// Where the file lies, whatever the folder of the process becomes.
    place: PathBuf,
    file: File,
    numbers: BTreeSet<String>,
    /// Up to where the file has been read: always the end of a line.
    read: u64,
}

impl FileSuppressions {
    /// Opens the list, or begins one that only its owner may read; a link is followed. A last line that was torn by a crash is dropped: its call had
    /// not returned.
    ///
    /// # Errors
    /// If the file cannot be read or written, or is not such a list.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let file = options().open(&path)?;
        // A pipe or a device would keep nothing, and might never answer.
        if !file.metadata()?.is_file() {
            return Err(foreign());
        }
        let mut state = State { place: std::path::absolute(&path)?, file, numbers: BTreeSet::new(), read: 0 };
        state.locked(State::repair)?;
        // A link's own folder says nothing of the file.
        sync_folder(&fs::canonicalize(&path)?)?;
        state.refresh()?;
        Ok(Self { path, state: Mutex::new(state) })
    }

    /// Where the list lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A torn step leaves at worst lines that are read again, which changes nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, number: &str, is_stop: bool) -> io::Result<()> {
        let number = checked(number)?;
        self.state().locked(|state| {
            state.repair()?;
            state.refresh()?;
            if state.numbers.contains(number) == is_stop {
                return Ok(());
            }
            let word = if is_stop { "stop" } else { "start" };
            state.file.write_all(format!("{word} {number}\n").as_bytes())?;
            state.file.sync_data()?;
            state.refresh()
        })
    }
}

impl Suppressions for FileSuppressions {
    fn is_suppressed(&self, number: &str) -> io::Result<bool> {
        let mut state = self.state();
        state.refresh()?;
        Ok(state.numbers.contains(number))
    }

    fn suppress(&self, number: &str) -> io::Result<()> {
        self.write(number, true)
    }

    fn lift(&self, number: &str) -> io::Result<()> {
        self.write(number, false)
    }
}

impl fmt::Debug for FileSuppressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSuppressions").field("numbers", &self.state().numbers.len()).finish_non_exhaustive()
    }
}

impl State {
    /// Does this while no other process writes.
    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.file.lock()?;
        let done = work(self);
        self.file.unlock()?;
        done
    }

    /// Begins an empty file, and cuts off a line that was never finished. Only under the lock: another may be just writing it.
    fn repair(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length < HEADER.len() as u64 {
            return self.begin();
        }
        let start = length.saturating_sub(LONGEST_LINE as u64);
        let tail = self.bytes(start, LONGEST_LINE as u64)?;
        match tail.iter().rposition(|byte| *byte == b'\n') {
            Some(last) if last + 1 == tail.len() => Ok(()),
            // Whether the file is ours is judged when it is read; until then nothing is cut off.
            _ if self.bytes(0, HEADER.len() as u64)? != HEADER.as_bytes() => Err(foreign()),
            Some(last) => self.file.set_len(start + last as u64 + 1),
            None => Err(foreign()),
        }
    }

    /// Writes the first line, also where a crash has torn it.
    fn begin(&mut self) -> io::Result<()> {
        let torn = self.bytes(0, HEADER.len() as u64)?;
        if !HEADER.as_bytes().starts_with(&torn) {
            return Err(foreign());
        }
        self.file.set_len(0)?;
        self.file.write_all(HEADER.as_bytes())?;
        self.file.sync_all()
    }

    /// Fails where another file stands in this one's place: what others write there would not be read, and what is written here would
    /// be lost.
    fn stay(&self) -> io::Result<()> {
        let is_there = match fs::metadata(&self.place) {
            Ok(there) => is_same(&there, &self.file.metadata()?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        let text =
            "the suppression list was replaced or removed from outside: put it back, or start again with what is there";
        if is_there { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidData, text)) }
    }

    /// Reads the lines that were added since, up to the last whole one.
    fn refresh(&mut self) -> io::Result<()> {
        self.stay()?;
        if self.read == 0 {
            let first = self.bytes(0, HEADER.len() as u64)?;
            if first != HEADER.as_bytes() {
                return Err(foreign());
            }
            self.read = HEADER.len() as u64;
        }
        let length = self.file.metadata()?.len();
        if length < self.read {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the suppression list was cut from outside: start again",
            ));
        }
        while self.read < length {
            let chunk = self.bytes(self.read, CHUNK)?;
            let Some(last) = chunk.iter().rposition(|byte| *byte == b'\n') else {
                // Another process may be just writing it; what is longer is not a line of ours.
                return if chunk.len() < LONGEST_LINE { Ok(()) } else { Err(foreign()) };
            };
            self.take(chunk.get(..=last).unwrap_or_default())?;
            self.read += last as u64 + 1;
        }
        Ok(())
    }

    fn take(&mut self, lines: &[u8]) -> io::Result<()> {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let line = str::from_utf8(line).map_err(|_| foreign())?;
            match line.trim_end_matches('\n').split_once(' ') {
                Some(("stop", number)) if is_e164(number) => drop(self.numbers.insert(number.to_owned())),
                Some(("start", number)) if is_e164(number) => drop(self.numbers.remove(number)),
                _ => return Err(foreign()),
            }
        }
        Ok(())
    }

    /// At most so many bytes from there on.
    fn bytes(&mut self, start: u64, limit: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&self.file).take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is open cannot be replaced.
#[cfg(not(unix))]
const fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// To be read, and written at its end alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A new file's name is durable once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn foreign() -> io::Error {
    let text = "the file is not a suppression list of ours: name another one, or remove it";
    io::Error::new(io::ErrorKind::InvalidData, text)
}
