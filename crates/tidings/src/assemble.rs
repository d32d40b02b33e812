//! From a checked configuration to a builder: each sink, channel, rule and user in turn. What the YAML may say is `config`'s.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use tidings_config::{
    Audience, BusPlan, ChannelPlan, Environment, LogPlan, Mode, Options, Plan, Problem, Recipient as Named, RulePlan,
    SinkKind, SinkPlan,
};
use tidings_core::{Channel, Envelope, Receipt, SendError, Timestamp};
use tidings_engine::{LogSink, People, Question, Recipient, Recipients, RetryPolicy, Rule, Sink, User, Users};
use tidings_policy::{Fallbacks, Quorum};
use tidings_redact::Redactor;

use crate::{
    Builder, Error,
    builder::{SINK_CONCURRENCY, layers},
    channels::Workshop,
};

/// The jitter of a channel's retries.
pub(crate) const JITTER: f64 = 0.2;

impl Builder {
    /// A builder from a configuration's text, with variables from the environment. Warnings go to the log.
    ///
    /// # Errors
    /// Every problem of the text at once, or what stands in the way of a part.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok();
        let options = Options { environment: Environment::Given(&variable), ..Options::default() };
        Self::from_loaded(tidings_config::load(text, &options))
    }

    /// A builder from a configuration file.
    ///
    /// # Errors
    /// See [`Builder::from_yaml`].
    pub fn from_file(path: &Path, mode: Mode) -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok();
        let options = Options { mode, environment: Environment::Given(&variable), ..Options::default() };
        Self::from_loaded(tidings_config::load_file(path, &options))
    }

    fn from_loaded(loaded: Result<(Plan, Vec<Problem>), Vec<Problem>>) -> Result<Self, Error> {
        let (plan, warnings) = loaded.map_err(Error::Config)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Self::from_plan(plan)
    }

    /// A builder from a configuration that is loaded already. More parts can be added to it.
    ///
    /// # Errors
    /// If a part cannot be built.
    pub fn from_plan(plan: Plan) -> Result<Self, Error> {
        let mut builder = Self::with_settings(&plan);
        builder.plan = Some(Arc::new(plan.clone()));
        let mut kept = None;
        if let Some(store) = &plan.store {
            let opened = crate::builder::open(&store.path)?;
            builder = builder.store(Arc::clone(&opened)).retention(store.retention);
            kept = Some(opened);
        }
        let mut workshop = Workshop::new(&plan, kept)?;
        for sink in plan.sinks {
            builder = builder.add_sink(sink, &mut workshop)?;
        }
        for (name, channel) in plan.channels {
            builder = builder.add_channel(&name, channel, &plan.delivery.retry, &mut workshop)?;
        }
        builder.doors = workshop.doors;
        Ok(plan.rules.into_iter().map(rule).fold(builder, Self::rule))
    }

    /// A builder from a configuration for a replay alone: it has no store, opens nothing, and its sinks and channels are names that send
    /// nothing, whatever they need in earnest. Nothing of it should run.
    #[must_use]
    pub fn for_replay(plan: Plan) -> Self {
        let mut builder = Self::with_settings(&plan);
        for SinkPlan { name, filter, .. } in plan.sinks {
            builder = builder.sink(Sink::callback(&name, |_| {}).filter(filter));
        }
        let of_rules = plan.rules.iter().flat_map(|rule| &rule.channels);
        let fallbacks = plan.fallbacks.iter().flat_map(|(name, list)| list.iter().chain([name]));
        let names: BTreeSet<&String> = plan.channels.keys().chain(of_rules).chain(fallbacks).collect();
        for name in names {
            builder = builder.map(|inner| inner.channel(name, Arc::new(Unsent), RetryPolicy::user()));
        }
        plan.rules.into_iter().map(rule).fold(builder, Self::rule)
    }

    /// What a configuration says beside sinks, channels and rules.
    pub(crate) fn with_settings(plan: &Plan) -> Self {
        let builder = Self::default()
            .queue_size(plan.max_queue_size)
            .shutdown_timeout(plan.shutdown_timeout)
            .dedup_window(plan.dedup_window)
            .preferences(plan.preferences.operator.clone())
            .expire_after(plan.delivery.expire_after)
            .storm_limit(plan.delivery.storm)
            .fallbacks(Fallbacks {
                by_channel: plan.fallbacks.clone(),
                critical: Quorum { needed: plan.delivery.critical_quorum },
            });
        users(plan).into_iter().fold(builder, |builder, (id, user)| builder.map(|inner| inner.user(&id, user)))
    }

    pub(crate) fn add_sink(self, sink: SinkPlan, workshop: &mut Workshop) -> Result<Self, Error> {
        let SinkPlan { name, filter, kind, .. } = sink;
        let sink = match kind {
            SinkKind::Log(log) => Sink::log(&name, log_sink(&log)),
            SinkKind::Webhook(webhook) => {
                let retry = RetryPolicy::doubling(webhook.max_retries, webhook.retry_delay);
                let stack = layers(&name, redactor(webhook.redact_sensitive, true));
                Sink::channel(&name, stack.around(workshop.webhook(&name, *webhook, None)?), retry, SINK_CONCURRENCY)
            }
            SinkKind::Bus(BusPlan { nats: None, redact_sensitive }) => {
                workshop.bus(&name, redactor(redact_sensitive, true))?
            }
            SinkKind::Bus(bus) => {
                let stack = layers(&name, redactor(bus.redact_sensitive, true));
                Sink::channel(&name, stack.around(workshop.nats(&name, bus)?), sink_retry(), SINK_CONCURRENCY)
            }
            // A kind of a newer config crate.
            _ => return Ok(self),
        };
        Ok(self.sink(sink.filter(filter)))
    }

    pub(crate) fn add_channel(
        self,
        name: &str,
        channel: ChannelPlan,
        delays: &[Duration],
        workshop: &mut Workshop,
    ) -> Result<Self, Error> {
        let delays = channel.retry.clone().unwrap_or_else(|| delays.to_vec());
        let mut stack = layers(name, redactor(channel.redact_sensitive, channel.redact_personal));
        if let Some(timeout) = channel.timeout {
            stack = stack.timeout(timeout);
        }
        let channel = stack.around(workshop.channel(name, channel)?);
        Ok(self.map(|inner| inner.channel(name, channel, RetryPolicy { delays, jitter: JITTER })))
    }
}

