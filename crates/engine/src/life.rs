//! A notifier's life: start, drain, stop. What its workers do in between stands in their own modules.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::Ordering::{AcqRel, SeqCst},
    },
    time::Duration,
};

use tidings_core::clock::instant_now;
use tidings_store::StoreError;
use tokio::{
    runtime::{Handle, Runtime},
    sync::mpsc,
    task::JoinHandle,
};

use crate::{
    account::Account, attend::attend, callback, dispatch, emit::Notifier, housekeeping, later, local::LocalSink, notes,
    recover, shared::Shared, sink::Outlet, worker,
};

/// Batches that wait between `accept` and the worker.
const INBOX: usize = 64;
/// How often a drain looks whether it is done.
const LOOK: Duration = Duration::from_millis(2);
/// How long a stop waits for workers to put down what they have in hand; one that does not is left behind.
const GRACE: Duration = Duration::from_secs(1);

/// A notifier could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It runs, or ran: a notifier is started once.
    #[error("the notifier was started before")]
    Again,
    /// The store cannot be taken over.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread could not be made.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

impl Notifier {
    /// Starts the workers. In a tokio runtime they run there; elsewhere the notifier brings its own thread.
    ///
    /// # Errors
    /// If it was started before, or a thread cannot be made.
    pub async fn start(self) -> Result<Self, StartError> {
        if Handle::try_current().is_ok() {
            self.shared.claim_start()?;
            self.shared.begin(None).await?;
            return Ok(self);
        }
        self.start_on_thread()
    }

    /// Starts the workers on a thread of their own, for programs without a tokio runtime.
    ///
    /// # Errors
    /// If it was started before, or a thread cannot be made.
    pub fn start_on_thread(self) -> Result<Self, StartError> {
        // First of all: a runtime must not be dropped where the caller runs in another one.
        self.shared.claim_start()?;
        let (alive, mut all_gone) = mpsc::channel(1);
        let (started, outcome) = std::sync::mpsc::sync_channel(1);
        let shared = Arc::clone(&self.shared);
        let life = move || {
            let runtime = shared.spawn_apart(alive);
            drop(shared);
            // Whoever starts it waits for this word.
            match runtime {
                Ok(runtime) => {
                    drop(started.send(Ok(())));
                    runtime.block_on(all_gone.recv());
                }
                Err(error) => drop(started.send(Err(error))),
            }
        };
        std::thread::Builder::new().name("tidings".into()).spawn(life).map_err(StartError::Thread)?;
        outcome.recv().map_err(|gone| StartError::Thread(std::io::Error::other(gone)))??;
        Ok(self)
    }

    /// Waits until everything that was taken in is settled, at most this long. Says whether it is.
    pub async fn drain(&self, limit: Duration) -> bool {
        let started = instant_now();
        loop {
            if self.shared.is_idle().await {
                return true;
            }
            if started.elapsed() >= limit {
                return false;
            }
            pause().await;
        }
    }

    /// Takes nothing more, drains for at most the shutdown timeout, ends the workers and accounts for what is left: deliveries
    /// that a store in memory would lose are dead with the reason `stopped`, events that were not planned are shed.
    pub async fn stop(&self) -> Account {
        let limit = self.shared.pipeline().shutdown_timeout;
        self.stop_within(limit).await
    }

    /// [`Notifier::stop`] with a limit of its own.
    pub async fn stop_within(&self, limit: Duration) -> Account {
        self.shared.close();
        // What was left when it was stopped before is not waited for again.
        let has_ended = *self.shared.stop.borrow();
        // One that never ran has nothing to drain, and must not start any more; neither can one whose runtime is gone.
        if self.shared.started.swap(true, AcqRel) && !has_ended && !self.shared.is_abandoned() {
            self.drain(limit).await;
        }
        self.shared.end().await;
        self.shared.account().await
    }
}

/// Waits a moment. Outside of a runtime the notifier has a thread of its own, and the caller's may sleep.
async fn pause() {
    if Handle::try_current().is_ok() {
        tokio::time::sleep(LOOK).await;
    } else {
        std::thread::sleep(LOOK);
    }
}

