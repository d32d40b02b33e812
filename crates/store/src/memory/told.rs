//! The notifications in memory: those under way, and the last ones that are over. Whether one may go out is decided by `keys`.

use std::{collections::HashMap, sync::Arc};

use tidings_core::{NotificationId, Timestamp};
use tidings_policy::{Attempt, Leg, Plan, Status, settle};

use super::remembered::Remembered;
use crate::model::{StoredNotification, UserPlan};

/// How many notifications are kept that are over; the oldest go first.
const KEPT: usize = 10_000;

/// A notification of which not all legs have ended.
#[derive(Debug)]
struct Open {
    kept: StoredNotification,
    /// Whether it was told how it stands at its end: a quorum may be reached before the last leg has ended.
    settled: bool,
}

/// All notifications that are known.
#[derive(Debug)]
pub(super) struct Told {
    open: HashMap<NotificationId, Open>,
    over: Remembered<NotificationId, StoredNotification>,
}

impl Default for Told {
    fn default() -> Self {
        Self { open: HashMap::new(), over: Remembered::of(KEPT) }
    }
}

/// How a notification stands after one more of its legs.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) status: Status,
    /// The notification, if this is its end.
    pub(super) ended: Option<StoredNotification>,
}

impl Told {
    pub(super) fn knows(&self, id: NotificationId) -> bool {
        self.open.contains_key(&id) || self.over.get(&id).is_some()
    }

    pub(super) fn get(&self, id: NotificationId) -> Option<&StoredNotification> {
        self.open.get(&id).map(|open| &open.kept).or_else(|| self.over.get(&id))
    }

    pub(super) fn begin(&mut self, plan: &UserPlan, now: Timestamp) {
        let notification = Arc::clone(&plan.notification);
        let id = notification.notification_id;
        let kept = StoredNotification { notification, plan: plan.plan.clone(), attempts: Vec::new(), planned: now };
        self.open.insert(id, Open { kept, settled: false });
    }

    /// A notification that waited goes out by these legs.
    pub(super) fn go_on(&mut self, id: NotificationId, plan: &Plan) {
        if let Some(open) = self.open.get_mut(&id) {
            open.kept.plan = plan.clone();
        }
    }

    /// A notification that waited goes nowhere by itself.
    pub(super) fn close(&mut self, id: NotificationId) {
        let over = self.open.remove(&id);
        over.into_iter().for_each(|over| self.over.put(id, over.kept));
    }

    /// A leg has ended, and another one may stand in for it.
    pub(super) fn end_leg(&mut self, id: NotificationId, attempt: Attempt, instead: Option<Leg>) -> Option<Standing> {
        let open = self.open.get_mut(&id)?;
        open.kept.attempts.push(attempt);
        open.kept.plan.legs.extend(instead);
        self.stand(id)
    }

    /// A notification goes on without a leg; `None` where that was its only one, and it goes nowhere.
    pub(super) fn lose_leg(&mut self, id: NotificationId, channel: &str) -> Option<Standing> {
        let open = self.open.get_mut(&id)?;
        if open.kept.plan.legs.iter().all(|leg| leg.channel == channel) {
            open.kept.plan.legs.clear();
            self.close(id);
            return None;
        }
        open.kept.plan.legs.retain(|leg| leg.channel != channel);
        self.stand(id)
    }

    /// How it stands by now.
    fn stand(&mut self, id: NotificationId) -> Option<Standing> {
        let open = self.open.get_mut(&id)?;
        let status = settle(&open.kept.plan, &open.kept.attempts);
        let ends = status != Status::Pending && !open.settled;
        open.settled |= ends;
        let ended = ends.then(|| open.kept.clone());
        if open.kept.attempts.len() >= open.kept.plan.legs.len() {
            let over = self.open.remove(&id);
            over.into_iter().for_each(|over| self.over.put(id, over.kept));
        }
        Some(Standing { status, ended })
    }

    /// Forgets those that are over and were planned before this, at most so many; says how many.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> u64 {
        self.over.purge(limit, |kept| kept.planned < before)
    }
}
