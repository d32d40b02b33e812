//! What a dispatcher has in flight. A delivery that is being attempted is never attempted a second time beside that, although its
//! lease has run out: since a clock was set forward, a machine slept, or a store took no answer for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidings_core::DeliveryId;
use tidings_store::Lease;

/// The deliveries in flight, each with the fence of its latest lease.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<DeliveryId, u64>>>);

impl Flights {
    /// Notes a lease. `None` where the delivery is in flight already: what comes of that is written down under this lease.
    pub(crate) fn begin(&self, lease: &Lease) -> Option<Flight> {
        let id = lease.delivery.id;
        let before = self.fences().insert(id, lease.fence);
        before.is_none().then(|| Flight { flights: self.clone(), id })
    }

    fn fences(&self) -> MutexGuard<'_, HashMap<DeliveryId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery in flight until this is dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Flights,
    id: DeliveryId,
}

impl Flight {
    /// The fence of the delivery's latest lease.
    pub(crate) fn fence(&self) -> u64 {
        self.flights.fences().get(&self.id).copied().unwrap_or_default()
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.fences().remove(&self.id);
    }
}
