//! From the parts that a builder collects to those that run: links, queues, routes. What of it runs already stays as it is, unless it is
//! to be another one. What may go together is checked by the builder.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tidings_core::DynChannel;

use crate::{
    builder::BuildError,
    deliver::{Link, Owner},
    ledger::SinkLedger,
    local::LocalSink,
    pipeline::{Former, Pipeline, SinkRoute, Target},
    retry::RetryPolicy,
    service::Service,
    sink::{Outlet, Sink},
    terms::Terms,
};

/// How many attempts a user channel makes at a time.
const CHANNEL_CONCURRENCY: usize = 16;

/// A channel for users, as it was added.
pub(crate) struct ChannelSpec {
    pub(crate) name: String,
    /// `None`: the one that runs under this name.
    pub(crate) channel: Option<Arc<dyn DynChannel>>,
    pub(crate) retry: RetryPolicy,
}

/// How old a delivery may become, and whether it waits so long for an endpoint that is down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    pub(crate) limit: Duration,
    pub(crate) patient: bool,
}

/// Sinks and channels on their way to their places.
pub(crate) struct Wiring<'r> {
    running: Option<&'r Pipeline>,
    age: Age,
    /// Room of each in-process sink's queue.
    room: usize,
    pub(crate) sinks: Vec<SinkRoute>,
    pub(crate) links: Vec<Arc<Link>>,
    /// The in-process sinks that must be started.
    pub(crate) local: Vec<(Arc<LocalSink>, Outlet)>,
}

/// What a link needs beside its name.
struct Means {
    channel: Option<Arc<dyn DynChannel>>,
    retry: RetryPolicy,
    concurrency: usize,
}

impl<'r> Wiring<'r> {
    pub(crate) const fn beside(running: Option<&'r Pipeline>, age: Age, room: usize) -> Self {
        Self { running, age, room, sinks: Vec::new(), links: Vec::new(), local: Vec::new() }
    }

    /// Adds the link of a channel for users.
    pub(crate) fn add_channel(&mut self, spec: ChannelSpec) -> Result<(), BuildError> {
        let ChannelSpec { name, channel, retry } = spec;
        let means = Means { channel, retry, concurrency: CHANNEL_CONCURRENCY };
        self.add_link(name.into(), means, &Owner::Channel(Arc::default())).map(drop)
    }

    /// Adds a sink.
    pub(crate) fn add_sink(&mut self, sink: Sink) -> Result<(), BuildError> {
        let before = self.route_before(&sink.name);
        let route = match (sink.outlet, before) {
            (Outlet::Kept, Some(before)) => self.kept(before, sink.filter)?,
            (Outlet::Kept, None) => return Err(BuildError::NothingToKeep(sink.name)),
            (Outlet::Channel { channel, retry, concurrency }, _) => {
                let ledger = Arc::new(SinkLedger::default());
                let means = Means { channel: Some(channel), retry, concurrency: concurrency.max(1) };
                let link = self.add_link(sink.name.into(), means, &Owner::Sink(ledger))?;
                let Owner::Sink(ledger) = link.owner.clone() else {
                    return Err(BuildError::OtherKind(link.name.to_string()));
                };
                let target = Target::Network { endpoint: Arc::clone(&link.name), terms: link.terms };
                SinkRoute { filter: sink.filter, target, ledger }
            }
            (outlet, before) => {
                let before = match before.map(|before| &before.target) {
                    Some(Target::Network { .. }) => return Err(BuildError::OtherKind(sink.name)),
                    Some(Target::Local(local)) => Some(Arc::clone(local)),
                    None => None,
                };
                let ledger = before.as_ref().map(|before| Arc::clone(&before.ledger)).unwrap_or_default();
                let running = LocalSink::new(sink.name.into(), self.room, Arc::clone(&ledger), sink.deadline);
                let running = Arc::new(running.after(before));
                self.local.push((Arc::clone(&running), outlet));
                SinkRoute { filter: sink.filter, target: Target::Local(running), ledger }
            }
        };
        self.sinks.push(route);
        Ok(())
    }

