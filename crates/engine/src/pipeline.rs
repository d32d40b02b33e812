//! One event's way: the table of contents. Each step is a pure stage of its own; what they decide is made durable by the worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use tidings_core::{DeliveryId, EventId, Notification, Payload, Severity, Timestamp, id::derive};
use tidings_dedup::{Admit, Dedup};
use tidings_policy::{EventFilter, Preferences, Route, RoutingInput, plan, route};
use tidings_store::{FiringClaim, NewDelivery, UserPlan};
use tidings_trigger::{Firing, FiringKind, RuleAccount, RuleSet};

use crate::{
    compose::{Cause, compose},
    ledger::{Count, SinkLedger},
    planned::{Accepted, Decision, Handover, Moment, Planned, Step, Told},
    rule::Rule,
    sink::{Item, LocalSink},
    user::Users,
};

/// Where a sink's events go at run time.
#[derive(Debug)]
pub(crate) enum Target {
    Local(Arc<LocalSink>),
    Network { endpoint: Arc<str> },
}

/// A sink as the pipeline sees it.
#[derive(Debug)]
pub(crate) struct SinkRoute {
    pub(crate) filter: EventFilter,
    pub(crate) target: Target,
    pub(crate) ledger: Arc<SinkLedger>,
}

/// The stages with their state.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) sinks: Vec<SinkRoute>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) set: Mutex<RuleSet>,
    /// For each rule, how often the store knew of a cooldown that the set did not.
    pub(crate) overruled: Vec<Count>,
    pub(crate) users: Users,
    pub(crate) operator: Preferences,
    pub(crate) dedup: Dedup,
    pub(crate) window: std::time::Duration,
}

impl Pipeline {
    /// The rules with their cooldowns; held for one batch.
    pub(crate) fn rule_set(&self) -> MutexGuard<'_, RuleSet> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each rule made of its events; a firing that the store overruled was one within a cooldown.
    pub(crate) fn rule_accounts(&self) -> IndexMap<String, RuleAccount> {
        // Read first: it must not be ahead of what fired.
        let overruled: Vec<_> = self.overruled.iter().map(Count::get).collect();
        let accounts = self.rule_set().accounts();
        let corrected = accounts.into_iter().zip(overruled).map(|(account, overruled)| RuleAccount {
            fired: account.fired.saturating_sub(overruled),
            cooldown: account.cooldown + overruled,
            ..account
        });
        self.rules.iter().map(|rule| rule.name.to_string()).zip(corrected).collect()
    }

    /// Notes that the store overruled a firing: the rule takes it back, else it would stay quiet over what nobody was told.
    pub(crate) fn overrule(&self, claim: &FiringClaim) {
        if let Some(index) = self.rules.iter().position(|rule| rule.name == claim.rule) {
            let agent = Some(&*claim.agent).filter(|agent| !agent.is_empty());
            self.rule_set().take_back(index, agent, claim.at);
            self.overruled[index].add(1);
        }
    }

    /// One event's way from acceptance to its plan.
    pub(crate) fn process(&self, accepted: &Accepted, at: Moment, step: &mut Step<'_>) -> Planned {
        let mut planned = Planned::nothing(accepted.id);
        planned.rule.sinks = self.matching(accepted, at, &mut step.handover);
        for firing in step.rules.fire(&accepted.event, at.now) {
            self.plan_firing(Cause { id: accepted.id, firing: &firing }, at, &mut planned);
        }
        planned
    }

    /// The way of what time alone gave: a hold or an absence that came due. No sink hears of it, since there is no new event.
    pub(crate) fn process_timed(&self, firing: &Firing, at: Moment) -> Planned {
        let word = if firing.kind == FiringKind::Resolve { "resolve" } else { "fire" };
        let id = EventId::of_time(&self.rules[firing.rule].name, firing.event.agent_id.as_deref(), firing.at, word);
        let mut planned = Planned::nothing(id);
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
        let notifications = compose(rule, cause, &self.users, at.now);
        planned.told.extend(notifications.into_iter().map(|told| self.tell(claim, told, rule.mandatory, at)));
    }

