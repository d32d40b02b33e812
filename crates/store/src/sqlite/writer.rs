//! The one thread that writes: it takes all commands that are there and runs them in one transaction, so that one sync is for all of
//! them. What a command does is its own business.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Connection, config::DbConfig};
use tokio::sync::oneshot;
use tracing::{error, trace};

use super::{damaged, error::Failure, queue::Queue, work::Work};
use crate::StoreError;

/// At most so many commands are one transaction.
const GROUP: usize = 2_048;
/// So many pages of the log are moved into the file at once.
const CHECKPOINT: i64 = 1_000;

/// The arrows of the state diagram that a test may stop the process at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrow {
    Accept,
    Plan,
    Claim,
    Finish,
    /// A [`Arrow::Finish`] that gives something up: a fallback goes with it.
    GiveUp,
}

/// Where in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Begin,
    Commit,
    Committed,
}

impl Arrow {
    const ALL: [Self; 5] = [Self::Accept, Self::Plan, Self::Claim, Self::Finish, Self::GiveUp];

    /// Whether a command of this arrow goes along that one too.
    fn goes(self, other: Self) -> bool {
        self == other || (self, other) == (Self::GiveUp, Self::Finish)
    }

    const fn step(self, moment: Moment) -> &'static str {
        match (self, moment) {
            (Self::Accept, Moment::Begin) => "accept.begin",
            (Self::Accept, Moment::Commit) => "accept.commit",
            (Self::Accept, Moment::Committed) => "accept.committed",
            (Self::Plan, Moment::Begin) => "plan.begin",
            (Self::Plan, Moment::Commit) => "plan.commit",
            (Self::Plan, Moment::Committed) => "plan.committed",
            (Self::Claim, Moment::Begin) => "claim.begin",
            (Self::Claim, Moment::Commit) => "claim.commit",
            (Self::Claim, Moment::Committed) => "claim.committed",
            (Self::Finish, Moment::Begin) => "finish.begin",
            (Self::Finish, Moment::Commit) => "finish.commit",
            (Self::Finish, Moment::Committed) => "finish.committed",
            (Self::GiveUp, Moment::Begin) => "give_up.begin",
            (Self::GiveUp, Moment::Commit) => "give_up.commit",
            (Self::GiveUp, Moment::Committed) => "give_up.committed",
        }
    }
}

/// What is known of a command from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    pub(crate) arrow: Option<Arrow>,
    /// Whether it must survive a power cut, not only the end of the process.
    pub(crate) durable: bool,
}

impl Label {
    pub(crate) const fn durable(arrow: Option<Arrow>) -> Self {
        Self { arrow, durable: true }
    }

    pub(crate) const fn soft(arrow: Option<Arrow>) -> Self {
        Self { arrow, durable: false }
    }
}

/// A command: run, perhaps again if its group failed, and answered once.
pub(crate) trait Command: Send {
    fn label(&self) -> Label;
    fn run(&mut self, work: &mut Work) -> Result<(), Failure>;
    fn answer(self: Box<Self>, failed: Option<StoreError>);
}

/// A command made of a closure.
pub(crate) struct Task<T, F> {
    pub(crate) label: Label,
    pub(crate) run: F,
    pub(crate) result: Option<T>,
    pub(crate) answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&mut Work) -> Result<T, Failure> + Send> Command for Task<T, F> {
    fn label(&self) -> Label {
        self.label
    }

    fn run(&mut self, work: &mut Work) -> Result<(), Failure> {
        self.result = Some((self.run)(work)?);
        Ok(())
    }

    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let Self { result, answer, .. } = *self;
        // Nobody may listen any more; what was done is done.
        drop(answer.send(failed.map_or_else(|| result.ok_or(StoreError::Closed), Err)));
    }
}

type Group = Vec<Box<dyn Command>>;

/// How many transactions there were.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) commits: AtomicU64,
    pub(crate) corruptions: AtomicU64,
}

/// The thread's own.
pub(crate) struct Writer {
    pub(crate) work: Work,
    pub(crate) queue: Arc<Queue<Box<dyn Command>>>,
    pub(crate) tally: Arc<Tally>,
    synced: bool,
}

impl Writer {
    pub(crate) fn new(work: Work, queue: Arc<Queue<Box<dyn Command>>>, tally: Arc<Tally>) -> Self {
        Self { work, queue, tally, synced: true }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        // However the thread ends, nobody may wait for one that is gone.
        let _closer = Closer(Arc::clone(&self.queue));
        while let Some(group) = self.queue.take_all(GROUP) {
            self.settle(group);
            self.set_aside();
        }
        self.leave();
    }

