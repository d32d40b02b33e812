//! From the parts that a builder collects to those that run: links, queues, routes. What may go together is checked by the builder.

use std::{
    sync::{Arc, Mutex, atomic::AtomicUsize},
    time::Duration,
};

use tidings_core::DynChannel;

use crate::{
    deliver::{Link, Owner},
    ledger::SinkLedger,
    local::LocalSink,
    pipeline::{SinkRoute, Target},
    retry::RetryPolicy,
    sink::{Outlet, Sink},
    terms::Terms,
};

/// How many attempts a user channel makes at a time.
const CHANNEL_CONCURRENCY: usize = 16;

/// A channel for users, as it was added.
pub(crate) struct ChannelSpec {
    pub(crate) name: String,
    pub(crate) channel: Arc<dyn DynChannel>,
    pub(crate) retry: RetryPolicy,
}

/// How old a delivery may become, and whether it waits so long for an endpoint that is down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    pub(crate) limit: Duration,
    pub(crate) patient: bool,
}

/// The link of a channel for users.
pub(crate) fn user_link(spec: ChannelSpec, age: Age) -> Arc<Link> {
    Arc::new(Link {
        terms: Terms::new(&spec.retry, age.limit, age.patient),
        name: spec.name.into(),
        channel: spec.channel,
        retry: spec.retry,
        concurrency: CHANNEL_CONCURRENCY,
        owner: Owner::Channel(Arc::default()),
        breaker: Mutex::default(),
        suspects: Mutex::default(),
        settling: AtomicUsize::new(0),
        gone: Mutex::default(),
    })
}

/// The sink as the pipeline sees it; a network sink adds its link, an in-process one itself to those that must be started.
pub(crate) fn route_of(
    sink: Sink,
    (room, age): (usize, Age),
    links: &mut Vec<Arc<Link>>,
    local: &mut Vec<(Arc<LocalSink>, Outlet)>,
) -> SinkRoute {
    let ledger = Arc::new(SinkLedger::default());
    let name: Arc<str> = sink.name.into();
    let target = if let Outlet::Channel { channel, retry, concurrency } = sink.outlet {
        let owner = Owner::Sink(Arc::clone(&ledger));
        let terms = Terms::new(&retry, age.limit, age.patient);
        links.push(Arc::new(Link {
            name: Arc::clone(&name),
            channel,
            retry,
            concurrency: concurrency.max(1),
            owner,
            terms,
            breaker: Mutex::default(),
            suspects: Mutex::default(),
            settling: AtomicUsize::new(0),
            gone: Mutex::default(),
        }));
        Target::Network { endpoint: name, terms }
    } else {
        let running = Arc::new(LocalSink::new(name, room, Arc::clone(&ledger), sink.deadline));
        local.push((Arc::clone(&running), sink.outlet));
        Target::Local(running)
    };
    SinkRoute { filter: sink.filter, target, ledger }
}
