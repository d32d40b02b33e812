//! Who there is: as the store keeps them where there is one, else as the configuration says. Whose word holds of the two is the engine's
//! knowledge.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use tidings::{
    People, Profile, ProfileError, Records,
    clock::system_now,
    config::{self, Mode, Plan},
    store::{DocumentKind, Store, sqlite::SqliteStore},
};
use tidings_server::views::Stamp;

use super::through;
use crate::{
    args::{Change, Config},
    author,
    daemon::{AskError, DEFAULT_STORE, Daemon},
    kept, output, up,
};

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Changed {
    /// It stands under this version.
    Done { version: u64 },
    /// Something else stands than was expected.
    Conflict { stands: Option<Stamp> },
}

/// Everybody, as a start would find them now.
#[derive(Debug)]
pub(crate) struct Everybody {
    plan: Plan,
    file: PathBuf,
    store: Option<SqliteStore>,
    /// The one that holds the store, where changes are to be made.
    daemon: Option<Daemon>,
    people: People,
    stamps: BTreeMap<String, Stamp>,
}

impl Everybody {
    /// To be looked at: also beside a process that writes the store, and without a store.
    pub(crate) async fn to_read(config: &Config) -> anyhow::Result<Self> {
        let (file, plan) = named(config, kept::plan)?;
        let path = plan.store.as_ref().map_or_else(|| DEFAULT_STORE.into(), |store| store.path.clone());
        let path = Some(path).filter(|path| path.exists());
        let store = path.map(|path| SqliteStore::open_read_only(&path)).transpose()?;
        Self::find(file, plan, store).await
    }

    /// To be changed: by a daemon that holds the store, else nobody may hold it. It is made where it is not there yet.
    pub(crate) async fn to_write(config: &Config) -> anyhow::Result<Self> {
        let (file, plan) = named(config, kept::whole_plan)?;
        if let Some(daemon) = Daemon::of(config, Some(&plan))? {
            let everybody = Self::find(file, plan, Some(daemon.store()?)).await?;
            return Ok(Self { daemon: Some(daemon), ..everybody });
        }
        let store = plan.store.as_ref().with_context(|| {
            format!("{} names no store, so that nothing would keep the change: add `store: {{path: tidings.db}}` to it, or change the file", file.display())
        })?;
        let store = kept::open_or_make(&store.path)?;
        Self::find(file, plan, Some(store)).await
    }

