//! Who serves sinks and channels after another configuration was taken up: what is gone finishes what it has in hand, what takes its place
//! begins then.

use std::sync::Arc;

use super::Office;
use crate::{
    attend::attend, callback, configured::Waiting, deliver::Link, dispatch, housekeeping, life::while_alive,
    local::LocalSink, pipeline::Pipeline, recover, settle::insist, shared::Shared, sink::Outlet,
};

impl Office<'_> {
    /// Finds out of what is new under its name what a life before has left: whom it does not reach any more, what it owes, where it begins.
    /// `None` if the notifier ends first.
    pub(super) async fn prepare_services(&self, running: &Pipeline, next: &Pipeline, from: u64) -> Option<()> {
        let (shared, durable) = (self.shared, self.shared.store.durable());
        let known = |name: &str| running.links.iter().chain(&running.former.links).any(|link| *link.name == *name);
        let new: Vec<_> = next.links.iter().filter(|link| !known(&link.name)).collect();
        if !new.is_empty() && durable {
            let gone = insist(shared, || shared.store.disabled()).await?;
            recover::disable(gone, &new);
            let owed = insist(shared, || shared.store.waiting()).await?;
            for owed in &owed {
                recover::book_owed(shared, owed, &new);
            }
        }
        let has_begun = |sink: &LocalSink| running.local().any(|(other, _)| other.name == sink.name);
        let begin: Vec<_> = next.local().map(|(sink, _)| sink).filter(|sink| durable && !has_begun(sink)).collect();
        for sink in begin {
            if insist(shared, || shared.store.cursor(&sink.name)).await?.is_none() {
                // What was judged before was not for it.
                insist(shared, || shared.store.advance(&sink.name, from.saturating_sub(1))).await?;
            }
        }
        Some(())
    }

    /// Ends what is gone and starts what is new.
    pub(super) fn serve(&self, before: &Pipeline, local: Waiting) {
        let standing = self.shared.pipeline();
        let is_there = |links: &[Arc<Link>], link: &Arc<Link>| links.iter().any(|other| Arc::ptr_eq(other, link));
        before.links.iter().filter(|link| !is_there(&standing.links, link)).for_each(|link| link.service.retire());
        let stays = |sink: &Arc<LocalSink>| standing.sinks.iter().any(|route| route.is_of(sink));
        before.local().filter(|(sink, _)| !stays(sink)).for_each(|(sink, _)| sink.service.retire());
        for link in standing.links.iter().filter(|link| !is_there(&before.links, link)) {
            let predecessor = before.links.iter().chain(&before.former.links).find(|other| other.name == link.name);
            self.spawn(follow(Arc::clone(self.shared), Arc::clone(link), predecessor.map(Arc::clone)));
        }
        for link in standing.former.links.iter().filter(|link| is_there(&before.links, link)) {
            self.spawn(leave(Arc::clone(self.shared), Arc::clone(link)));
        }
        for (sink, outlet) in local {
            let Some((_, filter)) = standing.local().find(|(other, _)| Arc::ptr_eq(other, &sink)) else { continue };
            self.spawn(begin(Arc::clone(self.shared), (sink, outlet), filter.clone()));
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = tokio::spawn(while_alive(self.alive.cloned(), task));
        // Where a stop has come first, they see it by themselves.
        if let Ok(mut tasks) = self.shared.tasks.try_lock() {
            tasks.retain(|task| !task.is_finished());
            tasks.push(task);
        }
    }
}

/// Serves a channel once its predecessor has nothing in hand.
async fn follow(shared: Arc<Shared>, link: Arc<Link>, predecessor: Option<Arc<Link>>) {
    if let Some(predecessor) = predecessor {
        tokio::select! {
            () = predecessor.service.over() => {}
            () = shared.ending() => {}
        }
    }
    let stop = shared.stop.subscribe();
    dispatch::run(shared, link, stop).await;
}

/// Once a channel that is gone has nothing in hand, what waits for it takes its fallback.
async fn leave(shared: Arc<Shared>, link: Arc<Link>) {
    tokio::select! {
        () = link.service.over() => {}
        () = shared.ending() => return,
    }
    if let Err(error) = housekeeping::settle_orphans(&shared).await {
        tracing::error!(endpoint = %link.name, "what waits for it could not be settled: {error}");
    }
}

/// Runs an in-process sink once its predecessor has nothing in hand.
async fn begin(shared: Arc<Shared>, (sink, outlet): (Arc<LocalSink>, Outlet), filter: tidings_policy::EventFilter) {
    if let Some(before) = sink.before() {
        tokio::select! {
            () = before.service.over() => {}
            () = shared.ending() => return,
        }
    }
    // Else each would hold all that came before it.
    drop(sink.before());
    if let Err(error) = callback::spawn(Arc::clone(&sink), outlet) {
        tracing::error!(sink = %sink.name, "a thread could not be started: {error}");
    }
    attend(shared, sink, filter).await;
}
