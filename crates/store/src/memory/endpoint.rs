//! The deliveries of one endpoint in memory: lanes keep their order, room is bounded, leases are fenced. Which endpoints there
//! are is the store's business.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use tidings_core::{DeliveryId, Timestamp};

use super::room::Room;
use crate::model::{Claim, Claimed, Lease, NewDelivery, Outstanding, Which};

#[derive(Debug)]
struct Row {
    delivery: Arc<NewDelivery>,
    due: Timestamp,
    attempts: u32,
    /// The fence of the latest lease, while an answer to it counts.
    fence: Option<u64>,
    lease_until: Option<Timestamp>,
    arrival: u64,
    made: Timestamp,
}

/// A moment, and of the same moment the one that came first.
type Place = (Timestamp, u64, DeliveryId);

impl Row {
    fn due(&self) -> Place {
        (self.due, self.arrival, self.delivery.id)
    }

    /// From when on it is overdue, if it ever is.
    fn overdue(&self) -> Option<Place> {
        self.delivery.yields.then(|| (self.due.max(self.delivery.expires), self.arrival, self.delivery.id))
    }

    fn lease(&self) -> Lease {
        let (delivery, fence) = (Arc::clone(&self.delivery), self.fence.unwrap_or_default());
        Lease { delivery, attempt: self.attempts, fence, made: self.made }
    }
}

/// Rows of one endpoint. Only the head of a lane can be claimed, and only if it is not leased: `due` and `overdue` order those.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    rows: HashMap<DeliveryId, Row>,
    lanes: HashMap<u64, VecDeque<DeliveryId>>,
    due: BTreeSet<Place>,
    overdue: BTreeSet<Place>,
    leases: BTreeSet<(Timestamp, DeliveryId)>,
    room: Room,
    arrivals: u64,
    fences: u64,
}

impl Endpoint {
    /// Adds a delivery; where `capacity` is reached, the newest of the lowest severity gives way and is handed back.
    pub(super) fn add(
        &mut self,
        delivery: Arc<NewDelivery>,
        capacity: usize,
        now: Timestamp,
    ) -> Option<Arc<NewDelivery>> {
        let victim = self.room.make(&delivery, capacity);
        if victim == Some(delivery.id) {
            return Some(delivery);
        }
        let shed = victim.and_then(|id| self.remove(id));
        self.insert(delivery, now);
        shed
    }

    fn insert(&mut self, delivery: Arc<NewDelivery>, made: Timestamp) {
        self.arrivals += 1;
        let (id, lane, due, arrival) = (delivery.id, delivery.lane, delivery.due, self.arrivals);
        self.room.add(&delivery, arrival);
        self.rows.insert(id, Row { delivery, due, attempts: 0, fence: None, lease_until: None, arrival, made });
        let lane = self.lanes.entry(lane).or_default();
        lane.push_back(id);
        if lane.len() == 1 {
            self.offer(id);
        }
    }

    /// Lets a head be claimed.
    fn offer(&mut self, id: DeliveryId) {
        if let Some(row) = self.rows.get(&id) {
            self.due.insert(row.due());
            self.overdue.extend(row.overdue());
        }
    }

    /// Lets a head no longer be claimed.
    fn withdraw(&mut self, id: DeliveryId) {
        if let Some(row) = self.rows.get(&id) {
            self.due.remove(&row.due());
            row.overdue().map(|place| self.overdue.remove(&place));
        }
    }

    /// Takes a delivery out: it is settled, or sheds.
    pub(super) fn remove(&mut self, id: DeliveryId) -> Option<Arc<NewDelivery>> {
        self.withdraw(id);
        let row = self.rows.remove(&id)?;
        self.room.leave(&row.delivery, row.arrival);
        if let Some(until) = row.lease_until {
            self.leases.remove(&(until, id));
        }
        self.leave_lane(id, row.delivery.lane);
        Some(row.delivery)
    }

