//! In-process sinks at work: the queue of each, its counts, and what became of each call. Who calls is `callback`, who feeds it the
//! pipeline, or `reader` in front of a durable store.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use tidings_core::{DeliveryId, Event, EventId};
use tidings_policy::EventFilter;
use tidings_store::{NewEntry, Step, StoredEvent};
use tokio::sync::Notify;

use crate::{
    failures::Failures, ledger::SinkLedger, planned::Accepted, progress::Progress, queue::ShedQueue, service::Service,
    tell::detail,
};

/// How often a sink that is to end looks whether it has called all.
const LOOK: Duration = Duration::from_millis(2);

/// An event on its way to an in-process sink.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its number in a durable store; `None` where the pipeline hands it over.
    number: Option<u64>,
    pub(crate) id: EventId,
    pub(crate) event: Arc<Event>,
}

impl Item {
    /// One that the pipeline hands over.
    pub(crate) fn handed(accepted: &Accepted) -> Self {
        Self { number: None, id: accepted.id, event: Arc::clone(&accepted.event) }
    }

    /// One that was read from the store.
    pub(crate) fn read(kept: StoredEvent) -> Self {
        Self { number: Some(kept.number), id: kept.id, event: kept.event }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Returned,
    Panicked,
    CutOff,
}

/// An in-process sink at work.
pub(crate) struct LocalSink {
    pub(crate) name: Arc<str>,
    pub(crate) queue: ShedQueue<Item>,
    pub(crate) ledger: Arc<SinkLedger>,
    pub(crate) deadline: Duration,
    /// Told when there is something to be noted.
    pub(crate) news: Notify,
    pub(crate) failures: Failures,
    pub(crate) progress: Progress,
    pub(crate) service: Service,
    /// The one in whose place it came, as long as that has something in hand.
    before: Mutex<Option<Arc<LocalSink>>>,
}

impl LocalSink {
    /// A sink with room for so many events.
    pub(crate) fn new(name: Arc<str>, room: usize, ledger: Arc<SinkLedger>, deadline: Duration) -> Self {
        Self {
            name,
            queue: ShedQueue::new(room),
            ledger,
            deadline,
            news: Notify::new(),
            failures: Failures::default(),
            progress: Progress::default(),
            service: Service::default(),
            before: Mutex::default(),
        }
    }

    /// The same in the place of another one, on whose account it goes on.
    pub(crate) fn after(mut self, before: Option<Arc<Self>>) -> Self {
        self.before = Mutex::new(before);
        self
    }

    /// The one in whose place it came, unless that is over.
    pub(crate) fn before(&self) -> Option<Arc<Self>> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.take_if(|before| before.service.is_over());
        before.clone()
    }

    /// What waits in its queue or is in hand, its predecessor's too.
    pub(crate) fn outstanding(&self) -> u64 {
        self.queue.outstanding() + self.before().map_or(0, |before| before.outstanding())
    }

    /// Takes nothing more, and returns once all that it has was called, or it is the end.
    pub(crate) async fn finish_rest(&self, end: impl Future<Output = ()>) {
        self.queue.close();
        let rest = async {
            while self.queue.outstanding() > 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = rest => {}
            () = end => {}
        }
    }

    /// What it had counted and not called is not on its account any more.
    pub(crate) fn leave_rest(&self) {
        self.ledger.matched.sub(self.ledger.of_backlog().waiting);
    }

    /// Queues events that the pipeline hands over; where there is no room, the lowest severity goes first.
    pub(crate) fn offer(&self, items: Vec<Item>) {
        self.ledger.matched.add(items.len() as u64);
        let shed = self.queue.push_all(items.into_iter().map(|item| (item.event.severity, item)));
        for (severity, item) in &shed {
            self.ledger.shed(&self.name, *severity);
            self.failures.add(self.entry(Step::Shed, item));
        }
        if !shed.is_empty() {
            self.news.notify_one();
        }
    }

    /// Queues what is wanted of a page that ends with this number. Its reader sees to it that there is room.
    pub(crate) fn give(&self, items: Vec<Item>, last: u64) {
        self.queue.push_all(items.into_iter().map(|item| (item.event.severity, item)));
        self.progress.give(last);
        self.news.notify_one();
    }

    /// Counts what is wanted of a page, once.
    pub(crate) fn count(&self, filter: &EventFilter, page: &[StoredEvent]) {
        self.progress.count(filter, page, |wanted| self.ledger.matched.add(wanted));
    }

    /// Counts what became of one item, unless it was written off meanwhile.
    pub(crate) fn finish(&self, item: &Item, ended: Ended, took: Duration) {
        if took > self.deadline {
            metrics::counter!("tidings_sink_late_total", "sink" => self.name.to_string()).increment(1);
            tracing::warn!(sink = %self.name, ?took, "a callback was late");
        }
        self.queue.settle(1, || self.book(item, ended));
        if item.number.is_some() || ended != Ended::Returned {
            self.news.notify_one();
        }
    }

    fn book(&self, item: &Item, ended: Ended) {
        if ended == Ended::Returned {
            self.ledger.delivered.add(1);
        } else {
            self.ledger.dead.add(1);
            self.failures.add(self.failed(item, ended));
        }
        if let Some(number) = item.number {
            self.progress.call(number);
        }
    }

    fn failed(&self, item: &Item, ended: Ended) -> NewEntry {
        let (kind, text) = match ended {
            Ended::CutOff => ("timeout", format!("the callback was cut off after {:?}", self.deadline)),
            Ended::Panicked | Ended::Returned => ("panic", "the callback panicked".to_owned()),
        };
        NewEntry { detail: detail(json!({"kind": kind, "text": text})), ..self.entry(Step::Dead, item) }
    }

    /// An entry of the log about one item.
    fn entry(&self, step: Step, item: &Item) -> NewEntry {
        NewEntry {
            event: Some(item.id),
            delivery: Some(DeliveryId::of_event(item.id, &self.name)),
            agent: item.event.agent_id.clone(),
            endpoint: Some(Arc::clone(&self.name)),
            ..NewEntry::new(step)
        }
    }

    /// Writes off what was not called, and says how much it was. From then on nothing that the sink does is booked.
    pub(crate) fn write_off(&self) -> u64 {
        self.progress.end();
        self.queue.write_off()
    }
}

impl fmt::Debug for LocalSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSink").field("name", &self.name).finish_non_exhaustive()
    }
}