impl Shared {
    fn take_local(&self) -> Vec<(Arc<LocalSink>, Outlet)> {
        std::mem::take(&mut self.local.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn claim_start(&self) -> Result<(), StartError> {
        if self.started.swap(true, AcqRel) { Err(StartError::Again) } else { Ok(()) }
    }

    /// Starts everything in a runtime of its own.
    fn spawn_apart(self: &Arc<Self>, alive: mpsc::Sender<()>) -> Result<Runtime, StartError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        runtime.block_on(self.begin(Some(alive)))?;
        Ok(runtime)
    }

    /// Takes the store over, then starts everything: nobody may claim or accept before.
    async fn begin(self: &Arc<Self>, alive: Option<mpsc::Sender<()>>) -> Result<(), StartError> {
        self.runtime.get_or_init(Handle::current);
        let now = self.clock.now();
        let found = self.store.take_over(!self.event_time, now).await?;
        recover::prepare(self, &found).await?;
        self.spawn_workers(recover::TakenOver { found, at: now }, alive)
    }

    /// Starts everything in the runtime around; `alive` is held until all that delivers has ended.
    fn spawn_workers(
        self: &Arc<Self>,
        taken: recover::TakenOver,
        alive: Option<mpsc::Sender<()>>,
    ) -> Result<(), StartError> {
        let (sender, receiver) = mpsc::channel(INBOX);
        for (sink, outlet) in self.take_local() {
            callback::spawn(sink, outlet).map_err(StartError::Thread)?;
        }
        let pipeline = self.pipeline();
        let mut tasks = Vec::with_capacity(pipeline.links.len() + 1);
        for (local, filter) in pipeline.local() {
            let task = attend(Arc::clone(self), Arc::clone(local), filter.clone());
            tasks.push(tokio::spawn(while_alive(alive.clone(), task)));
        }
        if self.store.durable() {
            let keeping = housekeeping::run(Arc::clone(self), self.stop.subscribe());
            tasks.push(tokio::spawn(while_alive(alive.clone(), keeping)));
        }
        for link in &pipeline.links {
            let dispatcher = dispatch::run(Arc::clone(self), Arc::clone(link), self.stop.subscribe());
            tasks.push(tokio::spawn(while_alive(alive.clone(), dispatcher)));
        }
        let inbox = worker::Inbox { accepted: receiver, orders: self.orders.open(), alive: alive.clone() };
        tasks.push(tokio::spawn(while_alive(alive, worker::run(Arc::clone(self), taken, inbox))));
        // Where a stop has come first, they see it by themselves.
        if let Ok(mut running) = self.tasks.try_lock() {
            *running = tasks;
        }
        self.doorway.open(sender);
        Ok(())
    }

    /// Takes no more events.
    pub(crate) fn close(&self) {
        self.later.close();
        self.queue.close();
        self.doorway.close();
    }

    /// Whether everything has ended although nobody stopped it: the runtime is gone, and waiting is in vain.
    fn is_abandoned(&self) -> bool {
        self.tasks.try_lock().is_ok_and(|tasks| tasks.iter().all(JoinHandle::is_finished))
    }

    /// Whether nothing is on its way any more. Looks from the front to the back, so that nothing slips past.
    async fn is_idle(&self) -> bool {
        if !self.recovered.load(SeqCst) {
            return false;
        }
        if self.is_late()
            || self.doorway.inside() + self.queue.outstanding() + self.inbound.get() + self.timed.get() > 0
        {
            return false;
        }
        let pipeline = self.pipeline();
        let is_busy = |local: &LocalSink| {
            local.outstanding() > 0
                || !local.failures.are_settled()
                || !local.progress.has_ended() && self.is_behind(local)
        };
        if pipeline.local().any(|(local, _)| is_busy(local)) {
            return false;
        }
        // All at one moment: a fallback is made in the step in which its predecessor goes, and would slip past a look at one after the
        // other. What nobody serves any more keeps no drain waiting.
        let Ok(waiting) = self.store.waiting().await else { return false };
        let former = pipeline.former.links.iter().filter(|link| !link.service.is_over());
        let served: Vec<_> = pipeline.links.iter().chain(former).collect();
        let owes = waiting.iter().any(|owing| served.iter().any(|link| *link.name == *owing.endpoint));
        // What was owed may be settled and not on the account yet.
        !owes && served.iter().all(|link| link.settling.load(SeqCst) == 0)
    }

    /// Whether a sink that reads from the store has not called all that was accepted.
    fn is_behind(&self, local: &LocalSink) -> bool {
        self.store.durable() && local.progress.is_behind(*self.accepted.borrow())
    }

    /// Tells everybody who works that it is the end.
    pub(crate) fn tell_end(&self) {
        self.stop.send_replace(true);
        self.pipeline().local().for_each(|(sink, _)| sink.service.retire());
    }

    /// Ends the workers and writes off what is left. Cancelled half-way, it can be called again.
    async fn end(&self) {
        self.tell_end();
        let mut tasks = self.tasks.lock().await;
        let started = instant_now();
        while self.doorway.inside() > 0 || !tasks.iter().all(JoinHandle::is_finished) {
            if started.elapsed() >= GRACE {
                tasks.iter().for_each(JoinHandle::abort);
                break;
            }
            pause().await;
        }
        tasks.clear();
        // Sinks that never started let go of their closures.
        drop(self.take_local());
        self.write_off().await;
    }

    async fn write_off(&self) {
        // What a durable store has accepted waits there.
        let inbound = if self.store.durable() { 0 } else { self.inbound.take() };
        let unplanned = self.queue.write_off() + inbound;
        self.ledger.stopped.add(unplanned);
        let pipeline = self.pipeline();
        for (local, filter) in pipeline.local() {
            let left = local.write_off();
            if self.store.durable() {
                // It waits in the store, with all that was not read.
                self.count_left(local, filter).await;
            } else {
                local.ledger.dead.add(left);
                self.ledger.name_stopped(&local.name, left);
                notes::close(self, local).await;
            }
        }
        for link in pipeline.links.iter().chain(&pipeline.former.links) {
            match self.store.abandon(&link.name).await {
                Ok(left) => self.book_stopped(link, &left),
                Err(error) => tracing::error!(endpoint = %link.name, "what is left could not be told: {error}"),
            }
        }
        later::name_lost(self).await;
    }
}

/// Runs a task and holds a token meanwhile.
pub(crate) async fn while_alive(token: Option<mpsc::Sender<()>>, task: impl Future<Output = ()>) {
    task.await;
    drop(token);
}
