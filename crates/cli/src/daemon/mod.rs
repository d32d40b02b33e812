//! The daemon that holds a store: how a verb finds it, and asks it. What each verb asks for is its own knowledge.

mod account;
mod client;
mod follow;
mod note;
mod passing;
mod place;
mod question;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tidings::{config::Plan, store::sqlite::SqliteStore};

use crate::{args::Config, kept};

pub(crate) use self::{
    account::{Totals, totals},
    client::{AskError, Client, KEY},
    follow::follow,
    note::{Note, find},
    passing::Passing,
    place::from_here,
    question::{Question, segment},
};

/// Where a daemon keeps what it accepts, if nothing says otherwise.
pub(crate) const DEFAULT_STORE: &str = "tidings.db";

/// A daemon that runs, and the store that it holds.
#[derive(Debug)]
pub(crate) struct Daemon {
    client: Client,
    path: PathBuf,
}

impl Daemon {
    /// The daemon that holds the store of this configuration; `None` if none does.
    ///
    /// # Errors
    /// If `TIDINGS_KEY` cannot be sent.
    pub(crate) fn of(config: &Config, plan: Option<&Plan>) -> anyhow::Result<Option<Self>> {
        if let Some(store) = plan.and_then(|plan| plan.store.as_ref()) {
            return Self::holding(&store.path);
        }
        // One whose configuration names no store has made its own here; another configuration's daemon is not meant.
        let file = kept::configuration(config).and_then(|(file, _)| file.canonicalize().ok());
        let own = Path::new(DEFAULT_STORE);
        let is_meant = find(own).is_some_and(|noted| noted.configuration == file);
        if is_meant { Self::holding(own) } else { Ok(None) }
    }

    /// The daemon that holds the store in this file; `None` if none does.
    ///
    /// # Errors
    /// If `TIDINGS_KEY` cannot be sent.
    pub(crate) fn holding(path: &Path) -> anyhow::Result<Option<Self>> {
        let Some(noted) = find(path) else { return Ok(None) };
        let client = Client::to(noted.address)?;
        Ok(Some(Self { client, path: path.to_owned() }))
    }

    /// Asks it.
    ///
    /// # Errors
    /// If it does not answer, or refuses.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<serde_json::Value, AskError> {
        self.client.ask(question).await
    }

    /// The client alone, for those who do not read the store.
    pub(crate) fn into_client(self) -> Client {
        self.client
    }

    /// Its store, to be read beside it.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn store(&self) -> anyhow::Result<SqliteStore> {
        SqliteStore::open_read_only(&self.path)
            .with_context(|| format!("the daemon's store {} cannot be read", self.path.display()))
    }
}

/// Refuses where a daemon holds the store already: two would tell everything twice.
///
/// # Errors
/// Names the daemon.
pub(crate) fn refuse_a_second(path: &Path) -> anyhow::Result<()> {
    let Some(noted) = find(path) else { return Ok(()) };
    bail!(
        "the store {} is in use by the daemon at http://{}/ (process {}): stop that one first, or name another store",
        path.display(),
        noted.address,
        noted.process
    )
}
