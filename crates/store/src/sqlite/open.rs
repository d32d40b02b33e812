//! Opening a store file: whose it is, whether it is whole, and what must be known of it before the first command.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tidings_core::Timestamp;

use super::{
    connect,
    counters::Counters,
    error::Failure,
    ids::Kind,
    lock::{Left, Lock, followed},
    options::{Opened, Options},
    readers::Reader,
    salvage::{self, Damage, Why},
    schema,
    shared::Shared,
    waits::Waits,
    work::{self, Work},
    writer,
};
use crate::StoreError;

/// A file, opened to be written.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) lock: Lock,
    pub(crate) work: Work,
    pub(crate) readers: Vec<Reader>,
    pub(crate) shared: Arc<Shared>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Empty,
    /// Ours, of this version.
    Ours(i32),
}

/// Opens the file for its one writer. That it is open is for the caller to note in the lock, once all that belongs to it runs.
pub(crate) fn open(path: &Path, options: &Options, now: Timestamp) -> Result<Parts, StoreError> {
    let path = &settled(path)?;
    let mut lock = Lock::take(path)?;
    let mut damage = salvage::recover(path, &mut lock, now)?;
    let open = match open_locked(path, options, (&mut lock, damage.as_ref()), now) {
        // A large file is not looked through at every start: what is met only here is mended here.
        Err(Refusal::Damage(what)) if damage.is_none() => {
            damage = Some(salvage::salvage(path, Why::Check(what), &mut lock, now)?);
            open_locked(path, options, (&mut lock, damage.as_ref()), now)
        }
        open => open,
    };
    let (work, shared, readers) = open.map_err(|refusal| refusal.told(path))?;
    Ok(Parts { lock, work, readers, shared })
}

type Open = (Work, Arc<Shared>, Vec<Reader>);

/// Why a file was not opened.
enum Refusal {
    /// It is damaged, and how that showed.
    Damage(String),
    Other(StoreError),
}

impl Refusal {
    fn of(path: &Path, failure: Failure) -> Self {
        match failure {
            Failure::Sql(ref error) if failure.is_damage() => Self::Damage(error.to_string()),
            failure => Self::Other(unusable(path, &failure)),
        }
    }

