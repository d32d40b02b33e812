//! All that the store in memory holds, and how events and plans change it. What follows from an attempt stands in `settling`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tidings_core::{DeliveryId, EventId, Timestamp};

use super::{
    deferred::Waiters,
    documents::Documents,
    endpoint::Endpoint,
    events::{Events, Known},
    inbox::Inboxes,
    kept::{Cursors, Gone, Rules},
    keys::Keys,
    log::Log,
    record::{About, Detail, Record},
    remembered::Remembered,
    told::Told,
};
use crate::model::{
    Acceptance, Admission, Census, Claim, Claimed, FiringClaim, Lease, NewDelivery, NewEntry, Offer, Outstanding,
    Purged, Recovered, RuleBatch, RuleOutcome, RulePlan, Step, UserBatch, UserOutcome, UserPlan, Waiting,
};

#[derive(Debug)]
pub(super) struct State {
    pub(super) capacity: usize,
    seen: Remembered<EventId, ()>,
    touched: HashSet<Arc<str>>,
    /// The last time that the store was told.
    now: Timestamp,
    cursors: Cursors,
    pub(super) events: Events,
    pub(super) rules: Rules,
    pub(super) keys: Keys,
    pub(super) told: Told,
    pub(super) endpoints: HashMap<Arc<str>, Endpoint>,
    pub(super) gone: Gone,
    pub(super) inboxes: Inboxes,
    pub(super) waiters: Waiters,
    pub(super) documents: Documents,
    pub(super) log: Log,
    /// What is counted nowhere else.
    pub(super) counts: Census,
}

