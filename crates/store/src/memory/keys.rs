//! What users were told, by dedup key and by incident: whether a notification may go out. Its deliveries are made elsewhere.

use tidings_core::{IncidentId, Notification, NotificationId, NotificationKind, Priority, Timestamp};

use crate::{
    memory::remembered::Remembered,
    model::{UserOutcome, UserPlan},
};

/// Who holds which key, and which incidents each user was told of.
#[derive(Debug, Default)]
pub(super) struct Keys {
    held: Remembered<String, Held>,
    incidents: Remembered<(IncidentId, String), Incident>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    by: NotificationId,
    priority: Priority,
    at: Timestamp,
    /// When its window is surely over, by the wall clock: rules may go by another one.
    over: Timestamp,
}

/// An incident that a user was told of.
#[derive(Debug)]
struct Incident {
    begun_by: NotificationId,
    ended_by: Option<NotificationId>,
    dedup_key: String,
    /// When it was last told of, by the wall clock.
    last: Timestamp,
}

impl Keys {
    /// Takes the key for a firing, or frees it for a resolve.
    pub(super) fn tell(&mut self, plan: &UserPlan, now: Timestamp) -> UserOutcome {
        match plan.notification.kind {
            NotificationKind::Firing => self.begin(plan, now),
            NotificationKind::Resolved => self.end(plan, now),
        }
    }

    /// What [`Self::tell`] would say; nothing is taken.
    pub(super) fn look(&self, plan: &UserPlan) -> UserOutcome {
        let told = &*plan.notification;
        let of = match told.kind {
            NotificationKind::Firing => self.holder(plan),
            NotificationKind::Resolved => match self.incident_of(told) {
                Some(incident) => incident.ended_by,
                None => return UserOutcome::Untold,
            },
        };
        of.map_or(UserOutcome::Planned, |of| UserOutcome::Duplicate { of })
    }

    fn incident_of(&self, told: &Notification) -> Option<&Incident> {
        self.incidents.get(&(told.incident?, told.user_id.clone()))
    }

    /// The notification of the same or a higher priority that holds the key against this firing.
    fn holder(&self, plan: &UserPlan) -> Option<NotificationId> {
        let told = &*plan.notification;
        let held = self.held.get(&told.dedup_key)?;
        let holds = held.by != told.notification_id
            && plan.at >= held.at
            && plan.at.since(held.at) <= plan.window
            && told.priority <= held.priority;
        holds.then_some(held.by)
    }

    /// Takes the key unless it is held.
    fn begin(&mut self, plan: &UserPlan, now: Timestamp) -> UserOutcome {
        if let Some(of) = self.holder(plan) {
            return UserOutcome::Duplicate { of };
        }
        let told = &*plan.notification;
        let over = now + plan.window;
        let held = Held { by: told.notification_id, priority: told.priority, at: plan.at, over };
        self.held.put(told.dedup_key.clone(), held);
        if let Some(incident) = told.incident {
            let dedup_key = told.dedup_key.clone();
            let begun = Incident { begun_by: told.notification_id, ended_by: None, dedup_key, last: now };
            self.incidents.put((incident, told.user_id.clone()), begun);
        }
        UserOutcome::Planned
    }

    /// Ends an incident that the user was told of, once, and frees the key that its firing holds.
    fn end(&mut self, plan: &UserPlan, now: Timestamp) -> UserOutcome {
        let told = &*plan.notification;
        let key = told.incident.map(|incident| (incident, told.user_id.clone()));
        let Some(incident) = key.and_then(|key| self.incidents.get_mut(&key)) else {
            return UserOutcome::Untold;
        };
        match incident.ended_by {
            Some(of) if of != told.notification_id => return UserOutcome::Duplicate { of },
            _ => incident.ended_by = Some(told.notification_id),
        }
        incident.last = now;
        let (dedup_key, begun_by) = (incident.dedup_key.clone(), incident.begun_by);
        self.free(&dedup_key, begun_by);
        UserOutcome::Planned
    }

    /// Forgets what a user was told by a notification that reached nobody; says whether its key is free by that.
    pub(super) fn take_back(&mut self, told: &Notification) -> bool {
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

    /// Forgets keys whose window was over before this, and incidents that ended before it, at most so many; says how many.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> u64 {
        let keys = self.held.purge(limit, |held| held.over < before);
        let limit = limit.saturating_sub(usize::try_from(keys).unwrap_or(usize::MAX));
        keys + self.incidents.purge(limit, |incident| incident.ended_by.is_some() && incident.last < before)
    }
}
