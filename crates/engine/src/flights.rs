//! What a dispatcher has in flight. A delivery that is being attempted is never attempted a second time beside that, although its
//! lease has run out: since a clock was set forward, a machine slept, or a store took no answer for a while.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidings_core::DeliveryId;
use tidings_store::Lease;

use crate::verdict::Refusal;

/// A lease, with what is to be done with it.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) lease: Lease,
    /// What settles it without an attempt.
    pub(crate) refusal: Option<Refusal>,
    /// Whether it looks if an endpoint is back that was down.
    pub(crate) is_probe: bool,
}

/// A delivery in flight: the fence of its latest lease, and what that lease was given for, if it was not the one that began.
#[derive(Debug)]
struct Aloft {
    fence: u64,
    next: Option<Turn>,
}

/// The deliveries in flight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<DeliveryId, Aloft>>>);

impl Flights {
    /// Notes a lease. `None` where the delivery is in flight already: what comes of that is written down under this lease, or if it
    /// was written down before, the flight goes on with it.
    pub(crate) fn begin(&self, turn: Turn) -> Option<(Flight, Turn)> {
        let (id, fence) = (turn.lease.delivery.id, turn.lease.fence);
        match self.aloft().entry(id) {
            Entry::Occupied(mut aloft) => {
                aloft.insert(Aloft { fence, next: Some(turn) });
                None
            }
            Entry::Vacant(place) => {
                place.insert(Aloft { fence, next: None });
                Some((Flight { flights: self.clone(), id, is_over: false }, turn))
            }
        }
    }

    fn aloft(&self) -> MutexGuard<'_, HashMap<DeliveryId, Aloft>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery in flight until it has landed or this is dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Flights,
    id: DeliveryId,
    is_over: bool,
}

impl Flight {
    /// The fence of the delivery's latest lease.
    pub(crate) fn fence(&self) -> u64 {
        self.flights.aloft().get(&self.id).map(|aloft| aloft.fence).unwrap_or_default()
    }

    /// The answer was written down under this fence. A lease of later is one for the next attempt, which is this flight's to make:
    /// whoever claimed it has seen that the delivery is in flight, and made none.
    pub(crate) fn land(mut self, fence: u64) -> Option<(Self, Turn)> {
        let flights = self.flights.clone();
        let mut aloft = flights.aloft();
        let next = aloft.remove(&self.id).filter(|found| found.fence > fence).and_then(|found| found.next);
        let Some(turn) = next else {
            self.is_over = true;
            return None;
        };
        aloft.insert(self.id, Aloft { fence: turn.lease.fence, next: None });
        drop(aloft);
        Some((self, turn))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Once it has landed, another one of the same delivery may have begun.
        if !self.is_over {
            self.flights.aloft().remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use tidings_core::{Event, EventId, Payload, Severity, Timestamp};
    use tidings_store::NewDelivery;

    use super::*;

    fn turn(fence: u64) -> Turn {
        let delivery = NewDelivery {
            id: DeliveryId::of_event(EventId::named("test", "1"), "hook"),
            event: None,
            endpoint: "hook".into(),
            lane: 0,
            severity: Severity::Info,
            payload: Payload::Event(Arc::new(Event::new("test"))),
            leg: None,
            to: None,
            due: Timestamp::EPOCH,
            expires: Timestamp::EPOCH,
            yields: false,
        };
        let lease = Lease { delivery: Arc::new(delivery), attempt: 1, fence, made: Timestamp::EPOCH };
        Turn { lease, refusal: None, is_probe: false }
    }

    #[test]
    fn a_lease_given_before_the_answer_is_the_same_attempts() {
        let flights = Flights::default();
        let (flight, _) = flights.begin(turn(1)).unwrap();
        assert!(flights.begin(turn(2)).is_none());
        assert_eq!(flight.fence(), 2);
        assert!(flight.land(2).is_none());
        assert!(flights.begin(turn(3)).is_some(), "it is over");
    }

    #[test]
    fn a_lease_given_after_the_answer_is_the_next_attempts() {
        let flights = Flights::default();
        let (flight, _) = flights.begin(turn(1)).unwrap();
        assert!(flights.begin(turn(3)).is_none());
        let (flight, next) = flight.land(1).unwrap();
        assert_eq!((next.lease.fence, flight.fence()), (3, 3));
        assert!(flights.begin(turn(4)).is_none(), "it is in flight");
        assert!(flight.land(4).is_none());
    }

    #[test]
    fn a_flight_that_is_dropped_is_over() {
        let flights = Flights::default();
        drop(flights.begin(turn(1)).unwrap());
        assert!(flights.begin(turn(2)).is_some());
    }
}
