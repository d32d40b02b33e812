//! What a store is, said as simply as it can be: lists that are walked from their beginning. What a random walk does to it and to a
//! store at once is `walk`'s.

use std::collections::BTreeMap;

use tidings_core::{DeliveryId, EventId, NotificationId, Priority};
use tidings_policy::{Attempt, Ending, Plan, Status, settle};

use crate::{Acceptance, Admission, Finish, Outcome, Settled, UserOutcome, Which};

/// An accepted event.
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) name: u32,
    pub(super) received: i64,
    pub(super) waiting: bool,
}

/// A delivery, in the order in which they were made.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) id: DeliveryId,
    pub(super) endpoint: String,
    pub(super) lane: u64,
    pub(super) notification: Option<NotificationId>,
    pub(super) due: i64,
    pub(super) expires: i64,
    pub(super) yields: bool,
    pub(super) attempts: u32,
    /// The end of its lease, if it was lent and not answered for since.
    pub(super) lease: Option<i64>,
    /// The fence of which an answer counts.
    pub(super) fence: Option<u64>,
    /// Whether the lease had run out when leases were dropped: then an answer may count or not.
    pub(super) unsure: bool,
    pub(super) ended: Option<Ending>,
}

impl Delivery {
    fn is_ready(&self, now: i64) -> bool {
        self.lease.map_or(self.due <= now, |until| until <= now)
    }

    fn is_overdue(&self, now: i64) -> bool {
        self.yields && self.expires <= now
    }
}

/// What a notification waits for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waits {
    pub(super) until: i64,
    pub(super) is_digest: bool,
    /// When it came, among all.
    pub(super) arrival: u64,
}

pub(super) struct Told {
    pub(super) waits: Option<Waits>,
    /// Whether it was told in a digest, or withdrawn.
    pub(super) is_digested: bool,
    pub(super) is_withdrawn: bool,
    pub(super) plan: Plan,
    pub(super) attempts: Vec<Attempt>,
    pub(super) key: String,
    pub(super) incident: Option<i64>,
    pub(super) status: Status,
    pub(super) planned: i64,
}

/// Who holds a key.
pub(super) struct Held {
    by: NotificationId,
    priority: Priority,
    at: i64,
}

/// A notification that asks to be told.
pub(super) struct Asked {
    pub(super) id: NotificationId,
    pub(super) key: String,
    pub(super) priority: Priority,
    pub(super) incident: Option<i64>,
    pub(super) is_resolve: bool,
    pub(super) plan: Plan,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) at: i64,
    /// Until when it waits, and whether for a digest.
    pub(super) wait: Option<(i64, bool)>,
}

/// Everything that a store holds. All times are seconds; users have one key and one rule.
#[derive(Default)]
pub(super) struct Model {
    pub(super) events: Vec<Event>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) told: BTreeMap<NotificationId, Told>,
    arrivals: u64,
    fired: BTreeMap<String, (i64, EventId)>,
    held: BTreeMap<String, Held>,
    /// By incident: who told of its beginning, and of its end.
    pub(super) incidents: BTreeMap<i64, (NotificationId, Option<NotificationId>)>,
    /// By incident: the key of its firing.
    incident_keys: BTreeMap<i64, String>,
}

/// How long rules rest and keys are held.
const WINDOW: i64 = super::samples::WINDOW.as_secs().cast_signed();

impl Model {
    pub(super) fn accept(&mut self, id: EventId, name: u32, now: i64) -> Acceptance {
        if self.events.iter().any(|event| event.id == id) {
            return Acceptance::Duplicate { of: id };
        }
        self.events.push(Event { id, name, received: now, waiting: true });
        Acceptance::Accepted
    }

    /// Whether the event waited for this plan.
    pub(super) fn plan(&mut self, id: EventId) -> bool {
        let event = self.events.iter_mut().find(|event| event.id == id);
        event.is_some_and(|event| std::mem::take(&mut event.waiting))
    }

    pub(super) fn fire(&mut self, agent: &str, by: EventId, at: i64) -> Admission {
        if let Some((last, of)) = self.fired.get(agent)
            && *of != by
            && (*last..*last + WINDOW).contains(&at)
        {
            return Admission::Cooling { since: super::samples::at(*last) };
        }
        self.fired.insert(agent.to_owned(), (at, by));
        Admission::Granted
    }

