//! The store in memory: the library's default. It keeps every rule of the contract but one: it forgets when the process ends.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidings_core::{BoxFuture, EventId, NotificationId, Timestamp};
use tokio::sync::Notify;

use crate::{
    Answer, Store,
    endpoint::Endpoint,
    keys::Keys,
    model::{
        Acceptance, Claim, Finish, FiringClaim, Lease, NewDelivery, Offer, Outcome, Outstanding, RuleOutcome, RulePlan,
        Settled, UserOutcome, UserPlan,
    },
    ready,
    remembered::Remembered,
};

/// A [`Store`] that lives in the process: bounded, ordered, and gone at its end.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    hints: Mutex<HashMap<Arc<str>, Arc<Notify>>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    seen: Remembered<EventId, ()>,
    /// When each rule fired last for each agent.
    fired: Remembered<(Arc<str>, String), Timestamp>,
    keys: Keys,
    /// Notifications with deliveries that are not settled.
    open: HashMap<NotificationId, Open>,
    endpoints: HashMap<Arc<str>, Endpoint>,
}

/// A notification on its way: its plan without the deliveries, and how those stand.
#[derive(Debug)]
struct Open {
    plan: UserPlan,
    unsettled: usize,
    delivered: bool,
}

impl MemoryStore {
    /// A store that holds at most `capacity` unsettled deliveries an endpoint; beyond that the lowest severity is shed.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), hints: Mutex::default(), capacity: capacity.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hint(&self, endpoint: &str) -> Arc<Notify> {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hint) = hints.get(endpoint) {
            return Arc::clone(hint);
        }
        let hint = Arc::new(Notify::new());
        hints.insert(endpoint.into(), Arc::clone(&hint));
        hint
    }

    fn wake(&self, endpoints: HashSet<Arc<str>>) {
        for endpoint in endpoints {
            self.hint(&endpoint).notify_one();
        }
    }
}

impl State {
    fn accept(&mut self, offer: &Offer) -> Acceptance {
        if offer.repeatable {
            if self.seen.get(&offer.id).is_some() {
                return Acceptance::Duplicate { of: offer.id };
            }
            self.seen.put(offer.id, ());
        }
        Acceptance::Accepted
    }

    /// Takes the cooldown for a firing unless somebody holds it.
    fn fires(&mut self, claim: &FiringClaim) -> bool {
        let key = (Arc::clone(&claim.rule), claim.agent.clone());
        if let Some(last) = self.fired.get(&key)
            && claim.at >= *last
            && claim.at.since(*last) < claim.cooldown
        {
            return false;
        }
        self.fired.put(key, claim.at);
        true
    }

    fn settle_rule(&mut self, plan: &RulePlan, capacity: usize, touched: &mut HashSet<Arc<str>>) -> RuleOutcome {
        touched.extend(plan.sinks.iter().map(|delivery| Arc::clone(&delivery.endpoint)));
        RuleOutcome {
            fires: plan.firings.iter().map(|claim| self.fires(claim)).collect(),
            shed: plan.sinks.iter().filter_map(|row| self.add(row.clone(), capacity)).collect(),
        }
    }

    fn settle_user(&mut self, plan: &UserPlan, touched: &mut HashSet<Arc<str>>) -> UserOutcome {
        let outcome = self.keys.tell(plan);
        if outcome == UserOutcome::Planned {
            touched.extend(plan.deliveries.iter().map(|delivery| Arc::clone(&delivery.endpoint)));
            for delivery in &plan.deliveries {
                // What a person should be told is never shed: cooldown and dedup bound it.
                self.add(delivery.clone(), usize::MAX);
            }
            let open = UserPlan { deliveries: Vec::new(), ..plan.clone() };
            let unsettled = plan.deliveries.len();
            self.open.insert(plan.notification, Open { plan: open, unsettled, delivered: false });
        }
        outcome
    }