    /// Decides on one notification: said already, not wanted, or sent on these channels.
    pub(crate) fn tell(&self, claim: Option<usize>, mut told: Notification, mandatory: bool, at: Moment) -> Told {
        let decision = match self.dedup.admit(&told, at.now) {
            Admit::Duplicate { .. } => Decision::Duplicate,
            Admit::First { suppressed } => {
                mention_suppressed(&mut told, suppressed);
                let route = self.route(&told, mandatory, at.now);
                self.decide(told, route, at)
            }
        };
        Told { claim, decision }
    }

    fn route(&self, told: &Notification, mandatory: bool, now: Timestamp) -> Route {
        let user = self.users.get(&told.user_id).and_then(|user| user.preferences.as_ref());
        route(&RoutingInput { operator: &self.operator, user, notification: told, mandatory }, now)
    }

    fn decide(&self, told: Notification, route: Route, at: Moment) -> Decision {
        for muted in &route.muted {
            tracing::debug!(
                user = told.user_id, channel = muted.channel, reason = ?muted.reason, layer = ?muted.layer, "muted"
            );
        }
        let plan = plan(&told, route);
        if plan.legs.is_empty() {
            // What nobody is told is nothing that another message could repeat.
            self.dedup.release(&told.dedup_key, told.notification_id);
            return Decision::Denied;
        }
        let told = Arc::new(told);
        let deliveries = plan.legs.iter().map(|leg| self.delivery(&told, &leg.channel, leg.level, at.wall)).collect();
        Decision::Send(UserPlan {
            notification: told.notification_id,
            user: told.user_id.clone(),
            kind: told.kind,
            incident: told.incident,
            dedup_key: told.dedup_key.clone(),
            priority: told.priority,
            window: self.window,
            at: at.now,
            deliveries,
        })
    }

    fn delivery(&self, told: &Arc<Notification>, channel: &str, level: u8, due: Timestamp) -> NewDelivery {
        let user = self.users.get(&told.user_id);
        // One lane a user: an address that fails must not hold what others are told of the same incident.
        let incident =
            [&told.user_id, told.rule.as_deref().unwrap_or_default(), told.agent_id.as_deref().unwrap_or_default()];
        NewDelivery {
            id: DeliveryId::of_notification(told.notification_id, channel, channel, level),
            endpoint: channel.into(),
            lane: lane(&incident),
            severity: Severity::ALL[told.priority.index()],
            payload: Payload::Notification(Arc::clone(told)),
            to: user.and_then(|user| user.contacts.get(channel).cloned()),
            due,
        }
    }

    /// Sets the event aside for the in-process sinks that want it, and gives the deliveries for the network sinks that do.
    fn matching(&self, accepted: &Accepted, at: Moment, handover: &mut Handover) -> Vec<NewDelivery> {
        let mut deliveries = Vec::new();
        let wanted = self.sinks.iter().enumerate().filter(|(_, sink)| sink.filter.wants(&accepted.event));
        for (index, sink) in wanted {
            match &sink.target {
                Target::Local(_) => handover.add(index, Item { id: accepted.id, event: Arc::clone(&accepted.event) }),
                Target::Network { endpoint } => {
                    deliveries.push(sink_delivery(accepted, endpoint, at.wall));
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

fn sink_delivery(accepted: &Accepted, endpoint: &Arc<str>, due: Timestamp) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::of_event(accepted.id, endpoint),
        endpoint: Arc::clone(endpoint),
        lane: lane(&[accepted.event.agent_id.as_deref().unwrap_or_default()]),
        severity: accepted.event.severity,
        payload: Payload::Event(Arc::clone(&accepted.event)),
        to: None,
        due,
    }
}

/// The lane of an agent or an incident. Two that collide only wait for one another.
fn lane(parts: &[&str]) -> u64 {
    let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
    let hash = derive("lane", &parts);
    u64::from_le_bytes(std::array::from_fn(|index| hash[index]))
}

/// What was swallowed before is told now: nobody should believe that it happened once.
fn mention_suppressed(told: &mut Notification, suppressed: u32) {
    if suppressed > 0 {
        told.body.push_str(&format!("\n({suppressed} more suppressed)"));
        told.metadata.insert("suppressed".to_owned(), suppressed.into());
    }
}

#[cfg(test)]
mod tests;
