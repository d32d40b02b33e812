//! One event's way: the table of contents. Each step is a pure stage of its own; what they decide is made durable by the worker.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use indexmap::IndexMap;
use serde_json::json;
use tidings_core::{DeliveryId, EventId, Payload, Timestamp, id::derive};
use tidings_dedup::Dedup;
use tidings_policy::{EventFilter, Fallbacks};
use tidings_store::{FiringClaim, Handed, NewDelivery, NewEntry, Step as LogStep};
use tidings_trigger::{Firing, FiringKind, RuleAccount, RuleSet};

use crate::{
    beginnings::Beginnings,
    compose::{Cause, compose},
    deliver::{Link, Owner},
    lately::Lately,
    ledger::{Count, SinkLedger},
    local::{Item, LocalSink},
    people::Registry,
    planned::{Accepted, Decision, Handover, Moment, Planned, Step},
    rule::Rule,
    tell::detail,
    terms::Terms,
    unsettled::Unsettled,
};

/// Where a sink's events go at run time.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Local(Arc<LocalSink>),
    Network { endpoint: Arc<str>, terms: Terms },
}

/// A sink as the pipeline sees it.
#[derive(Clone, Debug)]
pub(crate) struct SinkRoute {
    pub(crate) filter: EventFilter,
    pub(crate) target: Target,
    pub(crate) ledger: Arc<SinkLedger>,
}

/// What was configured before and is not any more: its accounts stay.
#[derive(Debug, Default)]
pub(crate) struct Former {
    pub(crate) sinks: Vec<SinkRoute>,
    pub(crate) links: Vec<Arc<Link>>,
    /// What rules made of their events under the configurations before, those that are still there too.
    pub(crate) rules: IndexMap<String, RuleAccount>,
}

/// The stages with their state: a configuration as it runs. What is shared with the one before it outlives it.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) sinks: Vec<SinkRoute>,
    pub(crate) links: Vec<Arc<Link>>,
    pub(crate) former: Former,
    pub(crate) rules: Vec<Rule>,
    /// Where each rule stands, by its name.
    pub(crate) by_name: HashMap<Arc<str>, usize>,
    pub(crate) set: Mutex<RuleSet>,
    /// The last accounts of the set, once the next pipeline has taken it over.
    pub(crate) last_accounts: OnceLock<Vec<RuleAccount>>,
    /// For each rule, how often the store knew of a cooldown that the set did not.
    pub(crate) overruled: Vec<Count>,
    pub(crate) people: Arc<Registry>,
    pub(crate) lately: Lately,
    pub(crate) beginnings: Arc<Beginnings>,
    pub(crate) dedup: Dedup,
    pub(crate) unsettled: Arc<Unsettled>,
    /// Whether in-process sinks get their events from here; in front of a durable store they read them themselves.
    pub(crate) hands_over: bool,
    pub(crate) window: Duration,
    pub(crate) fallbacks: Fallbacks,
    /// The terms of each channel for users.
    pub(crate) terms: HashMap<String, Terms>,
    /// Those of a channel that is not there.
    pub(crate) default_terms: Terms,
    /// How long a durable store keeps what is settled.
    pub(crate) retention: Duration,
    /// How long a stop drains.
    pub(crate) shutdown_timeout: Duration,
}

/// Where each rule stands; of two with one name the first.
pub(crate) fn by_name(rules: &[Rule]) -> HashMap<Arc<str>, usize> {
    rules.iter().enumerate().rev().map(|(index, rule)| (Arc::clone(&rule.name), index)).collect()
}

impl SinkRoute {
    /// The sink's name.
    pub(crate) fn name(&self) -> &str {
        match &self.target {
            Target::Local(local) => &local.name,
            Target::Network { endpoint, .. } => endpoint,
        }
    }

