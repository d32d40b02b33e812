//! What users were told, by dedup key and by incident: whether a notification may go out. Its deliveries are made elsewhere.

use tidings_core::{IncidentId, NotificationId, NotificationKind, Priority, Timestamp};

use crate::{
    model::{UserOutcome, UserPlan},
    remembered::Remembered,
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
        match plan.kind {
            NotificationKind::Firing => self.begin(plan),
            NotificationKind::Resolved => self.end(plan),
        }
    }

    /// Takes the key unless a notification of the same or a higher priority holds it.
    fn begin(&mut self, plan: &UserPlan) -> UserOutcome {
        if let Some(held) = self.held.get(&plan.dedup_key)
            && held.by != plan.notification
            && plan.at >= held.at
            && plan.at.since(held.at) <= plan.window
            && plan.priority <= held.priority
        {
            return UserOutcome::Duplicate { of: held.by };
        }
        let held = Held { by: plan.notification, priority: plan.priority, at: plan.at };
        self.held.put(plan.dedup_key.clone(), held);
        if let Some(incident) = plan.incident {
            let dedup_key = plan.dedup_key.clone();
            let told = Incident { begun_by: plan.notification, ended_by: None, dedup_key };
            self.incidents.put((incident, plan.user.clone()), told);
        }
        UserOutcome::Planned
    }

    /// Ends an incident that the user was told of, once, and frees the key that its firing holds.
    fn end(&mut self, plan: &UserPlan) -> UserOutcome {
        let key = plan.incident.map(|incident| (incident, plan.user.clone()));
        let Some(incident) = key.and_then(|key| self.incidents.get_mut(&key)) else {
            return UserOutcome::Untold;
        };
        match incident.ended_by {
            Some(of) if of != plan.notification => return UserOutcome::Duplicate { of },
            _ => incident.ended_by = Some(plan.notification),
        }
        let (dedup_key, begun_by) = (incident.dedup_key.clone(), incident.begun_by);
        self.free(&dedup_key, begun_by);
        UserOutcome::Planned
    }

    /// Forgets what a user was told by a notification that reached nobody; says whether its key is free by that.
    pub(crate) fn take_back(&mut self, told: &UserPlan) -> bool {
        let key = told.incident.map(|incident| (incident, told.user.clone()));
        if let Some(key) = key.filter(|key| self.was_begun_by(key, told.notification)) {
            self.incidents.remove(&key);
        }
        self.free(&told.dedup_key, told.notification)
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
