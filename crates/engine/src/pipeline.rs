//! One event's way: the table of contents. Each step is a pure stage of its own; what they decide is made durable by the worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use tidings_core::{DeliveryId, Event, EventId, Notification, Payload, Severity, Timestamp, id::derive};
use tidings_dedup::{Admit, Dedup};
use tidings_policy::{EventFilter, Preferences, Route, RoutingInput, plan, route};
use tidings_store::{FiringClaim, NewDelivery, RulePlan, UserPlan};
use tidings_trigger::{Firing, RuleAccount, RuleSet};

use crate::{
    compose::{Cause, compose},
    ledger::{Count, SinkLedger},
    rule::Rule,
    sink::{Item, LocalSink},
    user::Users,
};

/// An event that is in, with its id.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) id: EventId,
    pub(crate) event: Arc<Event>,
}

/// The two clocks of a step: the one that rules, dedup and preferences go by, and the wall clock that deliveries go by. They
/// differ only where a file of past events is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) wall: Timestamp,
}

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

/// What one event gave, ready to be made durable.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) rule: RulePlan,
    pub(crate) told: Vec<Told>,
}

/// What a batch of events is processed with.
pub(crate) struct Step<'a> {
    pub(crate) rules: MutexGuard<'a, RuleSet>,
    pub(crate) handover: Handover,
}

/// The events of a batch for each in-process sink, by its place among the sinks. One wake-up a batch, not one an event.
#[derive(Debug, Default)]
pub(crate) struct Handover(Vec<(usize, Vec<Item>)>);

impl Handover {
    fn add(&mut self, sink: usize, item: Item) {
        match self.0.iter_mut().find(|(other, _)| *other == sink) {
            Some((_, items)) => items.push(item),
            None => self.0.push((sink, vec![item])),
        }
    }
}

/// A notification and what was decided on it.
#[derive(Debug)]
pub(crate) struct Told {
    /// Which of the event's firings it belongs to; `None` for a direct notification.
    pub(crate) firing: Option<usize>,
    pub(crate) decision: Decision,
}

/// What the stages decided on a notification. All but a plan end here.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Told before, within the window.
    Duplicate,
    /// Wanted on no channel.
    Denied,
    /// To be sent, unless the store knows better.
    Send(UserPlan),
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
            fired: account.fired - overruled,
            cooldown: account.cooldown + overruled,
            ..account
        });
        self.rules.iter().map(|rule| rule.name.to_string()).zip(corrected).collect()
    }

    /// Notes that the store overruled a firing.
    pub(crate) fn overrule(&self, claim: &FiringClaim) {
        if let Some(index) = self.rules.iter().position(|rule| rule.name == claim.rule) {
            self.overruled[index].add(1);
        }
    }

    /// One event's way from acceptance to its plan.
    pub(crate) fn process(&self, accepted: &Accepted, at: Moment, step: &mut Step<'_>) -> Planned {
        let sinks = self.matching(accepted, at, &mut step.handover);
        let firings = step.rules.fire(&accepted.event, at.now);
        let told = firings
            .iter()
            .enumerate()
            .flat_map(|(index, firing)| {
                let cause = Cause { id: accepted.id, event: &accepted.event };
                let notifications = compose(&self.rules[firing.rule], cause, &self.users, at.now);
                let mandatory = self.rules[firing.rule].mandatory;
                notifications.into_iter().map(move |told| self.tell(Some(index), told, mandatory, at))
            })
            .collect();
        let firings = firings.iter().map(|firing| self.claim(firing, &accepted.event)).collect();
        Planned { rule: RulePlan { event: accepted.id, firings, sinks }, told }
    }

    /// Decides on one notification: said already, not wanted, or sent on these channels.
    pub(crate) fn tell(&self, firing: Option<usize>, mut told: Notification, mandatory: bool, at: Moment) -> Told {
        let decision = match self.dedup.admit(&told, at.now) {
            Admit::Duplicate { .. } => Decision::Duplicate,
            Admit::First { suppressed } => {
                mention_suppressed(&mut told, suppressed);
                let route = self.route(&told, mandatory, at.now);
                self.decide(told, route, at)
            }
        };
        Told { firing, decision }
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

    fn claim(&self, firing: &Firing, event: &Event) -> FiringClaim {
        let rule = &self.rules[firing.rule];
        FiringClaim {
            rule: Arc::clone(&rule.name),
            agent: event.agent_id.clone().unwrap_or_default(),
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