    pub(super) fn tell(&mut self, asked: Asked) -> UserOutcome {
        if self.told.contains_key(&asked.id) {
            return UserOutcome::Planned;
        }
        let outcome = if asked.is_resolve { self.end(&asked) } else { self.begin(&asked) };
        if outcome == UserOutcome::Planned {
            self.make(asked);
        }
        outcome
    }

    pub(super) fn make(&mut self, asked: Asked) {
        self.deliveries.extend(asked.deliveries);
        self.arrivals += 1;
        let arrival = self.arrivals;
        let told = Told {
            waits: asked.wait.map(|(until, is_digest)| Waits { until, is_digest, arrival }),
            is_digested: false,
            is_withdrawn: false,
            plan: asked.plan,
            attempts: Vec::new(),
            key: asked.key,
            incident: asked.incident.filter(|_| !asked.is_resolve),
            status: Status::Pending,
            planned: asked.at,
        };
        self.told.insert(asked.id, told);
    }

    pub(super) fn begin(&mut self, asked: &Asked) -> UserOutcome {
        if let Some(held) = self.held.get(&asked.key)
            && (held.at..=held.at + WINDOW).contains(&asked.at)
            && asked.priority <= held.priority
        {
            return UserOutcome::Duplicate { of: held.by };
        }
        self.held.insert(asked.key.clone(), Held { by: asked.id, priority: asked.priority, at: asked.at });
        if let Some(incident) = asked.incident {
            self.incidents.insert(incident, (asked.id, None));
            self.incident_keys.insert(incident, asked.key.clone());
        }
        UserOutcome::Planned
    }

    fn end(&mut self, asked: &Asked) -> UserOutcome {
        let incident = asked.incident.unwrap_or_default();
        match self.incidents.get_mut(&incident) {
            None => UserOutcome::Untold,
            Some((_, Some(of))) => UserOutcome::Duplicate { of: *of },
            Some((begun, ended)) => {
                *ended = Some(asked.id);
                let begun = *begun;
                let key = self.incident_keys[&incident].clone();
                self.free(&key, begun);
                UserOutcome::Planned
            }
        }
    }

    pub(super) fn free(&mut self, key: &str, of: NotificationId) -> bool {
        let holds = self.held.get(key).is_some_and(|held| held.by == of);
        if holds {
            self.held.remove(key);
        }
        holds
    }

    /// The places of the deliveries that may be claimed.
    pub(super) fn claimable(&self, endpoint: &str, which: Which, now: i64) -> Vec<usize> {
        let wanted = |place: &usize| {
            let delivery = &self.deliveries[*place];
            delivery.is_ready(now) && (which == Which::Due || delivery.is_overdue(now))
        };
        self.heads(endpoint).into_iter().filter(wanted).collect()
    }

    /// The places of the first unsettled delivery of each lane.
    pub(super) fn heads(&self, endpoint: &str) -> Vec<usize> {
        let mut lanes = BTreeMap::new();
        for (place, delivery) in self.deliveries.iter().enumerate() {
            if delivery.endpoint == endpoint && delivery.ended.is_none() {
                lanes.entry(delivery.lane).or_insert(place);
            }
        }
        lanes.into_values().collect()
    }

    /// The place of the delivery of which an answer with this fence counts, and whether it surely does.
    pub(super) fn lent(&self, id: DeliveryId, fence: u64) -> Option<(usize, bool)> {
        let counts =
            |delivery: &&Delivery| delivery.id == id && delivery.fence == Some(fence) && delivery.ended.is_none();
        let place = self.deliveries.iter().position(|delivery| counts(&delivery))?;
        Some((place, !self.deliveries[place].unsure))
    }