    /// Whether it is that of this in-process sink.
    pub(crate) fn is_of(&self, sink: &Arc<LocalSink>) -> bool {
        matches!(&self.target, Target::Local(local) if Arc::ptr_eq(local, sink))
    }
}

impl Pipeline {
    /// On whose account a network sink's deliveries go.
    pub(crate) fn sink_ledger(&self, endpoint: &str) -> Option<&SinkLedger> {
        let mut links = self.links.iter().chain(&self.former.links);
        match &links.find(|link| &*link.name == endpoint)?.owner {
            Owner::Sink(ledger) => Some(ledger),
            Owner::Channel(_) => None,
        }
    }

    /// The in-process sinks, those too that are not configured any more.
    pub(crate) fn local(&self) -> impl Iterator<Item = (&Arc<LocalSink>, &EventFilter)> {
        let routes = self.sinks.iter().chain(&self.former.sinks);
        routes.filter_map(|route| match &route.target {
            Target::Local(local) => Some((local, &route.filter)),
            Target::Network { .. } => None,
        })
    }

    /// The rules with their cooldowns; held for one batch.
    pub(crate) fn rule_set(&self) -> MutexGuard<'_, RuleSet> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each rule made of its events; a firing that the store overruled was one within a cooldown.
    pub(crate) fn rule_accounts(&self) -> IndexMap<String, RuleAccount> {
        // Read first: it must not be ahead of what fired.
        let overruled: Vec<_> = self.overruled.iter().map(Count::get).collect();
        let set = self.rule_set();
        let accounts = self.last_accounts.get().cloned().unwrap_or_else(|| set.accounts());
        drop(set);
        let corrected = accounts.into_iter().zip(overruled).map(|(account, overruled)| RuleAccount {
            fired: account.fired.saturating_sub(overruled),
            cooldown: account.cooldown + overruled,
            ..account
        });
        let mut all: IndexMap<_, RuleAccount> =
            self.rules.iter().map(|rule| rule.name.to_string()).zip(corrected).collect();
        for (rule, before) in &self.former.rules {
            *all.entry(rule.clone()).or_default() += *before;
        }
        all
    }

    /// Notes that the store overruled a firing: the rule takes it back, else it would stay quiet over what nobody was told.
    pub(crate) fn overrule(&self, claim: &FiringClaim, since: Timestamp) {
        if let Some(index) = self.by_name.get(&claim.rule).copied() {
            let agent = Some(&*claim.agent).filter(|agent| !agent.is_empty());
            self.rule_set().take_back(index, agent, claim.at, Some(since));
            self.overruled[index].add(1);
        }
    }

    /// One event's way from acceptance to its plan.
    pub(crate) fn process(&self, accepted: &Accepted, at: Moment, step: &mut Step<'_>) -> Planned {
        let mut planned = Planned::nothing(accepted.id, at.now);
        planned.rule.sinks = self.matching(accepted, at, &mut step.handover);
        for firing in step.rules.fire(accepted.seen(), accepted.seen_at(at)) {
            self.plan_firing(Cause { id: accepted.id, firing: &firing }, at, &mut planned);
        }
        planned
    }

    /// The way of what time alone gave: a hold or an absence that came due. No sink hears of it, since there is no new event.
    pub(crate) fn process_timed(&self, firing: &Firing, at: Moment) -> Planned {
        let word = if firing.kind == FiringKind::Resolve { "resolve" } else { "fire" };
        let id = EventId::of_time(&self.rules[firing.rule].name, firing.event.agent_id.as_deref(), firing.at, word);
        let mut planned = Planned::nothing(id, at.now);
        self.plan_firing(Cause { id, firing }, at, &mut planned);
        planned
    }