impl State {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            seen: Remembered::default(),
            touched: HashSet::new(),
            now: Timestamp::EPOCH,
            cursors: Cursors::default(),
            events: Events::default(),
            rules: Rules::default(),
            keys: Keys::default(),
            told: Told::default(),
            endpoints: HashMap::new(),
            gone: Gone::default(),
            inboxes: Inboxes::default(),
            waiters: Waiters::default(),
            documents: Documents::default(),
            log: Log::default(),
            counts: Census::default(),
        }
    }

    /// The endpoints that may have work by what was changed.
    pub(super) fn take_touched(&mut self) -> HashSet<Arc<str>> {
        std::mem::take(&mut self.touched)
    }

    pub(super) fn touch(&mut self, endpoint: &Arc<str>) {
        if !self.touched.contains(endpoint) {
            self.touched.insert(Arc::clone(endpoint));
        }
    }

    /// The last time that the store was told.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn take_over(&mut self, now: Timestamp) -> Recovered {
        self.now = now;
        Recovered {
            last_event: self.events.last(),
            last_received: self.events.last_received(),
            waiting: self.events.waiting(),
            leases: self.endpoints.values_mut().map(|rows| rows.release(now)).sum(),
            disabled: self.gone.all(),
            ..Recovered::default()
        }
    }

    pub(super) fn accept(&mut self, offers: &[Offer], now: Timestamp) -> Vec<Acceptance> {
        self.now = now;
        offers.iter().map(|offer| self.accept_one(offer, now)).collect()
    }

    fn accept_one(&mut self, offer: &Offer, now: Timestamp) -> Acceptance {
        if offer.repeatable {
            if self.seen.get(&offer.id).is_some() {
                let about = About::Event(offer.id, Arc::clone(&offer.event));
                self.log.write(Record::new(Step::Resent, about, now));
                return Acceptance::Duplicate { of: offer.id };
            }
            self.seen.put(offer.id, ());
        }
        self.events.add(offer, now);
        Acceptance::Accepted
    }

    pub(super) fn plan_rule(&mut self, batch: &RuleBatch, now: Timestamp) -> Vec<RuleOutcome> {
        self.now = now;
        let outcomes = batch.plans.iter().map(|plan| self.settle_rule(plan, now)).collect();
        batch.states.iter().for_each(|row| self.rules.put_state(row));
        outcomes
    }

    fn settle_rule(&mut self, plan: &RulePlan, now: Timestamp) -> RuleOutcome {
        if self.events.plan(plan.event, plan.judged) == Known::Planned {
            return self.planned_before(plan);
        }
        let fires: Vec<_> = plan.firings.iter().map(|claim| self.rules.admit(claim, plan.event, now)).collect();
        for new in plan.trace.iter().filter(|entry| is_granted(&fires, entry.claim)) {
            self.log_decision(Some(plan.event), new, now);
        }
        for (claim, admission) in plan.firings.iter().zip(&fires) {
            self.log_cooldown(plan.event, claim, *admission, now);
        }
        let shed = plan.sinks.iter().filter_map(|row| self.add(row, now)).collect();
        let mut told = Vec::with_capacity(plan.told.len());
        for handed in &plan.told {
            told.push(match is_granted(&fires, handed.claim) {
                true => self.plan_user(&handed.plan, now),
                false => UserOutcome::Overruled,
            });
        }
        RuleOutcome { fires, told, shed, known: Vec::new() }
    }

    /// What a plan came to whose event was planned before, as far as that is still known.
    fn planned_before(&self, plan: &RulePlan) -> RuleOutcome {
        let fires: Vec<_> = plan.firings.iter().map(|claim| self.rules.admission(claim, plan.event)).collect();
        let told = plan.told.iter().map(|handed| match is_granted(&fires, handed.claim) {
            true if self.told.knows(handed.plan.notification.notification_id) => UserOutcome::Planned,
            true => self.keys.look(&handed.plan),
            false => UserOutcome::Overruled,
        });
        RuleOutcome { told: told.collect(), fires, ..RuleOutcome::default() }
    }

    fn log_decision(&mut self, event: Option<EventId>, new: &NewEntry, now: Timestamp) {
        self.log.write(Record::new(new.step, About::Decision(event, Box::new(new.clone())), now));
    }

    fn log_cooldown(&mut self, event: EventId, claim: &FiringClaim, admission: Admission, now: Timestamp) {
        if let Admission::Cooling { since } = admission {
            let about = About::Rule(event, Arc::clone(&claim.rule), claim.agent.clone());
            self.log.write(Record::new(Step::Cooldown, about, now).with(Detail::Since(since)));
        }
    }

    pub(super) fn plan_users(&mut self, batch: &UserBatch, now: Timestamp) -> Vec<UserOutcome> {
        self.now = now;
        batch.trace.iter().for_each(|new| self.log_decision(None, new, now));
        batch.plans.iter().map(|plan| self.plan_user(plan, now)).collect()
    }

    pub(super) fn plan_user(&mut self, plan: &UserPlan, now: Timestamp) -> UserOutcome {
        if self.told.knows(plan.notification.notification_id) {
            return UserOutcome::Planned;
        }
        let outcome = self.keys.tell(plan, now);
        self.log.write(Record::told(plan, outcome, now));
        if outcome == UserOutcome::Planned {
            self.make(plan, now);
        }
        outcome
    }

    /// Makes a notification with its deliveries, or lets it wait.
    pub(super) fn make(&mut self, plan: &UserPlan, now: Timestamp) {
        self.told.begin(plan, now);
        self.counts.notifications += 1;
        for row in &plan.deliveries {
            self.add(row, now);
        }
        if let Some(wait) = &plan.wait {
            self.put_off(plan, wait, now);
        }
    }

    /// Makes a delivery, unless it is there; hands back what has no room.
    pub(super) fn add(&mut self, row: &NewDelivery, now: Timestamp) -> Option<Arc<NewDelivery>> {
        self.touch(&row.endpoint);
        let rows = self.endpoints.entry(Arc::clone(&row.endpoint)).or_default();
        if rows.holds(row.id) {
            return None;
        }
        self.counts.deliveries += 1;
        self.counts.open += 1;
        let shed = rows.add(Arc::new(row.clone()), self.capacity, now)?;
        self.counts.open -= 1;
        self.counts.dead += 1;
        self.log.write(Record::new(Step::Shed, About::Delivery(Arc::clone(&shed)), now));
        Some(shed)
    }

    pub(super) fn claim(&mut self, claim: &Claim, now: Timestamp) -> Claimed {
        self.endpoints.get_mut(&claim.endpoint).map(|rows| rows.claim(claim, now)).unwrap_or_default()
    }

    pub(super) fn release(&mut self, endpoint: &str, now: Timestamp) -> u64 {
        let released = self.endpoints.get_mut(endpoint).map_or(0, |rows| rows.release(now));
        if released > 0 {
            self.touch(&endpoint.into());
        }
        released
    }

    pub(super) fn hasten(&mut self, endpoint: &str, deliveries: &[DeliveryId], now: Timestamp) -> u64 {
        let Some(rows) = self.endpoints.get_mut(endpoint) else { return 0 };
        let hastened = deliveries.iter().filter(|id| rows.hasten(**id, now)).count() as u64;
        if hastened > 0 {
            self.touch(&endpoint.into());
        }
        hastened
    }

    pub(super) fn outstanding(&self, endpoint: &str) -> Outstanding {
        self.endpoints.get(endpoint).map(Endpoint::outstanding).unwrap_or_default()
    }

    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let counted = |(name, rows): (&Arc<str>, &Endpoint)| {
            let count = rows.outstanding().total();
            (count > 0).then(|| Waiting { endpoint: name.to_string(), count })
        };
        let mut waiting: Vec<_> = self.endpoints.iter().filter_map(counted).collect();
        waiting.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
        waiting
    }

    pub(super) fn delivery(&self, id: DeliveryId) -> Option<(Lease, Timestamp)> {
        self.endpoints.values().find_map(|rows| rows.look(id))
    }

    pub(super) fn cursor(&self, sink: &str) -> Option<u64> {
        self.cursors.get(sink)
    }

    pub(super) fn advance(&mut self, sink: &str, number: u64) {
        self.cursors.advance(sink, number, self.now);
    }

    pub(super) fn enable(&mut self, endpoint: &str, address: Option<&str>, now: Timestamp) -> bool {
        let was = self.gone.remove(endpoint, address);
        if was {
            self.touch(&endpoint.into());
            self.log.write(Record::new(Step::Enabled, About::Endpoint(endpoint.to_owned()), now));
        }
        was
    }

    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> Purged {
        let mut left = limit;
        let mut slice = |purged: u64| {
            left = left.saturating_sub(usize::try_from(purged).unwrap_or(usize::MAX));
            left
        };
        let needed = self.waiters.notifications().filter_map(|told| self.events.number(told.event?)).min();
        let until = needed.map_or(u64::MAX, |number| number - 1).min(self.cursors.read_by_all(before));
        let events = self.events.purge(before, until, limit);
        let notifications = self.told.purge(before, slice(events));
        let entries = self.log.purge(before, slice(notifications));
        let cooldowns = self.rules.purge(before, slice(entries));
        let told = self.keys.purge(before, slice(cooldowns));
        let silences = self.documents.purge(before, slice(told));
        Purged { events, notifications, entries, keys: cooldowns + told + silences }
    }

    pub(super) fn census(&self) -> Census {
        let (events, waiting, entries) = (self.events.last(), self.events.waiting(), self.log.written());
        Census { events, waiting, entries, ..self.counts }
    }
}

/// Whether what hangs on this claim may be made.
fn is_granted(fires: &[Admission], claim: Option<usize>) -> bool {
    claim.is_none_or(|place| fires.get(place) == Some(&Admission::Granted))
}
