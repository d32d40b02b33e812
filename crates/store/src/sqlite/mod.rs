//! The store in one SQLite file: one thread writes, with one sync for all that has come in meanwhile, and some threads read. What is
//! decided on each row stands in the modules below; what the store promises stands at [`Store`](crate::Store).

mod accept;
mod claim;
mod connect;
#[cfg(test)]
mod contract;
mod counters;
mod damaged;
mod deferred;
mod delivery;
mod document;
mod dress;
mod encode;
mod entry;
mod error;
mod filter;
mod finish;
pub mod fsck;
mod ids;
mod inbox;
mod judged;
mod keys;
mod lock;
mod log;
mod names;
mod open;
mod options;
mod plan;
mod purge;
mod query;
mod queue;
mod read;
mod readers;
mod registry;
mod resume;
mod row;
pub mod salvage;
mod schema;
mod shared;
mod store;
mod takeover;
mod tell;
#[cfg(test)]
mod tests;
mod times;
mod waits;
mod work;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    thread::JoinHandle,
};

use tidings_core::Timestamp;
use tokio::sync::oneshot;

use crate::{Answer, StoreError};
use error::Failure;
pub use lock::{Holder, holder};
use lock::{Left, Lock};
pub use options::{Opened, Options};
use queue::Queue;
use readers::{Job, Pool, Reader};
use row::BadRow;
use shared::Shared;
use work::Work;
use writer::{Command, Label, Tally, Task, Writer};

/// A [`Store`](crate::Store) in one file, which one process at a time writes.
///
/// What it has answered is on the disk, but for leases and cursors: those outlive the process, and a power cut may take the last of
/// them. It works within tokio and without it, but for `wait_for_work`, which needs tokio's time.
#[derive(Debug)]
pub struct SqliteStore {
    shared: Arc<Shared>,
    jobs: Arc<Queue<Job>>,
    /// What claims read: the log may be asked for long.
    claims: Arc<Queue<Job>>,
    /// `None`: opened to be read.
    commands: Option<Arc<Queue<Box<dyn Command>>>>,
    tally: Arc<Tally>,
    threads: Mutex<Threads>,
}

