//! Another configuration for a notifier that runs. The worker takes it up between two batches, so that every event is judged by one
//! configuration, and all in order. What becomes of the rules stands in `rules`, of sinks and channels in `services`; the next pipeline
//! is put together in `configured`.

mod rules;
mod services;

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use tidings_core::Timestamp;
use tidings_store::{EventRange, Recovered, RuleSetVersion};
use tidings_trigger::RuleSet;
use tokio::sync::{mpsc, oneshot};

use crate::{
    builder::{BuildError, Builder},
    configured::Configured,
    emit::Notifier,
    explain,
    people::People,
    pipeline::Pipeline,
    planned::Accepted,
    settle::{insist, keep_states},
    shared::Shared,
    worker::plan_all,
};

/// How many batches the worker plans, and how often it looks whether there are more, before it goes by another rule set: callers that are
/// between the store and the worker come in meanwhile, and those who never pause do not put it off for ever.
const ROUNDS: usize = 256;

/// What a notifier took up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reloaded {
    /// The incidents whose rule cannot end them any more, since it is gone or its condition knows no end: the rule, and the agent. Nobody is
    /// told that they are over.
    pub left_open: Vec<(String, Option<String>)>,
}

/// Why a notifier goes on as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The parts do not fit together, or not to what runs.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It has not been started, or has stopped.
    #[error("the notifier is not running")]
    NotRunning,
}

/// A configuration on its way to the worker.
pub(crate) struct Order {
    configured: Configured,
    /// What is to be noted once it stands.
    note: Box<dyn FnOnce() + Send>,
    answer: oneshot::Sender<Result<Reloaded, ReloadError>>,
}

/// The way to the worker.
#[derive(Debug, Default)]
pub(crate) struct Orders(OnceLock<mpsc::Sender<Order>>);

impl Orders {
    /// Opens the way; gives its end.
    pub(crate) fn open(&self) -> mpsc::Receiver<Order> {
        let (sender, receiver) = mpsc::channel(1);
        // A notifier is started once.
        drop(self.0.set(sender));
        receiver
    }
}

impl Notifier {
    /// Goes on by another configuration, without losing anything on the way. The builder holds all of it; what is to stay as it runs is
    /// named by [`Builder::keep_channel`] and [`Builder::keep_sink`], and whatever is not in it ends. Queues, clock and store stay, whatever
    /// the builder says of them.
    ///
    /// Rules go on by their names: what both configurations keep of an agent is taken over, cooldowns go on, and where the condition is the
    /// same so do holds and firings. What a new rule looks back on is read from the store. A channel that is another one under its name
    /// begins when what its predecessor has in flight is over, and takes over all that waits for it.
    ///
    /// # Errors
    /// If the parts do not fit, or the notifier does not run; then nothing has changed.
    pub async fn reload(&self, builder: Builder) -> Result<Reloaded, ReloadError> {
        self.reload_and_note(builder, || {}).await
    }

    /// [`Notifier::reload`] for whoever keeps something beside it: `note` is called when the configuration stands, even where nobody waits
    /// for the answer any more, and dropped uncalled when nothing has changed.
    ///
    /// # Errors
    /// As there.
    pub async fn reload_and_note(
        &self,
        builder: Builder,
        note: impl FnOnce() + Send + 'static,
    ) -> Result<Reloaded, ReloadError> {
        let configured = builder.configured(self.shared.store.durable())?;
        let orders = self.shared.orders.0.get().ok_or(ReloadError::NotRunning)?;
        let (answer, answered) = oneshot::channel();
        let order = Order { configured, note: Box::new(note), answer };
        orders.send(order).await.map_err(|_| ReloadError::NotRunning)?;
        answered.await.unwrap_or(Err(ReloadError::NotRunning))
    }

    /// The sinks that run, with their filters.
    #[must_use]
    pub fn sinks(&self) -> Vec<(String, tidings_policy::EventFilter)> {
        let pipeline = self.shared.pipeline();
        pipeline.sinks.iter().map(|route| (route.name().to_owned(), route.filter.clone())).collect()
    }

    /// The channels for users that run, with their retries.
    #[must_use]
    pub fn channels(&self) -> Vec<(String, crate::RetryPolicy)> {
        let pipeline = self.shared.pipeline();
        let channels = pipeline.links.iter().filter(|link| link.is_channel());
        channels.map(|link| (link.name.to_string(), link.retry.clone())).collect()
    }

    /// The rules that it goes by.
    #[must_use]
    pub fn rules(&self) -> Vec<crate::Rule> {
        self.shared.pipeline().rules.clone()
    }
}

/// What the worker goes by while it takes up another configuration.
pub(crate) struct Office<'w> {
    pub(crate) shared: &'w Arc<Shared>,
    /// What the process before left: its clock, too.
    pub(crate) found: &'w Recovered,
    /// What keeps the notifier's own thread alive.
    pub(crate) alive: Option<&'w mpsc::Sender<()>>,
}

