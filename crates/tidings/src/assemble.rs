//! From a checked configuration to a builder: each sink, channel, rule and user in turn. What the YAML may say is `config`'s.

use std::path::Path;

use tidings_config::{
    Audience, ChannelKind, ChannelPlan, Environment, LogPlan, Mode, Options, Plan, Problem, Recipient as Named,
    RulePlan, SinkKind, SinkPlan,
};
use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError};
use tidings_engine::{LogChannel, LogSink, Recipient, Recipients, RetryPolicy, Rule, Sink, User};
use tidings_policy::{Fallbacks, Quorum};
use tidings_redact::Redactor;

use crate::{
    Builder, Error,
    builder::{SINK_CONCURRENCY, boxed, layers},
    webhooks::Webhooks,
};

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
        let mut builder = Self::default()
            .queue_size(plan.max_queue_size)
            .shutdown_timeout(plan.shutdown_timeout)
            .dedup_window(plan.dedup_window)
            .preferences(plan.preferences.operator.clone())
            .expire_after(plan.delivery.expire_after)
            .fallbacks(Fallbacks {
                by_channel: plan.fallbacks.clone(),
                critical: Quorum { needed: plan.delivery.critical_quorum },
            });
        if let Some(store) = &plan.store {
            builder = builder.kept_in(&store.path)?.retention(store.retention);
        }
        for (id, user) in people(&plan) {
            builder = builder.user(&id, user);
        }
        let webhooks = Webhooks::new(&plan)?;
        for sink in plan.sinks {
            builder = builder.add_sink(sink, &webhooks)?;
        }
        for (name, channel) in plan.channels {
            let retry = RetryPolicy { delays: plan.delivery.retry.clone(), jitter: 0.2 };
            builder = builder.add_channel(&name, channel, retry, &webhooks)?;
        }
        Ok(plan.rules.into_iter().map(rule).fold(builder, Self::rule))
    }

    fn add_sink(self, sink: SinkPlan, webhooks: &Webhooks) -> Result<Self, Error> {
        let SinkPlan { name, filter, kind, .. } = sink;
        let sink = match kind {
            SinkKind::Log(log) => Sink::log(&name, log_sink(&log)),
            SinkKind::Webhook(webhook) => {
                let retry = RetryPolicy::doubling(webhook.max_retries, webhook.retry_delay);
                let stack = layers(&name, webhook.redact_sensitive);
                Sink::channel(&name, stack.around(webhooks.channel(&name, *webhook)?), retry, SINK_CONCURRENCY)
            }
            // The load has warned of what is not acted on yet.
            _ => return Ok(self),
        };
        Ok(self.sink(sink.filter(filter)))
    }

    fn add_channel(
        self,
        name: &str,
        channel: ChannelPlan,
        retry: RetryPolicy,
        webhooks: &Webhooks,
    ) -> Result<Self, Error> {
        let (channel, redact) = match channel.kind {
            ChannelKind::Log(log) => (boxed(LogChannel), log.redact_sensitive),
            ChannelKind::Webhook(webhook) => {
                let redact = webhook.redact_sensitive;
                (webhooks.channel(name, *webhook)?, redact)
            }
            _ => (boxed(Unavailable(name.to_owned())), true),
        };
        let channel = layers(name, redact).around(channel);
        Ok(self.map(|inner| inner.channel(name, channel, retry)))
    }
}

/// Stands where a rule names a channel that this program cannot send by: what goes there is dead, and says so.
struct Unavailable(String);

impl Channel for Unavailable {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        Err(SendError::permanent(ErrorKind::Other, format!("this program has no channel `{}`", self.0)))
    }
}

fn log_sink(plan: &LogPlan) -> LogSink {
    let sink = LogSink::new(&plan.logger_name);
    if plan.redact_sensitive { sink.redact(Redactor::default()) } else { sink }
}

fn people(plan: &Plan) -> Vec<(String, User)> {
    let people = plan.users.iter().map(|(id, user)| {
        let addresses = plan
            .channels
            .iter()
            .filter_map(|(name, channel)| Some((name.clone(), user.address(name, &channel.type_name)?.clone())));
        let preferences = plan.preferences.users.get(id).cloned();
        (id.clone(), User { contacts: addresses.collect(), preferences })
    });
    people.collect()
}

fn rule(plan: RulePlan) -> Rule {
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
        .mandatory(plan.mandatory);
    rule.texts(plan.title, plan.body, plan.dedup_key)
}

fn recipient(named: Named) -> Recipient {
    match named {
        Named::User(id) => Recipient::User(id),
        Named::OfEvent => Recipient::OfEvent,
    }
}
