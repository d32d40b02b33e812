//! The threads that read, each with a connection of its own, so that a question never waits for a commit. What is asked stands in
//! `read` and `query`.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use rusqlite::Connection;

use super::{
    counters::Counters,
    error::Failure,
    ids::{self, Kind},
    queue::Queue,
    row::{self, BadRow, Stored},
    schema::Table,
    shared::Shared,
};

/// So many names are kept in memory; then it begins anew.
const NAMES: usize = 16_384;

/// What a question has at hand.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) shared: Arc<Shared>,
    /// Whether this process writes the file: then it knows the latest ids.
    pub(crate) writes: bool,
    /// Rows that do not check.
    pub(crate) bad: Vec<BadRow>,
    names: HashMap<i64, Arc<str>>,
}

/// A question.
pub(crate) type Job = Box<dyn FnOnce(&mut Reader) + Send>;

impl Reader {
    pub(crate) fn new(connection: Connection, shared: Arc<Shared>, writes: bool) -> Self {
        Self { connection, shared, writes, bad: Vec::new(), names: HashMap::new() }
    }

    /// Answers until the queue is closed and empty.
    fn run(mut self, queue: &Queue<Job>) {
        while let Some(job) = queue.take() {
            job(&mut self);
        }
    }

    /// Answers one question. Where that panics whoever asked hears of it, and the next question finds nothing left open.
    pub(crate) fn answer<T>(&mut self, ask: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        catch_unwind(AssertUnwindSafe(|| ask(self))).unwrap_or_else(|panic| {
            if !self.connection.is_autocommit() {
                // An old view of the file would be all that the next questions see, and keep the log from being moved.
                drop(self.connection.execute_batch("ROLLBACK"));
            }
            Err(Failure::panicked(&*panic))
        })
    }

    pub(crate) fn scan<T>(
        &mut self,
        (table, sql): (Table, &str),
        parameters: impl rusqlite::Params,
        read: impl FnMut(Stored<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        if self.lacks(table)? {
            return Ok(Vec::new());
        }
        Ok(row::scan(&self.connection, (table, sql), parameters, &mut self.bad, read)?)
    }

    /// Whether the file is of a version without this table: who writes it has brought it up.
    pub(crate) fn lacks(&self, table: Table) -> Result<bool, Failure> {
        Ok(!self.writes && table.since() > 1 && !table.is_in(&self.connection)?)
    }

    /// What the store counts.
    pub(crate) fn counters(&self) -> Result<Counters, Failure> {
        if self.writes {
            return Ok(self.shared.counters());
        }
        Ok(Counters::load(&self.connection)?.unwrap_or_default())
    }

    /// The name of this number; `None` if it is lost.
    pub(crate) fn name(&mut self, number: i64) -> Result<Option<Arc<str>>, Failure> {
        if let Some(name) = self.names.get(&number) {
            return Ok(Some(Arc::clone(name)));
        }
        let sql = "SELECT number,name,used,crc FROM name WHERE number=?";
        let found = self.scan((Table::Name, sql), [number], |row| row.text(1).map(Arc::from))?;
        let Some(name) = found.into_iter().next() else { return Ok(None) };
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(number, Arc::clone(&name));
        Ok(Some(name))
    }

    pub(crate) fn optional_name(&mut self, number: Option<i64>) -> Result<Option<String>, Failure> {
        let Some(number) = number else { return Ok(None) };
        Ok(self.name(number)?.map(|name| name.to_string()))
    }

    /// The number of a name, if it has one.
    pub(crate) fn number_of_name(&self, name: &str) -> Result<Option<i64>, Failure> {
        Ok(row::integers(&self.connection, "SELECT number FROM name WHERE name=?", [name])?.first().copied())
    }

    /// The numbers of rows that may be of this id, the lowest first.
    pub(crate) fn numbers(&self, kind: Kind, id: [u8; 16]) -> Result<Vec<i64>, Failure> {
        let mut found = if self.writes { self.shared.ids.recent_numbers(kind, id) } else { self.tail(kind, id)? };
        found.extend(ids::filed_numbers(&self.connection, kind, id)?);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Looks through the rows whose ids are in the writer's memory only.
    fn tail(&self, kind: Kind, id: [u8; 16]) -> Result<Vec<i64>, Failure> {
        let marks = self.counters()?.marks;
        let (sql, mark) = match kind {
            Kind::Event => ("SELECT number FROM event WHERE number>? AND id=?", marks.events),
            Kind::Notification => ("SELECT number FROM notification WHERE number>? AND id=?", marks.notifications),
            Kind::Delivery => ("SELECT number FROM delivery WHERE number>? AND id=?", marks.deliveries),
            Kind::Entry => ("SELECT number FROM delivery_log WHERE number>? AND delivery=?", marks.entries),
        };
        Ok(row::integers(&self.connection, sql, (mark, &id[..]))?)
    }
}

/// The threads.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: Arc<Queue<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts a thread for each reader.
    pub(crate) fn start(readers: Vec<Reader>) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(1_024));
        let mut pool = Self { queue: Arc::clone(&queue), threads: Vec::new() };
        for reader in readers {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name("tidings-read".to_owned());
            pool.threads.push(thread.spawn(move || reader.run(&queue))?);
        }
        Ok(pool)
    }

    pub(crate) fn queue(&self) -> Arc<Queue<Job>> {
        Arc::clone(&self.queue)
    }

    /// Answers what was asked, and ends.
    pub(crate) fn stop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked is gone as well.
            drop(thread.join());
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop();
    }
}
