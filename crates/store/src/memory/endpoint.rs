//! The deliveries of one endpoint in memory: lanes keep their order, room is bounded, leases are fenced. Which endpoints there
//! are is the store's business.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use tidings_core::{DeliveryId, Timestamp};

use crate::model::{Claim, Claimed, Lease, NewDelivery, Outcome, Outstanding, Which};

#[derive(Debug)]
struct Row {
    delivery: Arc<NewDelivery>,
    due: Timestamp,
    attempts: u32,
    fence: u64,
    lease_until: Option<Timestamp>,
    arrival: u64,
    made: Timestamp,
}

/// Rows of one endpoint. Only the head of a lane can be claimed; `due` orders the heads.
#[derive(Debug, Default)]
pub(crate) struct Endpoint {
    rows: HashMap<DeliveryId, Row>,
    lanes: HashMap<u64, VecDeque<DeliveryId>>,
    due: BTreeSet<(Timestamp, u64, DeliveryId)>,
    leases: BTreeSet<(Timestamp, DeliveryId)>,
    /// Rows that are not leased, by severity and arrival: the first candidates to be shed come first within the lowest severity.
    waiting: [BTreeSet<(u64, DeliveryId)>; 4],
    arrivals: u64,
    fences: u64,
}

impl Endpoint {
    /// Adds a delivery; where `capacity` is reached, the newest of the lowest severity gives way and is handed back.
    pub(crate) fn add(&mut self, delivery: NewDelivery, capacity: usize, now: Timestamp) -> Option<Arc<NewDelivery>> {
        if self.rows.contains_key(&delivery.id) {
            return None;
        }
        let delivery = Arc::new(delivery);
        let shed = if self.rows.len() >= capacity { Some(self.make_room(&delivery)) } else { None };
        if shed.as_ref().is_none_or(|shed| shed.id != delivery.id) {
            self.insert(delivery, now);
        }
        shed
    }

    fn insert(&mut self, delivery: Arc<NewDelivery>, made: Timestamp) {
        self.arrivals += 1;
        let (id, lane, arrival, due) = (delivery.id, delivery.lane, self.arrivals, delivery.due);
        self.waiting[delivery.severity.index()].insert((arrival, id));
        self.rows.insert(id, Row { delivery, due, attempts: 0, fence: 0, lease_until: None, arrival, made });
        let lane = self.lanes.entry(lane).or_default();
        lane.push_back(id);
        if lane.len() == 1 {
            self.due.insert((due, arrival, id));
        }
    }

    /// Removes what gives way to `newcomer`: the newest row of a lower severity, or the newcomer itself.
    fn make_room(&mut self, newcomer: &Arc<NewDelivery>) -> Arc<NewDelivery> {
        let lower = &self.waiting[..newcomer.severity.index()];
        let victim = lower.iter().find_map(|rows| rows.last().map(|(_, id)| *id));
        victim.and_then(|id| self.remove(id)).unwrap_or_else(|| Arc::clone(newcomer))
    }

    fn remove(&mut self, id: DeliveryId) -> Option<Arc<NewDelivery>> {
        let row = self.rows.remove(&id)?;
        self.due.remove(&(row.due, row.arrival, id));
        self.waiting[row.delivery.severity.index()].remove(&(row.arrival, id));
        if let Some(until) = row.lease_until {
            self.leases.remove(&(until, id));
        }
        self.leave_lane(id, row.delivery.lane);
        Some(row.delivery)
    }

    fn leave_lane(&mut self, id: DeliveryId, lane: u64) {
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        let was_head = queue.front() == Some(&id);
        // Nearly always the head is done, or the newest is shed; only a shed one in between needs a walk.
        if was_head {
            queue.pop_front();
        } else if queue.back() == Some(&id) {
            queue.pop_back();
        } else {
            queue.retain(|other| *other != id);
        }
        match queue.front() {
            None => {
                self.lanes.remove(&lane);
            }
            Some(next) if was_head => {
                if let Some(row) = self.rows.get(next) {
                    self.due.insert((row.due, row.arrival, *next));
                }
            }
            Some(_) => {}
        }
    }

    pub(crate) fn claim(&mut self, claim: &Claim, now: Timestamp) -> Claimed {
        self.expire_leases(now);
        let due = self.due.iter().take_while(|(due, ..)| *due <= now);
        let wanted = due.filter(|(.., id)| claim.which == Which::Due || self.is_overdue(*id, now));
        let ready: Vec<_> = wanted.take(claim.limit).copied().collect();
        let leases = ready.into_iter().filter_map(|key| self.lease(key, now + claim.lease)).collect();
        Claimed { leases, next_due: self.next_due() }
    }

