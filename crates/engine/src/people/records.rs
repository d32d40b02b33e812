//! Profiles in a store, for programs with and without a notifier that runs. What stands in one is left to `profile`; that a notifier
//! sees a change is left to `live`.

use std::{fmt, sync::Arc};

use tidings_core::Timestamp;
use tidings_policy::PreferencesError;
use tidings_store::{Document, DocumentChange, DocumentKind, Put, Store, StoreError};

use super::profile::Profile;

/// Who changed a profile that follows the configuration. Whoever writes under this name gives the profile back to it: the next start
/// makes it what the configuration says.
pub const CONFIG: &str = "config";
/// How often a change is tried again that somebody else's came before.
pub(super) const TRIES: usize = 8;
/// The longest id or author, in bytes.
pub(super) const LONGEST_NAME: usize = 256;

/// Something that is kept, with who changed it last.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<T> {
    /// Its id: a user's, or a silence's.
    pub id: String,
    /// Counts up with every change.
    pub version: u64,
    /// Who made the last change; [`CONFIG`]: the configuration.
    pub author: String,
    /// When that was.
    pub at: Timestamp,
    /// What is kept.
    pub value: T,
}

impl<T> Kept<T> {
    pub(super) fn of(document: &Document, value: T) -> Self {
        let Document { id, version, author, at, .. } = document.clone();
        Self { id, version, author, at, value }
    }
}

/// A profile could not be read or changed; then nothing is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Somebody else changed it meanwhile.
    #[error("somebody changed it meanwhile, it stands at version {version}: read it again")]
    Conflict {
        /// The version that stands.
        version: u64,
    },
    /// It cannot stay as it is: every problem with its path.
    #[error(transparent)]
    Invalid(#[from] PreferencesError),
    /// No user can have this id, or nobody can have changed it under this name.
    #[error("{0}")]
    Name(String),
    /// There is no such user.
    #[error("there is no user of this id")]
    Unknown,
    /// The store has not done it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The people and silences of a store, read and changed at one moment.
///
/// A notifier that runs on the same store sees what is changed here at its next start; what it should see at once is changed through
/// its own methods of the same names.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) now: Timestamp,
}

impl fmt::Debug for Records<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a> Records<'a> {
    /// What this store keeps, with what is changed noted as of `now`.
    #[must_use]
    pub fn of(store: &'a dyn Store, now: Timestamp) -> Self {
        Self { store, now }
    }

    /// Everybody's profile, by their ids. One that cannot be read is told to the log and left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn profiles(&self) -> Result<Vec<Kept<Profile>>, ProfileError> {
        let documents = self.store.documents(DocumentKind::Profile).await?;
        Ok(documents.iter().filter_map(|document| Some(Kept::of(document, readable(document)?))).collect())
    }

    /// A user's profile, where there is one.
    ///
    /// # Errors
    /// If the store cannot be read, or what it holds is no profile.
    pub async fn profile(&self, user: &str) -> Result<Option<Kept<Profile>>, ProfileError> {
        let Some(document) = self.store.document(DocumentKind::Profile, user).await? else { return Ok(None) };
        let Some(content) = &document.content else { return Ok(None) };
        Ok(Some(Kept::of(&document, Profile::from_content(content)?)))
    }

    /// Puts a profile in the place of the user's, and gives its version. `expected` is the version that is changed, 0 where there is
    /// no profile; `None`: whatever stands.
    ///
    /// # Errors
    /// If another version stands, if the profile, the id or the author cannot be, or the store does not take it.
    pub async fn put_profile(
        &self,
        user: &str,
        profile: &Profile,
        expected: Option<u64>,
        author: &str,
    ) -> Result<u64, ProfileError> {
        check_user(user)?;
        check_name("author", author).map_err(ProfileError::Name)?;
        let (_, content) = profile.kept()?;
        let change = |expected| self.change(user, expected, author, Some(Arc::clone(&content)));
        match self.put(&change(expected)).await? {
            // Where one was removed there is none: its version goes on.
            Put::Conflict { version } if expected == Some(0) && self.profile_is_gone(user).await? => {
                done(self.put(&change(Some(version))).await?)
            }
            put => done(put),
        }
    }

    /// Removes a user's profile: the user is not told any more unless a rule or a message names him. One whom the configuration still
    /// names stays removed, until his profile is put back. Gives the version of the removal.
    ///
    /// # Errors
    /// If there is none, another version stands, or the store does not take it.
    pub async fn remove_profile(&self, user: &str, expected: Option<u64>, author: &str) -> Result<u64, ProfileError> {
        check_name("author", author).map_err(ProfileError::Name)?;
        let document = self.store.document(DocumentKind::Profile, user).await?;
        let stands = document.filter(|document| document.content.is_some()).ok_or(ProfileError::Unknown)?.version;
        done(self.put(&self.change(user, expected.or(Some(stands)), author, None)).await?)
    }

    fn change(&self, user: &str, expected: Option<u64>, author: &str, content: Option<Arc<str>>) -> DocumentChange {
        DocumentChange {
            kind: DocumentKind::Profile,
            id: user.to_owned(),
            expected,
            author: author.to_owned(),
            content,
        }
    }

    async fn profile_is_gone(&self, user: &str) -> Result<bool, StoreError> {
        let document = self.store.document(DocumentKind::Profile, user).await?;
        Ok(document.is_none_or(|document| document.content.is_none()))
    }

    /// Makes one change.
    pub(super) async fn put(&self, change: &DocumentChange) -> Result<Put, StoreError> {
        let answers = self.store.put_documents(std::slice::from_ref(change), self.now).await?;
        let no_answer = || StoreError::Unavailable("it did not answer a change".to_owned());
        answers.first().copied().ok_or_else(no_answer)
    }
}

fn done(put: Put) -> Result<u64, ProfileError> {
    match put {
        Put::Done { version } => Ok(version),
        Put::Conflict { version } => Err(ProfileError::Conflict { version }),
    }
}

/// What stands in a document; one that cannot be read is told to the log.
pub(super) fn readable(document: &Document) -> Option<Profile> {
    let read = Profile::from_content(document.content.as_deref()?);
    read.map_err(|error| tracing::error!(user = document.id, "a profile cannot be read: {error}")).ok()
}

/// A user's id is text as the configuration takes it.
fn check_user(user: &str) -> Result<(), ProfileError> {
    if user.starts_with('$') {
        return Err(ProfileError::Name("a user's id does not begin with `$`".to_owned()));
    }
    check_name("user's id", user).map_err(ProfileError::Name)
}

/// Says what is wrong with a name.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err(format!("the {what} is empty"));
    }
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("the {what} is one line of text of at most {LONGEST_NAME} bytes"));
    }
    Ok(())
}