#[derive(Debug)]
struct Threads {
    writer: Option<JoinHandle<()>>,
    pools: Vec<Pool>,
    lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens a store, and makes the file if there is none. Blocks for as long as the disk takes, some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] says what is wrong with the path or the file, and what to do: a folder, no permission, another
    /// program's file, a newer version's. [`StoreError::InUse`]: another process writes it.
    pub fn open(path: &Path, options: &Options, now: Timestamp) -> Result<(Self, Opened), StoreError> {
        let mut parts = open::open(path, options, now)?;
        let commands = Arc::new(Queue::new(options.queue));
        let tally = Arc::new(Tally::default());
        let mut readers = parts.readers;
        let for_claims = readers.pop().into_iter().collect();
        let pools = [readers, for_claims].map(Pool::start);
        let [pool, for_claims] = pools.map(|pool| pool.map_err(|error| no_thread(&error)));
        let (pool, for_claims) = (pool?, for_claims?);
        let writer = Writer::new(parts.work, Arc::clone(&commands), Arc::clone(&tally));
        let thread = std::thread::Builder::new().name("tidings-write".to_owned());
        let writer = thread.spawn(move || writer.run()).map_err(|error| no_thread(&error))?;
        let opened = parts.shared.opened.clone();
        let (jobs, claims) = (pool.queue(), for_claims.queue());
        // Nothing was written before; and what has failed to open leaves no log that could be missed.
        parts.lock.note(Left::OPEN);
        let threads =
            Mutex::new(Threads { writer: Some(writer), pools: vec![pool, for_claims], lock: Some(parts.lock) });
        Ok((Self { shared: parts.shared, jobs, claims, commands: Some(commands), tally, threads }, opened))
    }

    /// Opens a store to be read, also while another process writes it. What would change it answers [`StoreError::Unusable`].
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; a file must be there.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let (shared, readers) = open::open_read_only(path, 1)?;
        let pool = Pool::start(readers).map_err(|error| no_thread(&error))?;
        let jobs = pool.queue();
        let claims = Arc::clone(&jobs);
        let threads = Mutex::new(Threads { writer: None, pools: vec![pool], lock: None });
        Ok(Self { shared, jobs, claims, commands: None, tally: Arc::default(), threads })
    }

    /// Commits what is waiting and closes the file. What needs the file is answered [`StoreError::Closed`] after that; what is
    /// counted in memory is still told as it was. Blocks until it is done. Dropping the store does the same.
    pub fn close(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = &self.commands {
            commands.close();
        }
        if let Some(lock) = &mut threads.lock {
            // From here on the log may be gone at any moment.
            lock.note(Left::CLOSED);
        }
        // Readers go first: the last connection to be closed is then the writer's, which leaves one whole file.
        threads.pools.iter_mut().for_each(Pool::stop);
        if let Some(writer) = threads.writer.take() {
            // A thread that panicked is gone as well.
            drop(writer.join());
        }
        threads.lock = None;
        self.shared.hints.wake_all();
    }

    /// How many transactions were committed so far: with many callers far fewer than their calls.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.tally.commits.load(Ordering::Relaxed)
    }

    /// How often the file was found damaged since it was opened.
    #[must_use]
    pub fn corruptions(&self) -> u64 {
        self.tally.corruptions.load(Ordering::Relaxed)
    }

    /// Has the writer do something, with others in one transaction. What has been handed over is done even if nobody waits.
    fn write<'a, T: Send + 'static>(
        &'a self,
        label: Label,
        run: impl FnMut(&mut Work) -> Result<T, Failure> + Send + 'static,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let Some(commands) = &self.commands else { return Err(self.read_only()) };
            let (answer, answered) = oneshot::channel();
            let task = Task { label, run, result: None, answer };
            commands.push(Box::new(task)).await.map_err(|_| StoreError::Closed)?;
            answered.await.map_err(|_| StoreError::Closed)?
        })
    }

    /// Has a reader look something up.
    fn read<'a, T: Send + 'static>(
        &'a self,
        ask: impl FnOnce(&mut Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Answer<'a, T> {
        self.read_by(&self.jobs, ask)
    }

    /// Has one of these readers look something up; rows that do not check are set aside then.
    fn read_by<'a, T: Send + 'static>(
        &'a self,
        jobs: &'a Queue<Job>,
        ask: impl FnOnce(&mut Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let job = move |reader: &mut Reader| {
                let found = reader.answer(ask);
                // Nobody may listen any more.
                drop(answer.send((found, std::mem::take(&mut reader.bad))));
            };
            jobs.push(Box::new(job)).await.map_err(|_| StoreError::Closed)?;
            let (found, bad) = answered.await.map_err(|_| StoreError::Closed)?;
            self.set_aside(bad).await;
            found.map_err(|failure| self.told(&failure))
        })
    }

    async fn set_aside(&self, bad: Vec<BadRow>) {
        if bad.is_empty() || self.commands.is_none() {
            return;
        }
        let aside = self.write(Label::durable(None), move |work| damaged::set_aside(work, &bad));
        // They are found again by the next who asks.
        drop(aside.await);
    }

    fn told(&self, failure: &Failure) -> StoreError {
        if failure.is_damage() {
            self.tally.corruptions.fetch_add(1, Ordering::Relaxed);
            if self.commands.is_some() {
                damaged::mark(&self.shared.path);
            }
        }
        failure.told(&self.shared.path)
    }

    fn read_only(&self) -> StoreError {
        StoreError::Unusable(format!("the store {} is opened to be read only", self.shared.path))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

fn no_thread(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("no thread for it: {error}"))
}
