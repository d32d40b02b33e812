//! What users were told, by dedup key and by incident: whether a notification may go out. Its deliveries are made elsewhere.

use tidings_core::{IncidentId, Notification, NotificationId, NotificationKind, Priority, Timestamp};

use crate::{
    memory::remembered::Remembered,
    model::{UserOutcome, UserPlan},
};

/// Who holds which key, and which incidents each user was told of.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    held: Remembered<String, Held>,
    incidents: Remembered<(IncidentId, String), Incident>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    by: NotificationId,
    priority: Priority,
    at: Timestamp,
}

/// An incident that a user was told of.
#[derive(Debug)]
struct Incident {
    begun_by: NotificationId,
    ended_by: Option<NotificationId>,
    dedup_key: String,
}

impl Keys {
    /// Takes the key for a firing, or frees it for a resolve.
    pub(crate) fn tell(&mut self, plan: &UserPlan) -> UserOutcome {
        match plan.notification.kind {
            NotificationKind::Firing => self.begin(plan),
            NotificationKind::Resolved => self.end(plan),
        }
    }

    /// Takes the key unless a notification of the same or a higher priority holds it.
    fn begin(&mut self, plan: &UserPlan) -> UserOutcome {
        let told = &*plan.notification;
        if let Some(held) = self.held.get(&told.dedup_key)
            && held.by != told.notification_id
            && plan.at >= held.at
            && plan.at.since(held.at) <= plan.window
            && told.priority <= held.priority
        {
            return UserOutcome::Duplicate { of: held.by };
        }
        let held = Held { by: told.notification_id, priority: told.priority, at: plan.at };
        self.held.put(told.dedup_key.clone(), held);
        if let Some(incident) = told.incident {
            let dedup_key = told.dedup_key.clone();
            let begun = Incident { begun_by: told.notification_id, ended_by: None, dedup_key };
            self.incidents.put((incident, told.user_id.clone()), begun);
        }
        UserOutcome::Planned
    }

    /// Ends an incident that the user was told of, once, and frees the key that its firing holds.
    fn end(&mut self, plan: &UserPlan) -> UserOutcome {
        let told = &*plan.notification;
        let key = told.incident.map(|incident| (incident, told.user_id.clone()));
        let Some(incident) = key.and_then(|key| self.incidents.get_mut(&key)) else {
            return UserOutcome::Untold;
        };
        match incident.ended_by {
            Some(of) if of != told.notification_id => return UserOutcome::Duplicate { of },
            _ => incident.ended_by = Some(told.notification_id),
        }
        let (dedup_key, begun_by) = (incident.dedup_key.clone(), incident.begun_by);
        self.free(&dedup_key, begun_by);
        UserOutcome::Planned
    }

    /// Forgets what a user was told by a notification that reached nobody; says whether its key is free by that.
    pub(crate) fn take_back(&mut self, told: &Notification) -> bool {
        let key = told.incident.map(|incident| (incident, told.user_id.clone()));
        if let Some(key) = key.filter(|key| self.was_begun_by(key, told.notification_id)) {
            self.incidents.remove(&key);
        }
        self.free(&told.dedup_key, told.notification_id)
    }

    fn was_begun_by(&self, key: &(IncidentId, String), notification: NotificationId) -> bool {
        self.incidents.get(key).is_some_and(|incident| incident.begun_by == notification)
    }

    /// Frees a key, unless another notification holds it by now.
    fn free(&mut self, key: &str, of: NotificationId) -> bool {
        let holds = self.held.get(key).is_some_and(|held| held.by == of);
        if holds {
            self.held.remove(key);
        }
        holds
    }
}
