//! What SQLite's errors mean to those who ask the store. What is done about them is the writer's business.

use std::any::Any;

use rusqlite::ErrorCode;
use tracing::error;

use crate::StoreError;

/// A command or a question failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite says so.
    Sql(rusqlite::Error),
    /// The store says so.
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// What was asked panicked: the store goes on without it.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
        error!(target: "tidings::store", text, "a fault of the store's own: what was asked is undone");
        Self::Store(StoreError::Unavailable(format!("a fault of its own: {text}")))
    }

    /// Whether the file itself is at fault.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }

    /// Whether there is a row already that must be the only one.
    pub(crate) fn is_in_the_way(&self) -> bool {
        self.code() == Some(ErrorCode::ConstraintViolation)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sql(error) => error.sqlite_error_code(),
            Self::Store(_) => None,
        }
    }

    /// As the caller is told: what is wrong, with which file, and what helps.
    pub(crate) fn told(&self, path: &str) -> StoreError {
        let error = match self {
            Self::Store(error) => return error.clone(),
            Self::Sql(error) => error,
        };
        StoreError::Unavailable(match self.code() {
            Some(ErrorCode::DiskFull) => format!("no room for {path}: make room on its disk ({error})"),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                format!("{path} cannot be written: check its permissions and those of its folder ({error})")
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                format!("{path} cannot be read or written: check its disk ({error})")
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                format!("another program holds {path}: close it ({error})")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                format!("{path} is damaged: start again to save what can be saved, or run `tidings fsck` ({error})")
            }
            _ => format!("{path}: {error}"),
        })
    }
}
