//! Attends an in-process sink from its start to its end: it is fed, or what it has done is noted. Calling it is left to `callback`.

use std::sync::Arc;

use tidings_policy::EventFilter;

use crate::{local::LocalSink, notes, reader, shared::Shared};

/// Feeds a sink from a durable store; one that is handed its events has its failures written down. One that retires calls first what it
/// has.
pub(crate) async fn attend(shared: Arc<Shared>, sink: Arc<LocalSink>, filter: EventFilter) {
    let stop = sink.service.retirement();
    if shared.is_ending() {
        sink.service.retire();
    }
    if shared.store.durable() {
        reader::run(Arc::clone(&shared), Arc::clone(&sink), filter, stop).await;
    } else {
        notes::keep(&shared, &sink, stop).await;
        if !shared.is_ending() {
            sink.finish_rest(shared.ending()).await;
            notes::close(&shared, &sink).await;
        }
    }
    sink.service.end();
}
