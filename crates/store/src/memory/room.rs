//! The room of one endpoint in memory, and who gives way when it is short. Where the deliveries are is `endpoint`'s.

use std::collections::BTreeSet;

use tidings_core::DeliveryId;

use crate::model::NewDelivery;

/// Counts the deliveries of events, which alone are bounded: what a person should be told is never shed, since cooldown and dedup
/// bound it.
#[derive(Debug, Default)]
pub(super) struct Room {
    taken: usize,
    /// Those that are not being sent, by severity and arrival: within the lowest severity the newest gives way.
    waiting: [BTreeSet<(u64, DeliveryId)>; 4],
}

impl Room {
    /// Who gives way to this delivery: nobody, one of a lower severity, or the delivery itself.
    pub(super) fn make(&self, newcomer: &NewDelivery, capacity: usize) -> Option<DeliveryId> {
        if !is_bounded(newcomer) || self.taken < capacity {
            return None;
        }
        let mut lower = self.waiting.iter().take(newcomer.severity.index());
        Some(lower.find_map(|rows| rows.last()).map_or(newcomer.id, |(_, id)| *id))
    }

    pub(super) fn add(&mut self, delivery: &NewDelivery, arrival: u64) {
        self.taken += usize::from(is_bounded(delivery));
        self.take_back(delivery, arrival);
    }

    pub(super) fn leave(&mut self, delivery: &NewDelivery, arrival: u64) {
        self.taken -= usize::from(is_bounded(delivery));
        self.lend(delivery, arrival);
    }

    /// It is being sent, and so does not give way.
    pub(super) fn lend(&mut self, delivery: &NewDelivery, arrival: u64) {
        if let Some(rows) = self.waiting.get_mut(delivery.severity.index()) {
            rows.remove(&(arrival, delivery.id));
        }
    }

    /// It waits.
    pub(super) fn take_back(&mut self, delivery: &NewDelivery, arrival: u64) {
        if let Some(rows) = self.waiting.get_mut(delivery.severity.index()).filter(|_| is_bounded(delivery)) {
            rows.insert((arrival, delivery.id));
        }
    }
}

fn is_bounded(delivery: &NewDelivery) -> bool {
    delivery.notification().is_none()
}