    async fn find(file: PathBuf, plan: Plan, store: Option<SqliteStore>) -> anyhow::Result<Self> {
        let given = tidings::people(&plan);
        let Some(store) = store else {
            return Ok(Self { plan, file, store: None, daemon: None, people: given, stamps: BTreeMap::new() });
        };
        let people = People::standing(&store, &given).await?;
        let kept = Records::of(&store, system_now()).profiles().await?;
        let stamps = kept.iter().map(|kept| (kept.id.clone(), Stamp::of(kept))).collect();
        Ok(Self { plan, file, store: Some(store), daemon: None, people, stamps })
    }

    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) const fn people(&self) -> &People {
        &self.people
    }

    /// A person's profile.
    pub(crate) fn profile(&self, user: &str) -> Option<Profile> {
        self.people.users().get(user).map(Profile::from)
    }

    /// A person as the configuration says, whatever the store keeps.
    pub(crate) fn given(&self, user: &str) -> Option<Profile> {
        tidings::people(&self.plan).users().get(user).map(Profile::from)
    }

    /// Who changed a person last; `None` where the store does not know the person.
    pub(crate) fn stamp(&self, user: &str) -> Option<&Stamp> {
        self.stamps.get(user)
    }

    /// What is said of somebody who is not there.
    pub(crate) fn unknown(&self, user: &str) -> anyhow::Error {
        let known: Vec<&str> = self.people.users().ids().collect();
        anyhow!("there is no user `{}`: {}", output::plain(user), output::plain(&config::hint(user, known)))
    }

    /// Says where the answer is from, where no store has a say in it.
    pub(crate) fn note_source(&self) {
        if self.store.is_some() {
            return;
        }
        let file = self.file.display();
        match &self.plan.store {
            None => output::note(format_args!("from {file} alone: it names no store")),
            Some(store) => {
                output::note(format_args!("from {file} alone: there is no store at {} yet", store.path.display()))
            }
        }
    }

    /// Where the answer is from, for programs.
    pub(crate) const fn source(&self) -> &'static str {
        if self.store.is_some() { "store" } else { "configuration" }
    }

    /// Puts a profile in the place of the person's. Where nothing is expected, what was read must still stand.
    pub(crate) async fn put(
        &self,
        user: &str,
        profile: &Profile,
        expected: Option<u64>,
        author: &str,
    ) -> anyhow::Result<Changed> {
        let read = self.stamp(user).map_or(0, |stamp| stamp.version);
        let records = self.records()?;
        if let Some(daemon) = &self.daemon {
            let change = through::Change { user, before: self.profile(user), expected: expected.or(Some(read)) };
            return self.answered(user, through::put(daemon, &change, profile).await).await;
        }
        changed(&records, user, records.put_profile(user, profile, expected.or(Some(read)), author).await).await
    }

    /// Removes a person.
    pub(crate) async fn remove(&self, user: &str, expected: Option<u64>, author: &str) -> anyhow::Result<Changed> {
        let records = self.records()?;
        if let Some(daemon) = &self.daemon {
            let removed = through::remove(daemon, user, expected).await;
            return self.answered(user, removed).await;
        }
        if let (None, Some(store)) = (self.stamp(user), &self.store) {
            // Of somebody whom only the configuration knows nothing can be removed yet.
            People::seeded(store, &tidings::people(&self.plan), system_now()).await?;
        }
        changed(&records, user, records.remove_profile(user, expected, author).await).await
    }

    /// What became of a change that the daemon was asked for.
    async fn answered(&self, user: &str, done: Result<(), AskError>) -> anyhow::Result<Changed> {
        match done {
            Ok(()) => {
                let store = self.store.as_ref().context("there is no store")?;
                let document = store.document(DocumentKind::Profile, user).await?;
                Ok(Changed::Done { version: document.map_or(0, |document| document.version) })
            }
            Err(AskError::Refused { status: 412, .. }) => {
                let stands = self.records()?.profile(user).await?;
                Ok(Changed::Conflict { stands: stands.as_ref().map(Stamp::of) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says so where the author that is given will not be noted.
    pub(crate) fn note_author(&self, change: &Change) {
        if self.daemon.is_some() {
            author::note_of_daemon(change.author.as_deref());
        }
    }

    fn records(&self) -> anyhow::Result<Records<'_>> {
        let store = self.store.as_ref().context("there is no store")?;
        Ok(Records::of(store, system_now()))
    }

    /// Lets the store go, with all that was changed in it.
    pub(crate) fn close(&self) {
        if let Some(store) = &self.store {
            store.close();
        }
    }
}

/// The file, and what it says. Where there is none but a daemon has its store here, it is that daemon's.
fn named(config: &Config, read: impl Fn(&Path, Mode) -> anyhow::Result<Plan>) -> anyhow::Result<(PathBuf, Plan)> {
    if let Some((file, mode)) = kept::configuration(config) {
        let plan = read(&file, mode)?;
        return Ok((file, plan));
    }
    let own = PathBuf::from(DEFAULT_STORE);
    anyhow::ensure!(own.exists(), "name the configuration with `-c FILE`: there is no tidings.yaml in this folder");
    Ok((own, up::ready(None)?))
}

/// What became of a change; who stands in its way is looked up.
async fn changed(records: &Records<'_>, user: &str, done: Result<u64, ProfileError>) -> anyhow::Result<Changed> {
    match done {
        Ok(version) => Ok(Changed::Done { version }),
        Err(ProfileError::Conflict { .. }) => {
            let stands = records.profile(user).await?;
            Ok(Changed::Conflict { stands: stands.as_ref().map(Stamp::of) })
        }
        Err(error) => Err(error.into()),
    }
}