    /// The route of a sink that runs. What reads from the store goes on with the filter that it has.
    fn kept(&mut self, before: &SinkRoute, filter: tidings_policy::EventFilter) -> Result<SinkRoute, BuildError> {
        let Target::Network { endpoint, .. } = &before.target else {
            let filter = if self.age.patient { before.filter.clone() } else { filter };
            return Ok(SinkRoute { filter, ..before.clone() });
        };
        let link = self.link_before(endpoint).ok_or_else(|| BuildError::NothingToKeep(endpoint.to_string()))?;
        let means = Means { channel: None, retry: link.retry.clone(), concurrency: link.concurrency };
        let link = self.add_link(Arc::clone(endpoint), means, &link.owner)?;
        let target = Target::Network { endpoint: Arc::clone(endpoint), terms: link.terms };
        Ok(SinkRoute { filter, target, ledger: Arc::clone(&before.ledger) })
    }

    /// Adds a link: the one that runs, where nothing of it changes, else one that goes on with its account.
    fn add_link(&mut self, name: Arc<str>, means: Means, owner: &Owner) -> Result<Arc<Link>, BuildError> {
        let terms = Terms::new(&means.retry, self.age.limit, self.age.patient);
        let before = self.link_before(&name);
        if before.is_some_and(|before| !before.owner.is_like(owner)) {
            return Err(BuildError::OtherKind(name.to_string()));
        }
        let link = match (means.channel, before) {
            (None, None) => return Err(BuildError::NothingToKeep(name.to_string())),
            (None, Some(before)) if before.retry == means.retry && before.terms == terms && self.runs(before) => {
                Arc::clone(before)
            }
            (None, Some(before)) => Arc::new(before.under(means.retry, terms)),
            (Some(channel), before) => {
                let link = Link::new((name, channel), (means.retry, means.concurrency), owner.clone(), terms);
                Arc::new(match before {
                    Some(before) => link.after(before),
                    None => link,
                })
            }
        };
        self.links.push(Arc::clone(&link));
        Ok(link)
    }

    fn runs(&self, link: &Arc<Link>) -> bool {
        self.running.is_some_and(|running| running.links.iter().any(|other| Arc::ptr_eq(other, link)))
    }

    fn link_before(&self, name: &str) -> Option<&'r Arc<Link>> {
        let running = self.running?;
        running.links.iter().chain(&running.former.links).find(|link| *link.name == *name)
    }

    fn route_before(&self, name: &str) -> Option<&'r SinkRoute> {
        let running = self.running?;
        running.sinks.iter().chain(&running.former.sinks).find(|route| route.name() == name)
    }

    /// What was there and is not any more.
    pub(crate) fn former(&self) -> Former {
        let Some(running) = self.running else { return Former::default() };
        let links = running.links.iter().chain(&running.former.links);
        let routes = running.sinks.iter().chain(&running.former.sinks);
        Former {
            links: links.filter(|link| !self.links.iter().any(|now| now.name == link.name)).cloned().collect(),
            sinks: routes.filter(|route| !self.sinks.iter().any(|now| now.name() == route.name())).cloned().collect(),
            // Until it stands, the rules before are not done.
            ..Former::default()
        }
    }
}

impl Link {
    fn new(
        (name, channel): (Arc<str>, Arc<dyn DynChannel>),
        (retry, concurrency): (RetryPolicy, usize),
        owner: Owner,
        terms: Terms,
    ) -> Self {
        Self {
            name,
            channel,
            retry,
            concurrency,
            owner,
            terms,
            breaker: Arc::default(),
            suspects: Arc::default(),
            settling: Arc::default(),
            gone: Arc::new(Mutex::default()),
            service: Service::default(),
        }
    }

    /// Another channel of the same name: on the same account, and whom it does not reach any more stays so.
    fn after(self, before: &Self) -> Self {
        Self {
            owner: before.owner.clone(),
            settling: Arc::clone(&before.settling),
            gone: Arc::clone(&before.gone),
            ..self
        }
    }

    /// The same channel with other retries: what is known of it goes on.
    fn under(&self, retry: RetryPolicy, terms: Terms) -> Self {
        let channel = (Arc::clone(&self.name), Arc::clone(&self.channel));
        let link = Self::new(channel, (retry, self.concurrency), self.owner.clone(), terms).after(self);
        Self { breaker: Arc::clone(&self.breaker), suspects: Arc::clone(&self.suspects), ..link }
    }
}