impl Office<'_> {
    /// Takes up another configuration, or answers why not.
    pub(crate) async fn take_up(
        &self,
        order: Order,
        accepted: &mut mpsc::Receiver<Vec<Accepted>>,
        now: &mut Timestamp,
    ) {
        let Order { configured, note, answer } = order;
        let given = configured.given.clone();
        let running = self.shared.pipeline();
        let outcome = match configured.pipeline_after(&running) {
            // Without an answer the notifier is at its end.
            Ok((next, local)) => match self.go_on(&running, next, &given, (accepted, now)).await {
                Some(reloaded) => {
                    self.serve(&running, local);
                    note();
                    Ok(reloaded)
                }
                None => Err(ReloadError::NotRunning),
            },
            Err(error) => Err(error.into()),
        };
        // Whoever asked may have lost patience.
        drop(answer.send(outcome));
    }

    /// Lets the next pipeline stand. `None` if the notifier ends first.
    async fn go_on(
        &self,
        running: &Pipeline,
        mut next: Pipeline,
        given: &People,
        (accepted, now): (&mut mpsc::Receiver<Vec<Accepted>>, &mut Timestamp),
    ) -> Option<Reloaded> {
        let shared = self.shared;
        let from = self.plan_rest(accepted, now).await?;
        let until = if shared.event_time { *now } else { shared.clock.now() };
        self.prepare_rules(running, &next, (from, until)).await?;
        self.prepare_services(running, &next, from).await?;
        let people = Arc::clone(&next.people);
        let turn = people.turn().await;
        let found = insist(shared, || Box::pin(People::seeded(&*shared.store, given, shared.clock.now()))).await?;
        let content = explain::version::content(&next, shared.event_time);
        let version = RuleSetVersion { from, since: shared.clock.now(), content };
        insist(shared, || shared.store.put_rule_set(&version)).await?;
        // From here on nothing waits: nobody sees one half of it.
        let reloaded = hand_over(running, &mut next, until);
        shared.standing.replace(next);
        people.change(|people| *people = People { silences: std::mem::take(&mut people.silences), ..found });
        drop(turn);
        keep_states(shared).await?;
        shared.later.look_again_at_all();
        Some(reloaded)
    }

    /// Plans what was accepted before, as far as callers let it; gives the first event that the next rules judge.
    async fn plan_rest(&self, accepted: &mut mpsc::Receiver<Vec<Accepted>>, now: &mut Timestamp) -> Option<u64> {
        let shared = self.shared;
        let range = EventRange { waiting: true, ..EventRange::default() };
        for round in 0.. {
            if round < ROUNDS
                && let Ok(events) = accepted.try_recv()
            {
                plan_all(shared, &events, now).await;
                continue;
            }
            if shared.is_ending() {
                return None;
            }
            let waiting = insist(shared, || shared.store.events(&range, 1)).await?;
            match waiting.first() {
                Some(first) if round >= ROUNDS => return Some(first.number),
                Some(_) => tokio::task::yield_now().await,
                None => break,
            }
        }
        self.next_number().await
    }

    /// The number of the next event to come: numbers have no gaps.
    async fn next_number(&self) -> Option<u64> {
        let (shared, mut last, mut step) = (self.shared, self.found.last_event, 1_u64);
        while step > 0 {
            let range = EventRange { after: last.saturating_add(step - 1), ..EventRange::default() };
            let found = insist(shared, || shared.store.events(&range, 1)).await?;
            match found.first() {
                // Old ones may be forgotten: the first that is there may be far ahead.
                Some(event) => (last, step) = (event.number, step.saturating_mul(2)),
                None => step /= 2,
            }
        }
        Some(last + 1)
    }
}

/// Lets the next rules go on where the ones before are; no event is judged from here until the next pipeline stands.
fn hand_over(running: &Pipeline, next: &mut Pipeline, now: Timestamp) -> Reloaded {
    let mut set = running.rule_set();
    let names = running.rules.iter().map(|rule| rule.name.to_string()).collect::<Vec<_>>();
    let named = |set: &RuleSet, names: &[String]| -> HashSet<(String, Option<String>)> {
        let open = set.open().into_iter();
        open.filter_map(|(rule, agent)| Some((names.get(rule)?.clone(), agent.map(str::to_owned)))).collect()
    };
    let open = named(&set, &names);
    // Whoever asks the one before for its accounts gets the last ones.
    drop(running.last_accounts.set(set.accounts()));
    let before = std::mem::replace(&mut *set, RuleSet::new(Vec::new()));
    drop(set);
    next.former.rules = running.rule_accounts();
    let mut set = next.rule_set();
    set.take_over(before, now);
    let names = next.rules.iter().map(|rule| rule.name.to_string()).collect::<Vec<_>>();
    let still = named(&set, &names);
    let mut left_open: Vec<_> = open.difference(&still).cloned().collect();
    left_open.sort();
    for (rule, agent) in &left_open {
        tracing::warn!(rule, agent, "an incident is left open: its rule cannot end it any more");
    }
    Reloaded { left_open }
}
