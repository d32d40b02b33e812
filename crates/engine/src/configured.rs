//! What a builder collected, checked, and what it becomes: the pipeline of a notifier that begins, or the next one of a notifier that runs.
//! How the one takes the place of the other is left to `reload`.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tidings_dedup::Dedup;
use tidings_policy::{Fallbacks, StormLimit};
use tidings_trigger::{RuleSet, RuleSpec};

use crate::{
    builder::BuildError,
    lately::Lately,
    ledger::Count,
    local::LocalSink,
    people::{People, Registry},
    pipeline::{Pipeline, by_name},
    retry::RetryPolicy,
    rule::Rule,
    sink::{Outlet, Sink},
    terms::Terms,
    unsettled::Unsettled,
    wiring::{Age, ChannelSpec, Wiring},
};

/// How many dedup keys are remembered.
const DEDUP_KEYS: u64 = 100_000;

/// The parts of a configuration.
pub(crate) struct Configured {
    pub(crate) sinks: Vec<Sink>,
    pub(crate) channels: Vec<ChannelSpec>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) given: People,
    pub(crate) storm: Option<StormLimit>,
    pub(crate) window: Duration,
    pub(crate) fallbacks: Fallbacks,
    pub(crate) age: Age,
    /// Room of each in-process sink's queue.
    pub(crate) room: usize,
    pub(crate) retention: Duration,
    pub(crate) shutdown_timeout: Duration,
}

/// In-process sinks that must be started.
pub(crate) type Waiting = Vec<(Arc<LocalSink>, Outlet)>;

impl Configured {
    /// The rules, for a set.
    pub(crate) fn specs(&self) -> Vec<RuleSpec> {
        self.rules.iter().map(|rule| rule.spec.clone()).collect()
    }

    /// The pipeline of a notifier that begins.
    pub(crate) fn pipeline(self) -> Result<(Pipeline, Waiting), BuildError> {
        self.assemble(None)
    }

    /// The one that takes the place of another, but for how far the rules are.
    pub(crate) fn pipeline_after(self, running: &Pipeline) -> Result<(Pipeline, Waiting), BuildError> {
        self.assemble(Some(running))
    }

    fn assemble(self, running: Option<&Pipeline>) -> Result<(Pipeline, Waiting), BuildError> {
        let specs = self.specs();
        let age = self.age;
        let mut wiring = Wiring::beside(running, age, self.room);
        self.channels.into_iter().try_for_each(|channel| wiring.add_channel(channel))?;
        let terms = wiring.links.iter().map(|link| (link.name.to_string(), link.terms)).collect();
        self.sinks.into_iter().try_for_each(|sink| wiring.add_sink(sink))?;
        let people = || Arc::new(Registry::new(self.given));
        let unsettled = || Arc::new(Unsettled::before(age.patient));
        let pipeline = Pipeline {
            former: wiring.former(),
            sinks: wiring.sinks,
            links: wiring.links,
            set: Mutex::new(RuleSet::new(specs)),
            last_accounts: OnceLock::new(),
            overruled: self.rules.iter().map(|_| Count::default()).collect(),
            by_name: by_name(&self.rules),
            rules: self.rules,
            people: running.map_or_else(people, |running| Arc::clone(&running.people)),
            lately: running.map_or_else(|| Lately::new(self.storm), |running| running.lately.under(self.storm)),
            beginnings: running.map(|running| Arc::clone(&running.beginnings)).unwrap_or_default(),
            dedup: running
                .map_or_else(|| Dedup::new(self.window, DEDUP_KEYS), |running| running.dedup.within(self.window)),
            unsettled: running.map_or_else(unsettled, |running| Arc::clone(&running.unsettled)),
            hands_over: running.map_or(!age.patient, |running| running.hands_over),
            window: self.window,
            fallbacks: self.fallbacks,
            terms,
            default_terms: Terms::new(&RetryPolicy::user(), age.limit, age.patient),
            retention: self.retention,
            shutdown_timeout: self.shutdown_timeout,
        };
        Ok((pipeline, wiring.local))
    }
}
