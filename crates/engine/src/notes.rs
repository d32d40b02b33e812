//! Writes down what in-process sinks have done: calls that failed, and in front of a durable store how far they are. At most one
//! note of a sink is under way, and no sink waits for it: what was called meanwhile goes with the next one.

use std::time::Duration;

use tidings_store::{StoreError, UserBatch};
use tokio::sync::watch;

use crate::{arrow, local::LocalSink, shared::Shared};

/// The pause after the store took nothing.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Notes whatever a sink tells until it is to stop. What is under way then is brought to its end.
pub(crate) async fn keep(shared: &Shared, sink: &LocalSink, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let noted = note(shared, sink).await;
        let next = async {
            match noted {
                Ok(()) => sink.news.notified().await,
                Err(error) => {
                    tracing::error!(sink = %sink.name, "what was called could not be noted: {error}");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        };
        tokio::select! {
            () = next => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Notes what is there to be noted. A failed call stands in the log before its event counts as done: a crash in between repeats the
/// call, and the other way round nobody would learn of it.
pub(crate) async fn note(shared: &Shared, sink: &LocalSink) -> Result<(), StoreError> {
    // Looked at first: what failed up to there is among the failures.
    let place = sink.progress.place(&sink.queue);
    let trace = sink.failures.take();
    if !trace.is_empty() {
        let batch = UserBatch { plans: Vec::new(), trace };
        if let Err(error) = shared.store.plan_user(&batch, shared.clock.now()).await {
            sink.failures.put_back(batch.trace);
            return Err(error);
        }
        sink.failures.written();
    }
    if place > sink.progress.noted() {
        arrow::tell(arrow::READ_CALLED);
        shared.store.advance(&sink.name, place).await?;
        sink.progress.note(place);
    }
    Ok(())
}

/// The last note of a sink, after which nothing that it does is booked.
pub(crate) async fn close(shared: &Shared, sink: &LocalSink) {
    if let Err(error) = note(shared, sink).await {
        tracing::error!(sink = %sink.name, "the last calls could not be noted, and may be made again: {error}");
    }
}