/// What stands for a channel in a replay.
struct Unsent;

impl Channel for Unsent {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }
}

/// The retries of a sink that sets none: 3, after 1 s and doubling.
fn sink_retry() -> RetryPolicy {
    RetryPolicy::doubling(3, Duration::from_secs(1))
}

/// What takes secrets out, and personal data too.
pub(crate) fn redactor(sensitive: bool, personal: bool) -> Option<Redactor> {
    let options = tidings_redact::Options { personal, ..tidings_redact::Options::default() };
    sensitive.then(|| Redactor::new(options))
}

fn log_sink(plan: &LogPlan) -> LogSink {
    let sink = LogSink::new(&plan.logger_name);
    if plan.redact_sensitive { sink.redact(Redactor::default()) } else { sink }
}

/// What a configuration says of people: the operator's wishes, its users with their addresses on its channels, and what each wishes.
/// A notifier of it begins with them; beside what a store keeps: [`People::standing`].
#[must_use]
pub fn people(plan: &Plan) -> People {
    let mut all = Users::default();
    for (id, user) in users(plan) {
        all.insert(id, user);
    }
    People::given(plan.preferences.operator.clone(), all)
}

/// What a rule of a configuration would say at a moment, to be judged by [`People::judge`]; `None` if there is no such rule.
#[must_use]
pub fn question(plan: &Plan, name: &str, at: Timestamp) -> Option<Question> {
    let rule = plan.rules.iter().find(|rule| rule.name == name)?;
    Some(Question {
        rule: Some(rule.name.clone()),
        topic: rule.topic.clone(),
        mandatory: rule.mandatory,
        priority: rule.priority,
        ..Question::new(rule.channels.iter().cloned(), at)
    })
}

fn users(plan: &Plan) -> Vec<(String, User)> {
    let people = plan.users.iter().map(|(id, user)| {
        let addresses = plan
            .channels
            .iter()
            .filter_map(|(name, channel)| Some((name.clone(), user.address(name, &channel.type_name)?.clone())));
        let preferences = plan.preferences.users.get(id).cloned();
        let zone = user.timezone.as_deref().and_then(|name| tidings_policy::time_zone(name).ok());
        (id.clone(), User { contacts: addresses.collect(), preferences, zone })
    });
    people.collect()
}

pub(crate) fn rule(plan: RulePlan) -> Rule {
    let recipients = match plan.audience {
        Audience::Everyone => Recipients::Everyone,
        Audience::Only(named) => Recipients::Only(named.into_iter().map(recipient).collect()),
    };
    let rule = Rule::of(&plan.name, plan.condition)
        .agents(plan.agent)
        .channels(plan.channels)
        .priority(plan.priority)
        .cooldown(plan.cooldown)
        .recipients(recipients)
        .mandatory(plan.mandatory)
        .topic(plan.topic);
    rule.texts(plan.title, plan.body, plan.dedup_key)
}

fn recipient(named: Named) -> Recipient {
    match named {
        Named::User(id) => Recipient::User(id),
        Named::OfEvent => Recipient::OfEvent,
    }
}
