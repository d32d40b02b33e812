//! Runs in-process sinks, each apart from the others: a closure that panics, blocks or hangs harms nobody but its own events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use tidings_core::clock::instant_now;

use crate::{
    local::{Ended, LocalSink},
    log::LogSink,
    sink::{AsyncCallback, Outlet, SyncCallback},
};

/// How many events a task takes before other tasks get their turn.
const EVENTS_A_TURN: u32 = 64;

/// Starts a sink: a thread for what may block, a task for the others.
pub(crate) fn spawn(sink: Arc<LocalSink>, outlet: Outlet) -> std::io::Result<()> {
    match outlet {
        Outlet::Sync(callback) => return spawn_thread(sink, callback),
        Outlet::Async(callback) => drop(tokio::spawn(run_async(sink, callback))),
        Outlet::Log(log) => drop(tokio::spawn(run_log(sink, log))),
        // A channel is no in-process sink: its link has a dispatcher; what is kept runs.
        Outlet::Channel { .. } | Outlet::Kept => {}
    }
    Ok(())
}

/// Calls a closure on a detached thread of its own. The thread is never joined: a closure that blocks for ever keeps only itself.
fn spawn_thread(sink: Arc<LocalSink>, callback: SyncCallback) -> std::io::Result<()> {
    let name = format!("tidings-{}", sink.name);
    std::thread::Builder::new().name(name).spawn(move || call_each(&sink, &*callback)).map(drop)
}

fn call_each(sink: &LocalSink, callback: &dyn Fn(&tidings_core::Event)) {
    while let Some(item) = sink.queue.pop_blocking() {
        let started = instant_now();
        let outcome = catch_unwind(AssertUnwindSafe(|| callback(&item.event)));
        let took = started.elapsed();
        if outcome.is_err() {
            report_panic(sink);
        }
        sink.finish(&item, if outcome.is_ok() { Ended::Returned } else { Ended::Panicked }, took);
    }
}

/// Runs an async closure for one event after another.
async fn run_async(sink: Arc<LocalSink>, callback: AsyncCallback) {
    let mut turn = Turn::default();
    while let Some(item) = sink.queue.pop().await {
        let started = instant_now();
        // The closure itself may panic before it gives a future.
        let event = Arc::clone(&item.event);
        let call = AssertUnwindSafe(async { callback(event).await }).catch_unwind();
        let ended = match tokio::time::timeout(sink.deadline, call).await {
            Ok(Ok(())) => Ended::Returned,
            Ok(Err(_)) => {
                report_panic(&sink);
                Ended::Panicked
            }
            Err(_) => Ended::CutOff,
        };
        sink.finish(&item, ended, started.elapsed());
        turn.pass().await;
    }
}

/// Writes one line for each event.
async fn run_log(sink: Arc<LocalSink>, log: LogSink) {
    let mut turn = Turn::default();
    while let Some(item) = sink.queue.pop().await {
        log.write(item.id, &item.event);
        sink.finish(&item, Ended::Returned, Duration::ZERO);
        turn.pass().await;
    }
}

/// Counts the events of a task's turn: one whose work is always ready would never let others on.
#[derive(Default)]
struct Turn(u32);

impl Turn {
    async fn pass(&mut self) {
        self.0 += 1;
        if self.0 == EVENTS_A_TURN {
            self.0 = 0;
            tokio::task::yield_now().await;
        }
    }
}

fn report_panic(sink: &LocalSink) {
    metrics::counter!("tidings_sink_panics_total", "sink" => sink.name.to_string()).increment(1);
    tracing::error!(sink = %sink.name, "a callback panicked; its event counts as dead, the next ones go on");
}
