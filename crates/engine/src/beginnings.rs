//! The beginnings of incidents that wait to be told: their ends must not be told before them. Bounded: where more wait, an end goes by itself.
//! How long an end waits then is `tidings_policy`'s word.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tidings_core::{IncidentId, Notification, NotificationId, NotificationKind};
use tidings_policy::Wait;
use tidings_store::Deferrals;

use crate::{settle::insist, shared::Shared};

/// So many are remembered.
const MOST: usize = 100_000;

/// An incident of which somebody is told.
pub(crate) type Incident = (IncidentId, String);

/// What each of them waits for.
#[derive(Debug, Default)]
pub(crate) struct Beginnings(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    waits: HashMap<Incident, (NotificationId, Wait)>,
    incidents: HashMap<NotificationId, Incident>,
}

impl Beginnings {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This one waits, if it is a beginning.
    pub(crate) fn put_off(&self, told: &Notification, wait: &Wait) {
        let Some(incident) = incident_of(told).filter(|_| told.kind == NotificationKind::Firing) else { return };
        let mut open = self.open();
        if open.waits.len() < MOST || open.waits.contains_key(&incident) {
            open.incidents.insert(told.notification_id, incident.clone());
            open.waits.insert(incident, (told.notification_id, wait.clone()));
        }
    }

    /// It waits for something else, if it is one that waits.
    pub(crate) fn wait_on(&self, id: NotificationId, other: &Wait) {
        let mut open = self.open();
        let Open { waits, incidents } = &mut *open;
        if let Some((_, wait)) = incidents.get(&id).and_then(|incident| waits.get_mut(incident)) {
            wait.clone_from(other);
        }
    }

    /// It waits no more.
    pub(crate) fn forget(&self, id: NotificationId) {
        let mut open = self.open();
        if let Some(incident) = open.incidents.remove(&id) {
            open.waits.remove(&incident);
        }
    }

    /// Nothing waits.
    pub(crate) fn clear(&self) {
        *self.open() = Open::default();
    }

    /// What the beginning of the incident waits for that this one ends.
    pub(crate) fn wait_of(&self, told: &Notification) -> Option<Wait> {
        let incident = incident_of(told).filter(|_| told.kind == NotificationKind::Resolved)?;
        let open = self.open();
        open.waits.get(&incident).map(|(_, wait)| wait.clone())
    }
}

/// The incident that a notification tells its user of.
pub(crate) fn incident_of(told: &Notification) -> Option<Incident> {
    Some((told.incident?, told.user_id.clone()))
}

/// Remembers those that the process before left. `None` if the notifier ends first.
pub(crate) async fn recall(shared: &Shared) -> Option<()> {
    if shared.later.next().is_some() {
        let waiting = insist(shared, || shared.store.deferred(&Deferrals::All, MOST)).await?;
        waiting
            .iter()
            .for_each(|deferred| shared.pipeline().beginnings.put_off(&deferred.notification, &deferred.wait));
    }
    Some(())
}