    fn finish(&mut self, finish: &Finish) -> Settled {
        let Some(rows) = self.endpoints.get_mut(&finish.endpoint) else { return Settled::Stale };
        let notification = rows.notification_of(finish.id);
        let settled = rows.finish(finish.id, finish.fence, &finish.outcome);
        match (settled, notification, &finish.outcome) {
            (Settled::Done, Some(notification), Outcome::Delivered(_)) => self.settle_leg(notification, true),
            (Settled::Done, Some(notification), Outcome::Dead) => self.settle_leg(notification, false),
            (settled, ..) => settled,
        }
    }

    /// Counts one delivery of a notification as settled; the last one frees the dedup key if none got through.
    fn settle_leg(&mut self, of: NotificationId, delivered: bool) -> Settled {
        let Some(open) = self.open.get_mut(&of) else { return Settled::Done };
        open.delivered |= delivered;
        open.unsettled = open.unsettled.saturating_sub(1);
        if open.unsettled > 0 {
            return Settled::Done;
        }
        match self.open.remove(&of) {
            Some(Open { plan, delivered: false, .. }) if self.keys.take_back(&plan) => {
                Settled::Freed { dedup_key: plan.dedup_key, of }
            }
            _ => Settled::Done,
        }
    }

    fn add(&mut self, delivery: NewDelivery, capacity: usize) -> Option<Arc<NewDelivery>> {
        self.endpoints.entry(Arc::clone(&delivery.endpoint)).or_default().add(delivery, capacity)
    }
}

impl Store for MemoryStore {
    fn durable(&self) -> bool {
        false
    }

    fn accept<'a>(&'a self, offers: &'a [Offer], _now: Timestamp) -> Answer<'a, Vec<Acceptance>> {
        let mut state = self.state();
        ready(offers.iter().map(|offer| state.accept(offer)).collect())
    }

    fn plan_rule<'a>(&'a self, plans: &'a [RulePlan], _now: Timestamp) -> Answer<'a, Vec<RuleOutcome>> {
        let mut touched = HashSet::new();
        let mut state = self.state();
        let outcomes = plans.iter().map(|plan| state.settle_rule(plan, self.capacity, &mut touched)).collect();
        drop(state);
        self.wake(touched);
        ready(outcomes)
    }

    fn plan_user<'a>(&'a self, plans: &'a [UserPlan], _now: Timestamp) -> Answer<'a, Vec<UserOutcome>> {
        let mut touched = HashSet::new();
        let mut state = self.state();
        let outcomes = plans.iter().map(|plan| state.settle_user(plan, &mut touched)).collect();
        drop(state);
        self.wake(touched);
        ready(outcomes)
    }

    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Vec<Lease>> {
        let mut state = self.state();
        let leases = state
            .endpoints
            .get_mut(&claim.endpoint)
            .map(|endpoint| endpoint.claim(claim.limit, claim.lease, now))
            .unwrap_or_default();
        ready(leases)
    }

    fn finish(&self, finishes: Vec<Finish>, _now: Timestamp) -> Answer<'_, Vec<Settled>> {
        let mut state = self.state();
        let settled = finishes.iter().map(|finish| state.finish(finish)).collect();
        drop(state);
        self.wake(finishes.into_iter().map(|finish| finish.endpoint).collect());
        ready(settled)
    }

    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64> {
        let released = self.state().endpoints.get_mut(endpoint).map_or(0, |rows| rows.release(now));
        ready(released)
    }

    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding> {
        ready(self.state().endpoints.get(endpoint).map(Endpoint::outstanding).unwrap_or_default())
    }

    fn abandon<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>> {
        ready(self.state().endpoints.get_mut(endpoint).map(Endpoint::abandon).unwrap_or_default())
    }

    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()> {
        let hint = self.hint(endpoint);
        Box::pin(async move {
            // Running out of time is an answer as good as a hint.
            drop(tokio::time::timeout(limit, hint.notified()).await);
        })
    }
}
