//! In-process sinks in front of a store that outlives the process: each reads the accepted events at its own pace, and how far it is
//! is noted, so that nothing is shed, and what was not called before a crash is called after it. Calling is left to `callback`,
//! noting to `notes`, counting to `backlog`.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use tidings_policy::EventFilter;
use tidings_store::{EventRange, StoreError, StoredEvent};
use tokio::sync::watch;

use crate::{
    backlog,
    local::{Item, LocalSink},
    notes,
    shared::Shared,
};

/// Events that are read at once: what of them is wanted must have room in the sink's queue.
const PAGE: usize = 64;
/// The longest sleep between two looks at the store.
const POLL: Duration = Duration::from_millis(250);
/// The pause after the store could not be asked.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Feeds a sink until it is told to stop. What it has called by then is noted; what it has in hand is not, nor booked.
pub(crate) async fn run(
    shared: Arc<Shared>,
    sink: Arc<LocalSink>,
    filter: EventFilter,
    mut stop: watch::Receiver<bool>,
) {
    let keeping = notes::keep(&shared, &sink, stop.clone());
    let reader = Reader { shared: &shared, sink: &sink, filter: &filter };
    let feeding = async {
        tokio::select! {
            () = reader.read() => {}
            () = backlog::look_ahead(&shared, &sink, &filter) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    };
    tokio::join!(feeding, keeping);
    let goes_on = !shared.is_ending();
    if goes_on {
        sink.finish_rest(shared.ending()).await;
    }
    sink.write_off();
    notes::close(&shared, &sink).await;
    if goes_on {
        // Whoever takes its place counts what it had not called.
        sink.leave_rest();
    }
}

struct Reader<'a> {
    shared: &'a Shared,
    sink: &'a LocalSink,
    filter: &'a EventFilter,
}

impl Reader<'_> {
    async fn read(&self) {
        let mut position = None;
        loop {
            if let Err(error) = self.feed(&mut position).await {
                tracing::error!(sink = %self.sink.name, "events could not be read: {error}");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    }

    /// Reads and hands on for as long as the store answers. The position outlives a store that fails: what was called is not called
    /// again because that could not be noted.
    async fn feed(&self, position: &mut Option<u64>) -> Result<(), StoreError> {
        let mut after = match *position {
            Some(after) => after,
            None => *position.insert(self.begin().await?),
        };
        loop {
            let mut accepted = self.shared.accepted.subscribe();
            let seen = *accepted.borrow_and_update();
            let range = EventRange { after, ..EventRange::default() };
            // The next page is read while the one before is called.
            let page = self.shared.store.events(&range, PAGE.min(self.sink.queue.room())).await?;
            self.sink.count(self.filter, &page);
            // A crash repeats a page at most, however slow the store is at noting.
            self.sink.progress.all_noted().await;
            let Some(last) = page.last() else {
                self.sink.progress.caught_up.store(seen, SeqCst);
                // Running out of time is an answer as good as a hint.
                drop(tokio::time::timeout(POLL, accepted.changed()).await);
                continue;
            };
            after = last.number;
            *position = Some(after);
            self.give(page, after);
        }
    }

    fn give(&self, page: Vec<StoredEvent>, last: u64) {
        let wanted = page.into_iter().filter(|kept| self.filter.wants(&kept.event));
        self.sink.give(wanted.map(Item::read).collect(), last);
    }

    /// Where the sink is; one that is new begins with what waits for its plan, or comes next.
    async fn begin(&self) -> Result<u64, StoreError> {
        let number = match backlog::begin(self.shared, self.sink).await? {
            Some(number) => number,
            None => {
                let mut begun = self.shared.first_new.subscribe();
                // An error would say that the notifier is gone: then somebody ends this.
                drop(begun.wait_for(Option::is_some).await);
                backlog::begin(self.shared, self.sink).await?.unwrap_or_default()
            }
        };
        self.sink.progress.note(number);
        Ok(number)
    }
}
