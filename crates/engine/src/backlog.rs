//! Counts the events before an in-process sink that reads from a durable store, so that its account says what waits. Events have
//! numbers without a gap and do not change: each is looked at by the filter once, by whoever reads it first, and the count is exact as
//! soon as it has reached the last one. Feeding the sink is left to `reader`.

use std::time::Duration;

use tidings_policy::EventFilter;
use tidings_store::{EventRange, StoreError};

use crate::{
    local::LocalSink,
    pipeline::{SinkRoute, Target},
    shared::Shared,
};

/// Events that are read at once.
const PAGE: usize = 1_000;
/// How long a sink may take to catch up before the count runs ahead of it, and how often it does.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two pages of a long count: it must not hold up what is being delivered.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a stop goes on counting.
const LAST_COUNT: Duration = Duration::from_secs(1);

/// Where a sink begins: behind what it has called; one that is new with the first event that is not planned, and has its place from
/// now on. `None` as long as nobody knows which event that is.
pub(crate) async fn begin(shared: &Shared, sink: &LocalSink) -> Result<Option<u64>, StoreError> {
    let kept = shared.store.cursor(&sink.name).await?;
    let first = *shared.first_new.borrow();
    let number = kept.or_else(|| first.map(|first| first.saturating_sub(1)));
    if let Some(number) = number {
        shared.store.advance(&sink.name, number).await?;
        sink.progress.begin(number);
    }
    Ok(number)
}

/// Keeps the count near the last event where the sink itself is far behind: a stop then has little left to count.
pub(crate) async fn look_ahead(shared: &Shared, sink: &LocalSink, filter: &EventFilter) {
    loop {
        tokio::time::sleep(PATIENCE).await;
        // What cannot be read now is read a second later.
        while let Ok(true) = count_page(shared, sink, filter).await {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Counts up to the last event.
async fn count(shared: &Shared, sink: &LocalSink, filter: &EventFilter) -> Result<(), StoreError> {
    if sink.progress.counted().is_none() {
        begin(shared, sink).await?;
    }
    while count_page(shared, sink, filter).await? {}
    Ok(())
}

/// Counts some events; says whether there may be more.
async fn count_page(shared: &Shared, sink: &LocalSink, filter: &EventFilter) -> Result<bool, StoreError> {
    let Some(after) = sink.progress.counted() else { return Ok(false) };
    let range = EventRange { after, ..EventRange::default() };
    let page = shared.store.events(&range, PAGE).await?;
    sink.count(filter, &page);
    Ok(page.len() == PAGE)
}

impl Shared {
    /// Brings the count of a running sink up to date.
    pub(crate) async fn count_waiting(&self, route: &SinkRoute) {
        let Target::Local(sink) = &route.target else { return };
        if sink.progress.has_ended() {
            // What comes after belongs to the next life.
            return;
        }
        if let Err(error) = count(self, sink, &route.filter).await {
            tracing::warn!(sink = %sink.name, "what waits could not be counted: {error}");
        }
    }

    /// The last count of a sink that was stopped.
    pub(crate) async fn count_left(&self, sink: &LocalSink, filter: &EventFilter) {
        match limited(count(self, sink, filter)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::warn!(sink = %sink.name, "what waits could not be counted: {error}"),
            None => tracing::warn!(sink = %sink.name, "more waits than a stop can count: the account says less"),
        }
    }
}

/// Outside of a runtime nobody can tell the time: then it takes what it takes.
async fn limited<T>(counting: impl Future<Output = T>) -> Option<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::time::timeout(LAST_COUNT, counting).await.ok(),
        Err(_) => Some(counting.await),
    }
}