    /// A firing claims its cooldown, and what it says to whom hangs on that; a resolve claims nothing.
    fn plan_firing(&self, cause: Cause<'_>, at: Moment, planned: &mut Planned) {
        let rule = &self.rules[cause.firing.rule];
        let mut claim = None;
        if cause.firing.kind == FiringKind::Fire {
            claim = Some(planned.rule.firings.len());
            planned.rule.firings.push(self.claim(cause.firing));
        }
        planned.rule.trace.push(fired(rule, claim, cause.firing));
        let people = self.people.now();
        for told in compose(rule, cause, &people.users, at.now) {
            let verdict = self.tell((&people, Some(rule)), claim, told, at);
            planned.rule.trace.extend(verdict.entry);
            match verdict.decision {
                Decision::Ended(unsent) => planned.ended.push((claim, *unsent)),
                Decision::Send(plan) => planned.rule.told.push(Handed { claim, plan: *plan }),
            }
        }
    }

    /// The terms on which a channel delivers.
    pub(crate) fn terms_of(&self, channel: &str) -> Terms {
        self.terms.get(channel).copied().unwrap_or(self.default_terms)
    }

    /// Sets the event aside for the in-process sinks that want it, and gives the deliveries for the network sinks that do.
    fn matching(&self, accepted: &Accepted, at: Moment, handover: &mut Handover) -> Vec<NewDelivery> {
        let mut deliveries = Vec::new();
        let wanted = self.sinks.iter().enumerate().filter(|(_, sink)| sink.filter.wants(&accepted.event));
        for (index, sink) in wanted {
            match &sink.target {
                Target::Local(_) if !self.hands_over => {}
                Target::Local(_) => handover.add(index, Item::handed(accepted)),
                Target::Network { endpoint, terms } => {
                    deliveries.push(sink_delivery(accepted, endpoint, *terms, at.wall));
                }
            }
        }
        deliveries
    }

    /// Hands a batch to the in-process sinks.
    pub(crate) fn hand_over(&self, handover: Handover) {
        for (index, items) in handover.0 {
            if let Target::Local(local) = &self.sinks[index].target {
                local.offer(items);
            }
        }
    }

    fn claim(&self, firing: &Firing) -> FiringClaim {
        let rule = &self.rules[firing.rule];
        FiringClaim {
            rule: Arc::clone(&rule.name),
            agent: firing.event.agent_id.clone().unwrap_or_default(),
            at: firing.at,
            cooldown: rule.spec.cooldown,
        }
    }
}

pub(crate) fn sink_delivery(accepted: &Accepted, endpoint: &Arc<str>, terms: Terms, due: Timestamp) -> NewDelivery {
    let (expires, yields) = terms.expires(due, false);
    NewDelivery {
        id: DeliveryId::of_event(accepted.id, endpoint),
        event: Some(accepted.id),
        endpoint: Arc::clone(endpoint),
        lane: lane(&[accepted.event.agent_id.as_deref().unwrap_or_default()]),
        severity: accepted.event.severity,
        payload: Payload::Event(Arc::clone(&accepted.event)),
        leg: None,
        to: None,
        due,
        expires,
        yields,
    }
}

/// The lane of an agent or an incident. Two that collide only wait for one another.
pub(crate) fn lane(parts: &[&str]) -> u64 {
    let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
    let hash = derive("lane", &parts);
    u64::from_le_bytes(std::array::from_fn(|index| hash[index]))
}

/// The entry of a rule that fires or is resolved.
fn fired(rule: &Rule, claim: Option<usize>, firing: &Firing) -> NewEntry {
    let ends = firing.kind == FiringKind::Resolve;
    let values = json!({
        "condition": firing.summary,
        "at": firing.at,
        "since": firing.since,
        "by_time": firing.timed,
        "cooldown": rule.spec.cooldown.as_secs_f64(),
    });
    NewEntry {
        claim,
        rule: Some(Arc::clone(&rule.name)),
        agent: firing.event.agent_id.clone(),
        detail: detail(values),
        ..NewEntry::new(if ends { LogStep::Resolved } else { LogStep::Fired })
    }
}

#[cfg(test)]
mod tests;