    /// Whether its plan is over and it has a fallback to take.
    fn is_overdue(&self, id: DeliveryId, now: Timestamp) -> bool {
        self.rows.get(&id).is_some_and(|row| row.delivery.yields && row.delivery.expires <= now)
    }

    /// When the next one is due, or a lease ends.
    fn next_due(&self) -> Option<Timestamp> {
        let next = [self.due.first().map(|(due, ..)| *due), self.leases.first().map(|(until, _)| *until)];
        next.into_iter().flatten().min()
    }

    fn lease(&mut self, key: (Timestamp, u64, DeliveryId), until: Timestamp) -> Option<Lease> {
        self.due.remove(&key);
        let id = key.2;
        let row = self.rows.get_mut(&id)?;
        self.fences += 1;
        row.attempts += 1;
        row.fence = self.fences;
        row.lease_until = Some(until);
        self.waiting[row.delivery.severity.index()].remove(&(row.arrival, id));
        self.leases.insert((until, id));
        Some(Lease { delivery: Arc::clone(&row.delivery), attempt: row.attempts, fence: row.fence, made: row.made })
    }

    fn expire_leases(&mut self, now: Timestamp) {
        while let Some((until, id)) = self.leases.first().copied().filter(|(until, _)| *until <= now) {
            self.put_back(id, until, now);
        }
    }

    /// Makes a leased row wait again. Its fence stays, so that the old lease can no longer finish once a new one is given.
    fn put_back(&mut self, id: DeliveryId, until: Timestamp, due: Timestamp) {
        self.leases.remove(&(until, id));
        if let Some(row) = self.rows.get_mut(&id) {
            row.lease_until = None;
            row.due = due;
            self.due.insert((due, row.arrival, id));
            self.waiting[row.delivery.severity.index()].insert((row.arrival, id));
        }
    }

    pub(crate) fn release(&mut self, now: Timestamp) -> u64 {
        let leases: Vec<_> = self.leases.iter().copied().collect();
        let count = leases.len() as u64;
        for (until, id) in leases {
            self.put_back(id, until, now);
            self.forget_fence(id);
        }
        count
    }

    /// A released lease must not finish, although no new one was given yet.
    fn forget_fence(&mut self, id: DeliveryId) {
        if let Some(row) = self.rows.get_mut(&id) {
            row.fence = 0;
        }
    }

    /// A delivery that is not settled.
    pub(crate) fn get(&self, id: DeliveryId) -> Option<&Arc<NewDelivery>> {
        self.rows.get(&id).map(|row| &row.delivery)
    }

    /// A delivery that is not settled, as a claim would give it, and when it is due.
    pub(crate) fn look(&self, id: DeliveryId) -> Option<(Lease, Timestamp)> {
        let row = self.rows.get(&id)?;
        let delivery = Arc::clone(&row.delivery);
        Some((Lease { delivery, attempt: row.attempts, fence: row.fence, made: row.made }, row.due))
    }

    pub(crate) fn finish(&mut self, id: DeliveryId, fence: u64, outcome: &Outcome) -> bool {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.fence == fence) else { return false };
        match outcome {
            Outcome::Delivered(_) | Outcome::Dead | Outcome::Gone | Outcome::Expired => {
                self.remove(id);
            }
            Outcome::YieldOr { due } => return self.finish(id, fence, &Outcome::Retry { due: *due, counts: true }),
            Outcome::Retry { due, counts } => {
                let until = row.lease_until;
                if !counts {
                    row.attempts -= 1;
                }
                // This answer was the lease's one and only.
                row.fence = 0;
                match until {
                    Some(until) => self.put_back(id, until, *due),
                    // The lease ran out and the row waits again: this answer is still the latest word on it.
                    None => self.move_due(id, *due),
                }
            }
        }
        true
    }

    fn move_due(&mut self, id: DeliveryId, due: Timestamp) {
        if let Some(row) = self.rows.get_mut(&id) {
            self.due.remove(&(row.due, row.arrival, id));
            row.due = due;
            self.due.insert((due, row.arrival, id));
        }
    }

    pub(crate) fn outstanding(&self) -> Outstanding {
        let leased = self.leases.len() as u64;
        Outstanding { ready: self.rows.len() as u64 - leased, leased }
    }

    /// Everything that is left, in order of arrival.
    pub(crate) fn abandon(&mut self) -> Vec<Arc<NewDelivery>> {
        let mut rows: Vec<_> = std::mem::take(self).rows.into_values().collect();
        rows.sort_by_key(|row| row.arrival);
        rows.into_iter().map(|row| row.delivery).collect()
    }
}
