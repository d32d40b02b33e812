//! A notifier's life: start, drain, stop. What its workers do in between stands in their own modules.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::Ordering::{AcqRel, Acquire},
    },
    time::Duration,
};

use tidings_core::clock::instant_now;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    account::Account,
    callback, dispatch,
    emit::{Notifier, Shared},
    pipeline::Target,
    sink::{LocalSink, Outlet},
    worker,
};

/// Batches that wait between `accept` and the worker.
const INBOX: usize = 64;
/// How often a drain looks whether it is done.
const LOOK: Duration = Duration::from_millis(2);

/// A notifier could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It runs, or ran: a notifier is started once.
    #[error("the notifier was started before")]
    Again,
    /// A thread could not be made.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// What must be started, and then ended.
#[derive(Default)]
pub(crate) struct Life {
    pub(crate) local: Vec<(Arc<LocalSink>, Outlet)>,
    worker: Option<JoinHandle<()>>,
    dispatchers: Vec<JoinHandle<()>>,
    shutdown_timeout: Duration,
}

impl Life {
    pub(crate) fn new(local: Vec<(Arc<LocalSink>, Outlet)>, shutdown_timeout: Duration) -> Self {
        Self { local, shutdown_timeout, ..Self::default() }
    }
}

impl Notifier {
    /// Starts the workers. In a tokio runtime they run there; elsewhere the notifier brings its own thread.
    ///
    /// # Errors
    /// If it was started before, or a thread cannot be made.
    pub async fn start(self) -> Result<Self, StartError> {
        if tokio::runtime::Handle::try_current().is_ok() {
            self.shared.spawn_workers()?;
            return Ok(self);
        }
        self.start_on_thread()
    }

    /// Starts the workers on a thread of their own, for programs without a tokio runtime.
    ///
    /// # Errors
    /// If it was started before, or a thread cannot be made.
    pub fn start_on_thread(self) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let entered = runtime.enter();
        self.shared.spawn_workers()?;
        drop(entered);
        let mut stop = self.shared.stop.subscribe();
        let ended = move || {
            runtime.block_on(async move {
                // An error means that the notifier is gone: the thread ends as well.
                drop(stop.wait_for(|stop| *stop).await);
            });
        };
        std::thread::Builder::new().name("tidings".into()).spawn(ended).map_err(StartError::Thread)?;
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
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes nothing more, drains for at most the shutdown timeout, ends the workers and accounts for what is left: deliveries
    /// that a store in memory would lose are dead with the reason `stopped`, events that were not planned are shed.
    pub async fn stop(&self) -> Account {
        let limit = self.shared.life().shutdown_timeout;
        self.stop_within(limit).await
    }

    /// [`Notifier::stop`] with a limit of its own.
    pub async fn stop_within(&self, limit: Duration) -> Account {
        self.shared.close();
        if self.shared.started.load(Acquire) {
            self.drain(limit).await;
        }
        self.shared.end().await;
        self.shared.account().await
    }
}

impl Shared {
    pub(crate) fn life(&self) -> std::sync::MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn_workers(self: &Arc<Self>) -> Result<(), StartError> {
        if self.started.swap(true, AcqRel) {
            return Err(StartError::Again);
        }
        let (sender, receiver) = mpsc::channel(INBOX);
        *self.inbox.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let mut life = self.life();
        for (sink, outlet) in std::mem::take(&mut life.local) {
            spawn_sink(sink, outlet).map_err(StartError::Thread)?;
        }
        for link in &self.links {
            let dispatcher = dispatch::run(Arc::clone(self), Arc::clone(link), self.stop.subscribe());
            life.dispatchers.push(tokio::spawn(dispatcher));
        }
        life.worker = Some(tokio::spawn(worker::run(Arc::clone(self), receiver)));
        Ok(())
    }

    /// Takes no more events.
    pub(crate) fn close(&self) {
        self.queue.close();
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether nothing is on its way any more. Looks from the front to the back, so that nothing slips past.
    async fn is_idle(&self) -> bool {
        if self.queue.outstanding() + self.inbound.get() > 0 {
            return false;
        }
        let local = self.pipeline.sinks.iter().any(|sink| match &sink.target {
            Target::Local(local) => local.queue.outstanding() > 0,
            Target::Network { .. } => false,
        });
        if local {
            return false;
        }
        for link in &self.links {
            if self.owed(&link.name).await > 0 {
                return false;
            }
        }
        true
    }

    /// Ends the workers and writes off what is left.
    async fn end(&self) {
        let (worker, dispatchers) = {
            let mut life = self.life();
            (life.worker.take(), std::mem::take(&mut life.dispatchers))
        };
        if let Some(worker) = worker {
            worker.abort();
            // Aborted or done, it no longer runs: that is all we want to know.
            drop(worker.await);
        }
        self.stop.send_replace(true);
        for dispatcher in dispatchers {
            drop(dispatcher.await);
        }
        self.write_off().await;
    }

    async fn write_off(&self) {
        let unplanned = self.queue.write_off() + self.inbound.take();
        self.ledger.stopped.add(unplanned);
        for sink in &self.pipeline.sinks {
            if let Target::Local(local) = &sink.target {
                let left = local.queue.write_off();
                local.ledger.dead.add(left);
                self.ledger.name_stopped(&local.name, left);
            }
        }
        for link in &self.links {
            match self.store.abandon(&link.name).await {
                Ok(left) => self.book_stopped(link, &left),
                Err(error) => tracing::error!(endpoint = %link.name, "what is left could not be told: {error}"),
            }
        }
    }
}

fn spawn_sink(sink: Arc<LocalSink>, outlet: Outlet) -> std::io::Result<()> {
    match outlet {
        Outlet::Sync(callback) => return callback::spawn_thread(sink, callback),
        Outlet::Async(callback) => drop(tokio::spawn(callback::run_async(sink, callback))),
        Outlet::Log(log) => drop(tokio::spawn(callback::run_log(sink, log))),
        // A channel is no in-process sink: its link has a dispatcher.
        Outlet::Channel { .. } => {}
    }
    Ok(())
}
