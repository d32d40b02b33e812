//! The store that a verb looks at: which file, and opened to be read beside whoever writes it, or to be written alone.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tidings::{
    clock::system_now,
    config::{self, Environment, Mode, Options, Plan},
    store::{
        StoreError,
        sqlite::{self, SqliteStore},
    },
};

use crate::{
    args::{Config, StoreFile},
    daemon::DEFAULT_STORE,
};

/// The file that is read where none is named.
const DEFAULT_FILE: &str = "tidings.yaml";

/// How a SQLite file begins.
const HEAD: &[u8; 16] = b"SQLite format 3\0";

/// A store to be read, also while another process writes it.
pub(crate) fn to_read(store: &StoreFile) -> anyhow::Result<SqliteStore> {
    Ok(SqliteStore::open_read_only(&existing(store)?)?)
}

/// A store to be written: nobody else may hold it.
pub(crate) fn to_write(store: &StoreFile) -> anyhow::Result<SqliteStore> {
    open(&existing(store)?)
}

/// A store to be written, made where the configuration names it and it is not there yet: for what is known before the first run.
pub(crate) fn to_begin(store: &StoreFile) -> anyhow::Result<SqliteStore> {
    if store.path.is_some() { to_write(store) } else { open_or_make(&path(store)?) }
}

/// The store in this file, to be written, made where there is none.
pub(crate) fn open_or_make(path: &Path) -> anyhow::Result<SqliteStore> {
    // An empty one is being made by somebody else at this moment, or has nothing to lose.
    if path.metadata().is_ok_and(|file| file.len() > 0) { open(path) } else { take(path) }
}

fn open(path: &Path) -> anyhow::Result<SqliteStore> {
    refuse_other_files(path)?;
    take(path)
}

/// Another path, as a run may take, is no help to whoever changes what a store keeps.
fn take(path: &Path) -> anyhow::Result<SqliteStore> {
    match SqliteStore::open(path, &sqlite::Options::default(), system_now()) {
        Ok((store, _)) => Ok(store),
        Err(StoreError::InUse(held)) => anyhow::bail!(
            "{held}, and one process writes a store: stop that one and try again, or let it make the change itself; nothing was done"
        ),
        Err(error) => Err(error.into()),
    }
}

/// A store whose beginning is lost is saved when it is opened, and so would be any file that is named by mistake: it would be
/// set aside. Whoever only tidies does not do that.
fn refuse_other_files(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let mut head = [0; HEAD.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    anyhow::ensure!(
        read.is_ok() && head == *HEAD,
        "{shown} is no store, or its beginning is damaged: see `tidings fsck`"
    );
    Ok(())
}

/// The store's file. It must be there: no verb that looks at a store makes one.
pub(crate) fn existing(store: &StoreFile) -> anyhow::Result<PathBuf> {
    let path = path(store)?;
    anyhow::ensure!(path.exists(), "there is no store at {}: a run makes it", path.display());
    Ok(path)
}

/// The path that was given, or that the configuration names.
pub(crate) fn path(store: &StoreFile) -> anyhow::Result<PathBuf> {
    if let Some(path) = &store.path {
        return Ok(path.clone());
    }
    // Where nothing names one, a daemon keeps its own here.
    let own = || Some(PathBuf::from(DEFAULT_STORE)).filter(|path| path.exists());
    let Some((file, mode)) = configuration(&store.config) else {
        return own()
            .context("name the store with `--store FILE`: there is no tidings.yaml in this folder that could name it");
    };
    let named = plan(&file, mode)?.store.map(|store| store.path);
    named.or_else(own).with_context(|| {
        format!(
            "{} names no store: add `store: {{path: tidings.db}}` to it, or name one with `--store FILE`",
            file.display()
        )
    })
}

/// The file of a configuration, and how it is read; `None` where none is named and none is in this folder.
pub(crate) fn configuration(config: &Config) -> Option<(PathBuf, Mode)> {
    let own = config.config.clone().or_else(|| {
        let default = PathBuf::from(DEFAULT_FILE);
        (config.agent_file.is_none() && default.exists()).then_some(default)
    });
    own.map(|path| (path, Mode::Own)).or_else(|| Some((config.agent_file.clone()?, Mode::Agent)))
}

/// What a configuration says, to whoever only looks: no secret is needed for that, and variables that are not set are left alone.
pub(crate) fn plan(file: &Path, mode: Mode) -> anyhow::Result<Plan> {
    whole_plan(file, mode).or_else(|_| load(file, mode, Environment::Untouched))
}

/// What a configuration says, with every variable.
pub(crate) fn whole_plan(file: &Path, mode: Mode) -> anyhow::Result<Plan> {
    let variable = |name: &str| std::env::var(name).ok();
    load(file, mode, Environment::Given(&variable))
}

fn load(file: &Path, mode: Mode, environment: Environment<'_>) -> anyhow::Result<Plan> {
    match config::load_file(file, &Options { mode, environment, ..Options::default() }) {
        Ok((plan, _)) => Ok(plan),
        Err(problems) => {
            let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
            anyhow::bail!("the configuration is wrong:\n{}", told.join("\n"))
        }
    }
}
