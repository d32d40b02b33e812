//! The deliveries of one endpoint in memory: lanes keep their order, room is bounded, leases are fenced. Which endpoints there
//! are is the store's business.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tidings_core::{DeliveryId, NotificationId, Payload, Timestamp};

use crate::model::{Lease, NewDelivery, Outcome, Outstanding, Settled};

#[derive(Debug)]
struct Row {
    delivery: Arc<NewDelivery>,
    due: Timestamp,
    attempts: u32,
    fence: u64,
    lease_until: Option<Timestamp>,
    arrival: u64,
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
    pub(crate) fn add(&mut self, delivery: NewDelivery, capacity: usize) -> Option<Arc<NewDelivery>> {
        if self.rows.contains_key(&delivery.id) {
            return None;
        }
        let delivery = Arc::new(delivery);
        let shed = if self.rows.len() >= capacity { Some(self.make_room(&delivery)) } else { None };
        if shed.as_ref().is_none_or(|shed| shed.id != delivery.id) {
            self.insert(delivery);
        }
        shed
    }

    fn insert(&mut self, delivery: Arc<NewDelivery>) {
        self.arrivals += 1;
        let (id, lane, arrival, due) = (delivery.id, delivery.lane, self.arrivals, delivery.due);
        self.waiting[delivery.severity.index()].insert((arrival, id));
        self.rows.insert(id, Row { delivery, due, attempts: 0, fence: 0, lease_until: None, arrival });
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

    pub(crate) fn claim(&mut self, limit: usize, lease: Duration, now: Timestamp) -> Vec<Lease> {
        self.expire_leases(now);
        let ready: Vec<_> = self.due.iter().take_while(|(due, ..)| *due <= now).take(limit).copied().collect();
        ready.into_iter().filter_map(|key| self.lease(key, now + lease)).collect()
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
        Some(Lease { delivery: Arc::clone(&row.delivery), attempt: row.attempts, fence: row.fence })
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

    /// Which notification a delivery belongs to; `None` for an event's.
    pub(crate) fn notification_of(&self, id: DeliveryId) -> Option<NotificationId> {
        match &self.rows.get(&id)?.delivery.payload {
            Payload::Notification(told) => Some(told.notification_id),
            _ => None,
        }
    }

    pub(crate) fn finish(&mut self, id: DeliveryId, fence: u64, outcome: &Outcome) -> Settled {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.fence == fence) else { return Settled::Stale };
        match outcome {
            Outcome::Delivered(_) | Outcome::Dead => {
                self.remove(id);
            }
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
        Settled::Done
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
        let next_due = [self.due.first().map(|(due, ..)| *due), self.leases.first().map(|(until, _)| *until)];
        Outstanding { ready: self.rows.len() as u64 - leased, leased, next_due: next_due.into_iter().flatten().min() }
    }

    /// Everything that is left, in order of arrival.
    pub(crate) fn abandon(&mut self) -> Vec<Arc<NewDelivery>> {
        let mut rows: Vec<_> = std::mem::take(self).rows.into_values().collect();
        rows.sort_by_key(|row| row.arrival);
        rows.into_iter().map(|row| row.delivery).collect()
    }
}