    fn leave_lane(&mut self, id: DeliveryId, lane: u64) {
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        // Nearly always the head is done, or the newest is shed; only a shed one in between needs a walk.
        if queue.front() == Some(&id) {
            queue.pop_front();
            match queue.front().copied() {
                Some(next) => self.offer(next),
                None => drop(self.lanes.remove(&lane)),
            }
        } else if queue.back() == Some(&id) {
            queue.pop_back();
        } else {
            queue.retain(|other| *other != id);
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim, now: Timestamp) -> Claimed {
        self.expire_leases(now);
        let heads = match claim.which {
            Which::Due => &self.due,
            Which::Overdue => &self.overdue,
        };
        let ready = heads.iter().take_while(|(from, ..)| *from <= now).take(claim.limit);
        let mut ready: Vec<_> = ready.filter_map(|(.., id)| self.rows.get(id)).map(Row::due).collect();
        ready.sort_unstable();
        let leases = ready.into_iter().filter_map(|(.., id)| self.lease(id, now + claim.lease)).collect();
        Claimed { leases, next_due: self.next_due(claim.which) }
    }

    /// When the next one is due, or a lease ends.
    fn next_due(&self, which: Which) -> Option<Timestamp> {
        let heads = if which == Which::Due { &self.due } else { &self.overdue };
        let next = [heads.first().map(|(from, ..)| *from), self.leases.first().map(|(until, _)| *until)];
        next.into_iter().flatten().min()
    }

    fn lease(&mut self, id: DeliveryId, until: Timestamp) -> Option<Lease> {
        self.withdraw(id);
        let row = self.rows.get_mut(&id)?;
        self.fences += 1;
        row.attempts = row.attempts.saturating_add(1);
        row.fence = Some(self.fences);
        row.lease_until = Some(until);
        self.room.lend(&row.delivery, row.arrival);
        self.leases.insert((until, id));
        Some(row.lease())
    }

    /// Ends leases that have run out. Their fences stay: an answer counts until a new lease is given.
    fn expire_leases(&mut self, now: Timestamp) {
        while let Some((_, id)) = self.leases.first().copied().filter(|(until, _)| *until <= now) {
            self.put_back(id, now);
        }
    }

    /// Makes a row wait again, whether or not its lease still runs.
    fn put_back(&mut self, id: DeliveryId, due: Timestamp) {
        self.withdraw(id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.due = due;
            if let Some(until) = row.lease_until.take() {
                self.leases.remove(&(until, id));
                self.room.take_back(&row.delivery, row.arrival);
            }
        }
        self.offer(id);
    }

    /// Ends all leases, and no answer to them counts; says how many.
    pub(super) fn release(&mut self, now: Timestamp) -> u64 {
        let leases: Vec<_> = self.leases.iter().map(|(_, id)| *id).collect();
        for id in &leases {
            self.put_back(*id, now);
            self.refuse_answers(*id);
        }
        leases.len() as u64
    }

    /// Makes one due now that waits for a later moment; whether it did.
    pub(super) fn hasten(&mut self, id: DeliveryId, now: Timestamp) -> bool {
        let waits = self.rows.get(&id).is_some_and(|row| row.lease_until.is_none() && row.due > now);
        if !waits {
            return false;
        }
        if self.is_head(id) {
            self.put_back(id, now);
        } else if let Some(row) = self.rows.get_mut(&id) {
            row.due = now;
        }
        true
    }

    fn is_head(&self, id: DeliveryId) -> bool {
        let lane = self.rows.get(&id).and_then(|row| self.lanes.get(&row.delivery.lane));
        lane.is_some_and(|lane| lane.front() == Some(&id))
    }

    fn refuse_answers(&mut self, id: DeliveryId) {
        if let Some(row) = self.rows.get_mut(&id) {
            row.fence = None;
        }
    }

    /// The delivery and how many leases count, if this is the fence of its latest lease, and no answer to that has come yet.
    pub(super) fn lent(&self, id: DeliveryId, fence: u64) -> Option<(Arc<NewDelivery>, u32)> {
        let row = self.rows.get(&id).filter(|row| row.fence == Some(fence))?;
        Some((Arc::clone(&row.delivery), row.attempts))
    }

    /// Makes a delivery wait until its next attempt, after so many that count.
    pub(super) fn retry(&mut self, id: DeliveryId, due: Timestamp, attempts: u32) {
        // This answer was the lease's one and only.
        self.refuse_answers(id);
        self.put_back(id, due);
        if let Some(row) = self.rows.get_mut(&id) {
            row.attempts = attempts;
        }
    }

    pub(super) fn holds(&self, id: DeliveryId) -> bool {
        self.rows.contains_key(&id)
    }

    /// A delivery that is not settled.
    pub(super) fn get(&self, id: DeliveryId) -> Option<&Arc<NewDelivery>> {
        self.rows.get(&id).map(|row| &row.delivery)
    }

    /// A delivery that is not settled, as a claim would give it, and when it is due.
    pub(super) fn look(&self, id: DeliveryId) -> Option<(Lease, Timestamp)> {
        self.rows.get(&id).map(|row| (row.lease(), row.due))
    }

    pub(super) fn outstanding(&self) -> Outstanding {
        let leased = self.leases.len() as u64;
        Outstanding { ready: self.rows.len() as u64 - leased, leased, lost: 0 }
    }

    /// Takes out everything that is left, in order of arrival.
    pub(super) fn abandon(&mut self) -> Vec<Arc<NewDelivery>> {
        let fences = self.fences;
        let mut rows: Vec<_> = std::mem::take(self).rows.into_values().collect();
        // A fence is never given twice.
        self.fences = fences;
        rows.sort_by_key(|row| row.arrival);
        rows.into_iter().map(|row| row.delivery).collect()
    }
}
