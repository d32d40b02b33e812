//! In-process sinks in front of a store that outlives the process: each reads the accepted events at its own pace and notes how far
//! it is, so that nothing is shed, and what was not called before a crash is called after it. Calling is left to `callback`.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use tidings_policy::EventFilter;
use tidings_store::{EventRange, StoreError};
use tokio::sync::watch;

use crate::{
    arrow,
    shared::Shared,
    sink::{Item, LocalSink},
};

/// Events that are read at once: what of them is wanted must have room in the sink's queue.
const PAGE: usize = 64;
/// The longest sleep between two looks at the store.
const POLL: Duration = Duration::from_millis(250);
/// The pause after the store could not be asked.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Feeds a sink until it is told to stop.
pub(crate) async fn run(
    shared: Arc<Shared>,
    sink: Arc<LocalSink>,
    filter: EventFilter,
    mut stop: watch::Receiver<bool>,
) {
    let reader = Reader { shared: &shared, sink: &sink, filter };
    let feeding = async {
        let mut position = None;
        loop {
            if let Err(error) = reader.feed(&mut position).await {
                tracing::error!(sink = %sink.name, "events could not be read: {error}");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    };
    tokio::select! {
        () = feeding => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

struct Reader<'a> {
    shared: &'a Shared,
    sink: &'a LocalSink,
    filter: EventFilter,
}

impl Reader<'_> {
    /// Reads and hands on for as long as the store answers. The position outlives a store that fails: what was called is not called
    /// again because that could not be noted.
    async fn feed(&self, position: &mut Option<u64>) -> Result<(), StoreError> {
        let mut after = match *position {
            Some(after) => self.note(after).await?,
            None => *position.insert(self.begin().await?),
        };
        loop {
            let mut accepted = self.shared.accepted.subscribe();
            let seen = *accepted.borrow_and_update();
            let range = EventRange { after, ..EventRange::default() };
            let room = PAGE.min(self.sink.queue.room());
            let page = self.shared.store.events(&range, room).await?;
            let Some(last) = page.last() else {
                self.sink.caught_up.store(seen, SeqCst);
                // Running out of time is an answer as good as a hint.
                drop(tokio::time::timeout(POLL, accepted.changed()).await);
                continue;
            };
            after = last.number;
            let wanted = page.into_iter().filter(|kept| self.filter.wants(&kept.event));
            let items: Vec<_> = wanted.map(|kept| Item { id: kept.id, event: kept.event }).collect();
            if !items.is_empty() {
                self.sink.offer(items);
                self.sink.all_called().await;
                arrow::tell(arrow::READ_CALLED);
            }
            *position = Some(after);
            self.note(after).await?;
        }
    }

    async fn note(&self, number: u64) -> Result<u64, StoreError> {
        self.shared.store.advance(&self.sink.name, number).await?;
        Ok(number)
    }

    /// Where the sink is; one that is new begins with what waits for its plan, or comes next.
    async fn begin(&self) -> Result<u64, StoreError> {
        if let Some(number) = self.shared.store.cursor(&self.sink.name).await? {
            return Ok(number);
        }
        let mut begun = self.shared.first_new.subscribe();
        // An error would say that the notifier is gone: then somebody ends this.
        let first = begun.wait_for(Option::is_some).await.ok().and_then(|first| *first);
        let number = first.unwrap_or_default().saturating_sub(1);
        self.note(number).await
    }
}