    /// Runs a group, and answers it.
    fn settle(&mut self, mut group: Group) {
        let Err(failure) = self.transact(&mut group) else {
            return group.into_iter().for_each(|command| command.answer(None));
        };
        if group.len() == 1 {
            if failure.is_in_the_way() && !self.work.bad.is_empty() {
                // What stands in its place does not check: once that is set aside there is room.
                self.set_aside();
                if self.transact(&mut group).is_ok() {
                    return group.into_iter().for_each(|command| command.answer(None));
                }
            }
            let told = self.told(&failure);
            return group.into_iter().for_each(|command| command.answer(Some(told.clone())));
        }
        // One of them is to blame: the others need not hear of it.
        for command in group {
            self.settle(vec![command]);
        }
    }

    fn told(&self, failure: &Failure) -> StoreError {
        let told = failure.told(&self.work.shared.path);
        if failure.is_damage() {
            self.tally.corruptions.fetch_add(1, Ordering::Relaxed);
            error!(target: "tidings::store", "{told}");
            damaged::mark(&self.work.shared.path);
        }
        told
    }

    fn transact(&mut self, group: &mut [Box<dyn Command>]) -> Result<(), Failure> {
        let done = self.attempt(group);
        if done.is_err() {
            if !self.work.connection.is_autocommit() {
                // The first error is the one that matters.
                drop(self.work.connection.execute_batch("ROLLBACK"));
            }
            self.work.rolled_back();
        }
        done
    }

    fn attempt(&mut self, group: &mut [Box<dyn Command>]) -> Result<(), Failure> {
        self.set_synced(group.iter().any(|command| command.label().durable))?;
        tell(group, Moment::Begin);
        execute(&self.work.connection, "BEGIN IMMEDIATE")?;
        // A command that panics fails like any other: all that it did is rolled back, in the file and in memory.
        catch_unwind(AssertUnwindSafe(|| {
            group.iter_mut().try_for_each(|command| command.run(&mut self.work))?;
            self.work.prepare_commit()
        }))
        .unwrap_or_else(|panic| Err(Failure::panicked(&*panic)))?;
        tell(group, Moment::Commit);
        execute(&self.work.connection, "COMMIT")?;
        self.tally.commits.fetch_add(1, Ordering::Relaxed);
        self.work.committed();
        tell(group, Moment::Committed);
        Ok(())
    }

    /// Sets whether a commit waits for the disk.
    fn set_synced(&mut self, synced: bool) -> Result<(), Failure> {
        if self.synced != synced {
            let level = if synced { "PRAGMA synchronous=FULL" } else { "PRAGMA synchronous=NORMAL" };
            self.work.connection.execute_batch(level)?;
            self.synced = synced;
        }
        Ok(())
    }

    /// Sets rows aside that commands found and that do not check.
    fn set_aside(&mut self) {
        let bad = std::mem::take(&mut self.work.bad);
        if bad.is_empty() {
            return;
        }
        let (answer, _) = oneshot::channel();
        let run = move |work: &mut Work| damaged::set_aside(work, &bad);
        let task = Task { label: Label::durable(None), run, result: None, answer };
        if let Err(failure) = self.transact(&mut [Box::new(task)]) {
            // They are found again by the next who asks.
            drop(self.told(&failure));
        }
    }

    /// Leaves one whole file behind.
    fn leave(self) {
        // What cannot be moved now is moved at the next start.
        drop(self.work.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

/// Closes the queue when the thread ends, however it ends: whoever waits hears of it.
struct Closer(Arc<Queue<Box<dyn Command>>>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<usize> {
    connection.prepare_cached(sql)?.raw_execute()
}

/// Tells which arrows are at which moment.
fn tell(group: &[Box<dyn Command>], moment: Moment) {
    if !tracing::enabled!(target: "tidings::arrow", tracing::Level::TRACE) {
        return;
    }
    for arrow in Arrow::ALL {
        if group.iter().filter_map(|command| command.label().arrow).any(|own| own.goes(arrow)) {
            trace!(target: "tidings::arrow", step = arrow.step(moment));
        }
    }
}

/// Has statements keep their plans: else each new value would have them made anew.
pub(crate) fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// How the writer's connection is set.
pub(crate) fn tune(connection: &Connection) -> rusqlite::Result<()> {
    keep_plans(connection)?;
    connection.execute_batch("PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)
}
