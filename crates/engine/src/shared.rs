//! What the parts of a notifier share, and the accounts that are drawn from it. Who acts on it stands in `emit`, `worker`,
//! `dispatch` and `life`.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, AtomicI64},
};

use indexmap::IndexMap;
use tidings_core::{Clock, Event};
use tidings_store::{NewDelivery, Store};
use tokio::{
    runtime::Handle,
    sync::{Mutex as AsyncMutex, watch},
    task::JoinHandle,
};

use crate::{
    account::{Account, ChannelAccount, SinkAccount},
    deliver::{Link, Owner, what},
    doorway::Doorway,
    held::Held,
    later::Later,
    ledger::{Count, Ledger, Undelivered},
    local::LocalSink,
    pipeline::{Pipeline, SinkRoute, Target},
    queue::ShedQueue,
    reload::Orders,
    replay::Witness,
    sink::Outlet,
    standing::Standing,
};

/// Everything that the parts of a notifier share.
pub(crate) struct Shared {
    pub(crate) queue: ShedQueue<Event>,
    /// Events between `accept` and their plan.
    pub(crate) inbound: Count,
    /// Whether what came due by time alone is on its way to the store.
    pub(crate) timed: Count,
    /// Counts what the store has accepted, batch by batch: news for in-process sinks in front of a durable store.
    pub(crate) accepted: watch::Sender<u64>,
    /// The number of the first event that sinks which are new begin with; `None` until the store was taken over.
    pub(crate) first_new: watch::Sender<Option<u64>>,
    /// Whether all that the process before left is planned.
    pub(crate) recovered: AtomicBool,
    pub(crate) doorway: Arc<Doorway>,
    pub(crate) store: Arc<dyn Store>,
    /// Where the workers run, once they do.
    pub(crate) runtime: OnceLock<Handle>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The configuration that it runs by.
    pub(crate) standing: Standing,
    /// How another one is handed to the worker, once it runs.
    pub(crate) orders: Orders,
    pub(crate) ledger: Ledger,
    /// Whether `now` is taken from the events instead of the clock.
    pub(crate) event_time: bool,
    /// The greatest time of an event so far, in nanoseconds.
    pub(crate) latest: AtomicI64,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) started: AtomicBool,
    /// What is told later.
    pub(crate) later: Later,
    /// What is on its way and held.
    pub(crate) held: Held,
    /// Who looks on, in a replay.
    pub(crate) witness: Witness,
    /// The in-process sinks that wait for the start.
    pub(crate) local: Mutex<Vec<(Arc<LocalSink>, Outlet)>>,
    /// The worker and the dispatchers; whoever stops them holds this until all is written off.
    pub(crate) tasks: AsyncMutex<Vec<JoinHandle<()>>>,
}

impl Shared {
    /// The configuration that it runs by at this moment.
    pub(crate) fn pipeline(&self) -> Arc<Pipeline> {
        self.standing.now()
    }

    /// Books the deliveries to network sinks that an event gave.
    pub(crate) fn book_matched<'d>(&self, deliveries: impl Iterator<Item = &'d NewDelivery>) {
        for delivery in deliveries {
            if let Some(ledger) = self.pipeline().sink_ledger(&delivery.endpoint) {
                ledger.matched.add(1);
            }
        }
    }

    /// Does something that must not be left half done by a caller who loses patience, or whose runtime ends: what was handed to a
    /// durable store is booked as well. `None` if the notifier ends first.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        match self.runtime.get().filter(|_| self.store.durable()) {
            Some(runtime) => runtime.spawn(work).await.ok(),
            None => Some(work.await),
        }
    }

    /// The store has taken events.
    pub(crate) fn note_accepted(&self) {
        if self.store.durable() {
            self.accepted.send_modify(|count| *count += 1);
        }
    }

    /// Whether users can be reached by a channel of this name.
    pub(crate) fn has_channel(&self, name: &str) -> bool {
        self.pipeline().links.iter().any(|link| &*link.name == name && link.is_channel())
    }

    /// Books deliveries for which a bounded store had no room.
    pub(crate) fn book_shed(&self, shed: &[Arc<NewDelivery>]) {
        for delivery in shed {
            if let Some(ledger) = self.pipeline().sink_ledger(&delivery.endpoint) {
                ledger.shed(&delivery.endpoint, delivery.severity);
            }
        }
    }

    /// Deliveries of a link that are not settled, and those that the store gave up by itself since their rows were damaged.
    async fn owed_and_lost(&self, link: &str) -> (u64, u64) {
        let outstanding = self.store.outstanding(link).await.unwrap_or_default();
        (outstanding.total(), outstanding.lost)
    }

    pub(crate) async fn account(&self) -> Account {
        let pipeline = self.pipeline();
        let mut sinks = IndexMap::new();
        for sink in pipeline.sinks.iter().chain(&pipeline.former.sinks) {
            let (name, account) = self.sink_account(sink).await;
            sinks.insert(name, account);
        }
        let channels = self.channel_accounts().await;
        let pending = self.store.pending().await.unwrap_or_default();
        Account {
            events: self.ledger.events(self.queue.tally(), self.inbound.get()),
            sinks,
            rules: pipeline.rule_accounts(),
            notifications: self.ledger.notifications(),
            deliveries: self.ledger.deliveries(pending, channels.values()),
        }
    }

    async fn sink_account(&self, sink: &SinkRoute) -> (String, SinkAccount) {
        match &sink.target {
            Target::Local(local) if self.store.durable() => {
                self.count_waiting(sink).await;
                (local.name.to_string(), sink.ledger.of_backlog())
            }
            Target::Local(local) => (local.name.to_string(), sink.ledger.account(local.outstanding())),
            Target::Network { endpoint, .. } => {
                let (waiting, lost) = self.owed_and_lost(endpoint).await;
                let account = sink.ledger.account(waiting);
                (endpoint.to_string(), SinkAccount { dead: account.dead + lost, ..account })
            }
        }
    }

    /// What became of the deliveries of each channel for users.
    pub(crate) async fn channel_accounts(&self) -> IndexMap<String, ChannelAccount> {
        let mut accounts = IndexMap::new();
        let pipeline = self.pipeline();
        for link in pipeline.links.iter().chain(&pipeline.former.links) {
            if let Owner::Channel(ledger) = &link.owner {
                let (waiting, lost) = self.owed_and_lost(&link.name).await;
                let account = ledger.account(waiting);
                accounts.insert(link.name.to_string(), ChannelAccount { dead: account.dead + lost, ..account });
            }
        }
        accounts
    }

    /// Books what a link can no longer deliver because the notifier stops.
    pub(crate) fn book_stopped(&self, link: &Link, left: &[Arc<NewDelivery>]) {
        link.owner.dead().add(left.len() as u64);
        for delivery in left {
            self.ledger.name_undelivered(Undelivered {
                endpoint: link.name.to_string(),
                delivery: Some(delivery.id),
                what: what(&delivery.payload),
                reason: "stopped".to_owned(),
            });
        }
    }
}