    /// An answer that counts.
    pub(super) fn finish(&mut self, place: usize, finish: &Finish, fallbacks: Vec<Delivery>) -> Settled {
        let outcome = &finish.outcome;
        let fallback = self.first_unused(place, fallbacks);
        let ending = match outcome {
            Outcome::Delivered(_) => Ending::Delivered,
            Outcome::Expired => Ending::Expired,
            Outcome::Dead | Outcome::Gone => Ending::Dead,
            Outcome::YieldOr { .. } if fallback.is_some() => Ending::Dead,
            // No walk has wishes: that is a case of its own.
            Outcome::Withdrawn(_) => return Settled::DONE,
            Outcome::Retry { due, counts } => return self.retry(place, due.as_secs(), (finish.attempt, *counts)),
            Outcome::YieldOr { due, counts } => return self.retry(place, due.as_secs(), (finish.attempt, *counts)),
        };
        let fallback = fallback.filter(|_| ending != Ending::Delivered);
        self.deliveries[place].ended = Some(ending);
        self.close_leg(place, ending, fallback)
    }

    fn retry(&mut self, place: usize, due: i64, (attempt, counts): (Option<u32>, bool)) -> Settled {
        let delivery = &mut self.deliveries[place];
        delivery.attempts = match attempt {
            Some(attempt) => attempt - u32::from(!counts),
            None => delivery.attempts - 1,
        };
        *delivery = Delivery { due, lease: None, fence: None, unsure: false, ..delivery.clone() };
        Settled::DONE
    }

    fn first_unused(&self, place: usize, fallbacks: Vec<Delivery>) -> Option<Delivery> {
        let told = self.told.get(&self.deliveries[place].notification?)?;
        fallbacks.into_iter().find(|new| told.plan.legs.iter().all(|leg| leg.channel != new.endpoint))
    }

    fn close_leg(&mut self, place: usize, ending: Ending, fallback: Option<Delivery>) -> Settled {
        let channel = self.deliveries[place].endpoint.clone();
        let id = self.deliveries[place].notification;
        let Some((id, told)) = id.and_then(|id| Some((id, self.told.get_mut(&id)?))) else { return Settled::DONE };
        if let Some(new) = &fallback {
            told.plan.legs.push(tidings_policy::Leg {
                channel: new.endpoint.clone(),
                after: vec![channel.clone()],
                of: None,
            });
        }
        told.attempts.push(Attempt { channel, ending });
        let status = settle(&told.plan, &told.attempts);
        let fails = status == Status::Failed && told.status == Status::Pending;
        told.status = status;
        let (key, incident) = (told.key.clone(), told.incident);
        if fails && incident.is_some_and(|incident| self.incidents.get(&incident).is_some_and(|(by, _)| *by == id)) {
            incident.map(|incident| self.incidents.remove(&incident));
        }
        let freed = (fails && self.free(&key, id)).then_some(key);
        let made = fallback.as_ref().map(|new| new.endpoint.as_str().into());
        self.deliveries.extend(fallback);
        Settled::Done { fallback: made, status: Some(status), freed }
    }

    /// Leases end, and answers to them no longer count; gives how many surely ran, and how many may have.
    pub(super) fn drop_leases(&mut self, endpoint: Option<&str>, now: i64) -> (u64, u64) {
        let (mut sure, mut all) = (0, 0);
        for delivery in &mut self.deliveries {
            let of = endpoint.is_none_or(|endpoint| delivery.endpoint == endpoint) && delivery.ended.is_none();
            let Some(until) = delivery.lease.filter(|_| of) else { continue };
            let runs = until > now;
            (sure, all) = (sure + u64::from(runs), all + 1);
            // Of one that ran out nobody knows: it may be due from its end or from now on, and its answer may count.
            *delivery = Delivery { due: if runs { now } else { until }, lease: None, ..delivery.clone() };
            (delivery.unsure, delivery.fence) = (!runs, delivery.fence.filter(|_| !runs));
        }
        (sure, all)
    }

    /// The clock was set back by so many seconds, and all that is due moves along.
    pub(super) fn shift(&mut self, by: i64) {
        for delivery in &mut self.deliveries {
            delivery.due -= by;
            delivery.expires -= by;
            delivery.lease = delivery.lease.map(|until| until - by);
        }
        self.fired.values_mut().for_each(|(at, _)| *at -= by);
        self.held.values_mut().for_each(|held| held.at -= by);
    }
}