    fn told(self, path: &Path) -> StoreError {
        match self {
            Self::Damage(what) => {
                StoreError::Unusable(format!("the store {} is damaged ({what}): run `tidings fsck`", path.display()))
            }
            Self::Other(error) => error,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

fn open_locked(
    path: &Path,
    options: &Options,
    (lock, damage): (&mut Lock, Option<&Damage>),
    now: Timestamp,
) -> Result<Open, Refusal> {
    // From here on SQLite may take the log away; and nothing was ever there until the tables are.
    lock.note(Left { open: false, ..lock.left() });
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let refused = |failure: Failure| Refusal::of(path, failure);
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refused(error.into()))?;
    let found = look(&connection, path)?;
    let counters = prepare(&connection, found, options, now).map_err(refused)?;
    let counters = counters.ok_or_else(|| Refusal::Damage("its counters do not check".to_owned()))?;
    lock.note(Left::CLOSED);
    let opened = Opened { created: found == Found::Empty, damage: damage.map(Damage::texts).unwrap_or_default() };
    let shared = Arc::new(Shared::new(path.display().to_string(), opened));
    load(&connection, &counters, &shared).map_err(refused)?;
    // One more is for claims.
    let readers =
        (0..options.readers.max(1).saturating_add(1)).map(|_| reader(path, &shared, true)).collect::<Result<_, _>>()?;
    let work = Work::new(connection, counters, Arc::clone(&shared));
    Ok((work, shared, readers))
}

/// Opens a file to be read, also while another process writes it.
pub(crate) fn open_read_only(path: &Path, readers: usize) -> Result<(Arc<Shared>, Vec<Reader>), StoreError> {
    if !path.exists() {
        return Err(StoreError::Unusable(format!("there is no store {}: check the path", path.display())));
    }
    let path = &settled(path)?;
    let shared = Arc::new(Shared::new(path.display().to_string(), Opened::default()));
    let readers: Vec<_> =
        (0..readers.max(1)).map(|_| reader(path, &shared, false)).collect::<Result<_, StoreError>>()?;
    if let Some(reader) = readers.first()
        && look(&reader.connection, path)? == Found::Empty
    {
        return Err(StoreError::Unusable(format!("{} is empty: no store has been there yet", path.display())));
    }
    Ok((shared, readers))
}

fn reader(path: &Path, shared: &Arc<Shared>, writes: bool) -> Result<Reader, StoreError> {
    let connection = connect::to_read(path).and_then(|connection| {
        writer::keep_plans(&connection)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;")?;
        Ok(connection)
    });
    let connection = connection.map_err(|error| unusable(path, &error.into()))?;
    Ok(Reader::new(connection, Arc::clone(shared), writes))
}

/// What can be said against a path before anything is opened.
fn settled(path: &Path) -> Result<PathBuf, StoreError> {
    let told = |what: String| Err(StoreError::Unusable(what));
    if path.as_os_str().is_empty() {
        return told("the path of the store is empty: name a file".to_owned());
    }
    if path.is_dir() {
        return told(format!(
            "{} is a folder: name a file in it, such as {}",
            path.display(),
            path.join("tidings.db").display()
        ));
    }
    let path = &followed(path);
    if path.is_symlink() {
        return told(format!("{} is a link that leads round in a circle: name a file", path.display()));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match parent {
        Some(parent) if !parent.exists() => {
            told(format!("the folder {} of the store is not there: create it", parent.display()))
        }
        Some(parent) if !parent.is_dir() => {
            told(format!("{} is not a folder, so that {} cannot be in it", parent.display(), path.display()))
        }
        _ => Ok(path.to_owned()),
    }
}

/// Whose file it is, and of which version.
fn look(connection: &Connection, path: &Path) -> Result<Found, StoreError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
    let told = (|| {
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        Ok((tables, number("PRAGMA application_id")?, number("PRAGMA user_version")?))
    })();
    let (tables, application, version) = told.map_err(|error: rusqlite::Error| unusable(path, &error.into()))?;
    let path = path.display();
    match (tables, application) {
        (0, _) => Ok(Found::Empty),
        (_, application) if application != schema::APPLICATION => {
            Err(StoreError::Unusable(format!("{path} is the database of another program: give the store another path")))
        }
        _ if version > schema::VERSION => Err(StoreError::Unusable(format!(
            "{path} was written by a newer version of Tidings (its tables are version {version}, this one knows {}): \
             use that version, or give the store another path",
            schema::VERSION
        ))),
        _ => Ok(Found::Ours(version)),
    }
}

/// Sets the file up and brings it to this version; gives what it counts, if that checks.
fn prepare(
    connection: &Connection,
    found: Found,
    options: &Options,
    now: Timestamp,
) -> Result<Option<Counters>, Failure> {
    let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::Unusable(format!(
            "the store needs a disk with shared memory; its journal stays `{mode}`"
        ))
        .into());
    }
    writer::tune(connection)?;
    let from = match found {
        Found::Empty => 0,
        Found::Ours(version) => version,
    };
    if from < schema::VERSION {
        schema::migrate(connection, from, now.as_nanos())?;
    }
    if let Some(size) = options.max_size {
        let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(size).unwrap_or(i64::MAX) / page.max(1);
        connection.query_row(&format!("PRAGMA max_page_count={}", pages.max(1)), [], |_| Ok(()))?;
    }
    let Some(mut counters) = Counters::load(connection)? else { return Ok(None) };
    let waiting: i64 = connection.query_row("SELECT count(*) FROM deferred", [], |row| row.get(0))?;
    if waiting.unsigned_abs() != counters.waits.total() {
        counters.waits = Waits::count(connection)?;
    }
    Ok(Some(counters))
}

/// What is in memory while the store is open.
fn load(connection: &Connection, counters: &Counters, shared: &Shared) -> Result<(), Failure> {
    let marks = &counters.marks;
    for (kind, sql, mark) in [
        (Kind::Event, "SELECT number,id FROM event WHERE number>?", marks.events),
        (Kind::Notification, "SELECT number,id FROM notification WHERE number>?", marks.notifications),
        (Kind::Delivery, "SELECT number,id FROM delivery WHERE number>?", marks.deliveries),
        (
            Kind::Entry,
            "SELECT number,delivery FROM delivery_log WHERE number>? AND delivery IS NOT NULL",
            marks.entries,
        ),
    ] {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([mark])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(1)?.as_blob().ok().and_then(|id| id.try_into().ok());
            if let Some(id) = id {
                shared.ids.load((kind, id, row.get(0)?));
            }
        }
    }
    shared.ids.loaded(counters);
    shared.set_counters(counters);
    work::count_owed(connection, shared)?;
    Ok(())
}

/// Why a file cannot be opened, and what to do.
fn unusable(path: &Path, failure: &Failure) -> StoreError {
    let shown = path.display();
    let error = match failure {
        Failure::Store(StoreError::Unusable(text)) => {
            return StoreError::Unusable(format!("the store {shown}: {text}"));
        }
        Failure::Store(error) => return error.clone(),
        Failure::Sql(error) => error,
    };
    StoreError::Unusable(match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            format!(
                "{shown} is not a store: it is another kind of file, or its beginning is damaged; run `tidings fsck`, or give the store another path"
            )
        }
        Some(ErrorCode::DatabaseCorrupt) => format!("{shown} is damaged: run `tidings fsck` ({error})"),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            format!("{shown} cannot be opened: check its permissions and those of its folder ({error})")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("another program holds {shown}: close it, or give the store another path ({error})")
        }
        Some(ErrorCode::DiskFull) => format!("no room for {shown}: make room on its disk ({error})"),
        _ => format!("{shown} cannot be opened: {error}"),
    })
}
